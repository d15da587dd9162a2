"""What a member's pages say of single people: each person's own words, with what names them taken out."""

import csv
import io
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Protocol

from flask import Flask

from surveyapp.models.people import Role
from tests.web.console_world import sign_in

_PAGES = ("/p/kestrin/people/{id}",)
_NOISE = re.compile(r"<script.*?</script>|<[^>]+>|[0-9a-f]{8}-[0-9a-f-]{27}|\d+", re.DOTALL)


class Known(Protocol):
    """Somebody the attacker knows by name."""

    @property
    def name(self) -> str:
        """As pages call them."""

    @property
    def contact_id(self) -> uuid.UUID:
        """As addresses call them."""


def said_of_people(
    app: Flask, people: Sequence[Known]
) -> Iterator[tuple[str, Sequence[set[uuid.UUID]]]]:
    """Return for each role and page the groups of people of whom it says the same."""
    for role in Role:
        client = sign_in(app, "kestrin", role=role)
        for page in _PAGES:
            said: defaultdict[str, set[uuid.UUID]] = defaultdict(set)
            for person in people:
                answer = client.get(page.format(id=person.contact_id))
                said[_plain(answer.text, person.name)].add(person.contact_id)
            yield f"{role.value} ({page})", list(said.values())
        export = client.get("/p/kestrin/waves/autumn/people.csv")
        if export.status_code == 200:
            yield f"{role.value} (people.csv)", _of_export(export.text, people)


def _of_export(text: str, people: Sequence[Known]) -> list[set[uuid.UUID]]:
    ids = {person.name: person.contact_id for person in people}
    said: defaultdict[str, set[uuid.UUID]] = defaultdict(set)
    for row in csv.reader(io.StringIO(text)):
        for name in set(row) & ids.keys():
            said[_plain(" ".join(row), name)].add(ids[name])
    return list(said.values())


def _plain(text: str, name: str) -> str:
    """Take out what names somebody, and all numbers: those of the page, tokens and dates."""
    plain = text.replace(name, "").replace(name.replace(" ", ".").lower(), "")
    return " ".join(_NOISE.sub(" ", plain).split())
