"""What respondents of the safety programs say: an answer to every kind of item, told apart by a number."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from surveyapp.extensions import reading, state
from surveyapp.services import uploads
from surveyapp.services.assignments import find

SECTIONS: Final = ("promises", "choices", "facts", "own_words")
"""Sections of ``tests/questionnaires/all-together`` that are always asked."""
FILE_ITEM: Final = "certificate"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is filled in, and what must be stored of it."""

    typed: dict[str, str | list[str]]
    stored: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


def page(section: str, number: int) -> Page:
    """Return the n-th way to fill in a section."""
    match section:
        case "promises":
            return _promises(number)
        case "choices":
            return _choices(number)
        case "facts":
            return _facts(number)
        case _:
            words = {"change_first": f"Words {number}"}
            return Page(dict(words), dict(words))


def without_ids(stored: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a file is called inside: it is made anew whenever one arrives."""
    return {
        key: {name: each for name, each in value.items() if name != "file"}
        if isinstance(value, dict) and "file" in value
        else value
        for key, value in stored.items()
    }


def is_stored(stands: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Tell whether these answers stand in a draft or response, whatever else does."""
    found = without_ids(stands)
    return all(found.get(key) == value for key, value in wanted.items())


def has_bytes(slug: str, stands: dict[str, Any]) -> bool:
    """Tell whether the file an answer names lies in the store, unchanged. Raises Invalid if changed."""
    with reading() as session:
        assignment_id = find(session, slug).id
    place = uploads.place(state().store, assignment_id)
    return bool(place.get(stands[FILE_ITEM]["sha256"]))


def _promises(number: int) -> Page:
    point, other = number % 4 + 4, number % 7 + 1
    remark = f"Remark {number}"
    typed = {"delivers": str(point), "fast": str(other), "clear": "nb"}
    return Page(
        {**typed, "delivers.comment": remark},
        {"delivers": point, "fast": other, "clear": {"escape": "nb"}, "delivers.comment": remark},
    )


def _choices(number: int) -> Page:
    order = [("price", "speed"), ("speed", "advice"), ("advice", "price")][number % 3]
    said = {"channel": "other", "channel.other": f"Way {number}"}
    assured = {"backups": "na", "backups.na": f"Reason {number}"}
    return Page(
        {
            **said,
            **assured,
            "recommend": str(number % 9),
            "matters": [f"{place}:{code}" for place, code in enumerate(order, 1)],
            "sites": ["elsewhere"],
            "sites.elsewhere": f"Place {number}",
        },
        {
            **said,
            **assured,
            "recommend": number % 9,
            "matters": list(order),
            "sites": ["elsewhere"],
            "sites.elsewhere": f"Place {number}",
        },
    )


def _facts(number: int) -> Page:
    content = b"%%PDF-1.7 of %d" % number
    sha256 = hashlib.sha256(content).hexdigest()
    since = f"20{number % 20:02}-02-28"
    return Page(
        {"spend": f"{number},5", "with_them": "0", "since": since, "role": f"Role {number}"},
        {
            "spend": number + 0.5,
            "with_them": 0,
            "since": since,
            "role": f"Role {number}",
            FILE_ITEM: {"name": f"{FILE_ITEM}.pdf", "sha256": sha256},
        },
        {FILE_ITEM: content},
    )
