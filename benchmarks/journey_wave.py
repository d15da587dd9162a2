"""A wave that many people answer whole: who is asked about whom, what they type, and what must stand then."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import select

from benchmarks.stage import Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.responses import DraftAnswer, Response
from surveyapp.questionnaires import answers, catalogue, rules
from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.services import links, wave_launches, waves
from tests import factories

RELATIONSHIPS: Final = 8
VARIANTS: Final = 7
"""Sheets of answers that differ, so that an answer in the wrong place shows."""
QUESTIONNAIRE: Final = catalogue.find("relationship-core")
_SUPPLIER: Final = "Kestrin"


@dataclass(frozen=True, slots=True)
class Person:
    """One contact's way in, and which sheet of answers they give."""

    link: str
    slug: str
    variant: int


def open_for(people: int) -> list[Person]:
    """Open a wave to so many people, spread over the relationships, through the product's services."""
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, at=at)
        supplier = factories.make_organisation(session, programme, _SUPPLIER, at=at)
        pairs = []
        for number in range(RELATIONSHIPS):
            buyer = factories.make_organisation(session, programme, f"Buyer {number}", at=at)
            pairs.append((buyer, factories.make_relationship(session, buyer, supplier, at=at)))
        for number in range(people):
            buyer, relationship = pairs[number % RELATIONSHIPS]
            contact = factories.make_contact(session, buyer, f"Person {number}", at=at)
            factories.make_part(session, contact, relationship, at=at)
        wave = factories.make_wave(session, programme, QUESTIONNAIRE, at=at)
        waves.launch(session, wave, by="benchmark", at=at)
    key = state().settings.link_key
    wave_launches.invite_all(
        reading, transaction, wave.id, link_key=key, now=utcnow, progress=lambda *_: None
    )
    with reading() as session:
        found = session.execute(
            select(Invitation.id, Invitation.generation, Assignment.slug)
            .join(Assignment, Assignment.invitation_id == Invitation.id)
            .order_by(Assignment.slug)
        ).all()
    return [
        Person(
            f"/r/{links.token_for(row.id, row.generation, link_key=key)}",
            row.slug,
            number % VARIANTS,
        )
        for number, row in enumerate(found)
    ]


def typed(variant: int) -> dict[str, Value]:
    """Return what somebody with this sheet types, by answer; low points bring further questions up."""
    return {
        unit.id: _typed(unit, number + variant)
        for number, unit in enumerate(answers.units(QUESTIONNAIRE).values())
    }


def _typed(unit: Unit, number: int) -> Value:
    if unit.points:
        return unit.points[number % len(unit.points)]
    if unit.options:
        return unit.options[number % len(unit.options)].code
    return f"Words {number} äß €"


def forms(variant: int) -> dict[str, str]:
    """Return the body of each section's form; a browser sends what its page asks for, and no more counts."""
    given = typed(variant)
    return {
        section.id: urlencode(
            {f"q_{name}": given[name] for item in section.items for name in item.answer_ids}
        )
        for section in QUESTIONNAIRE.sections
    }


def answer(on: Stage, people: list[Person], *, clients: int) -> dict[str, Any]:
    """Let so many at once answer whole, from a process of their own; return what it says.

    Raises
    ------
    RuntimeError
        Somebody got a page they must not get.
    """
    asked = {
        "port": on.port,
        "clients": clients,
        "journeys": [{"link": each.link, "variant": each.variant} for each in people],
        "forms": [forms(variant) for variant in range(VARIANTS)],
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.respondents"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    if said["wrong"]:
        raise RuntimeError("\n".join([*said["wrong"][:5], on.last_words()]))
    return said


def lost(people: list[Person]) -> list[str]:
    """Read all answers back; name each assignment whose draft or document is not what was typed."""
    expected = [rules.path(QUESTIONNAIRE, typed(variant)).answers for variant in range(VARIANTS)]
    with reading() as session:
        drafts: dict[str, dict[str, Value]] = {}
        for slug, item_id, value in session.execute(
            select(Assignment.slug, DraftAnswer.item_id, DraftAnswer.value).join(
                Assignment, Assignment.id == DraftAnswer.assignment_id
            )
        ):
            drafts.setdefault(slug, {})[item_id] = value
        documents: dict[str, list[str]] = {}
        for slug, document in session.execute(
            select(Assignment.slug, Response.answers_json).join(
                Assignment, Assignment.id == Response.assignment_id
            )
        ):
            documents.setdefault(slug, []).append(document)
    return [
        person.slug
        for person in people
        if drafts.get(person.slug) != expected[person.variant]
        or [json.loads(each) for each in documents.get(person.slug, [])]
        != [expected[person.variant]]
    ]
