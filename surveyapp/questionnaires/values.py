"""What an answer is: the one value model of drafts, responses, forms, API and import.

A draft or a response is a mapping from the id of an answerable thing (an item, or a row of a grid)
to its value. Nothing is stored for what was not answered. The value is JSON as it stands.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeGuard

Value = int | float | str | list[str] | dict[str, str]
"""Rating, recommendation, number: a number. Choice: the option's code, or a list of codes. Date: an
ISO string. Text: a string. File: ``{"file", "name", "sha256"}``. "No basis": ``{"escape": code}``, which
no real answer can be."""

Answers = Mapping[str, Value]
Scalar = int | float | str | bool
Fact = Scalar | list[str]
Sources = Mapping[str, Mapping[str, Fact]]
"""Facts an expression may ask for, by source: ``{"contact": {"function": "procurement"}}``.
``{"clock": {"today": "2026-11-22"}}`` is what ``today()`` says."""

NO_SOURCES: Sources = {}
FACTS: Final = {
    "contact": ("side", "function", "influence"),
    "relationship": (
        "product_line",
        "service_team",
        "region",
        "segment",
        "currency",
        "annual_value",
        "renewal_on",
    ),
}
"""What is known of a person's part and of a relationship, by source."""


COMMENT: Final = "comment"
"""What a remark to an item is stored under: ``<item>.comment``."""


def said_id(item_id: str, about: str) -> str:
    """Return the id of words that belong to an answer: a remark, or an option's own line."""
    return f"{item_id}.{about}"


def item_of(answer_id: str) -> str:
    """Return the id the author wrote of the item, or row, that an answer or its words belong to."""
    return re.split("[@.]", answer_id, maxsplit=1)[0]


def escape(code: str) -> dict[str, str]:
    """Make the value that records "no basis to judge"."""
    return {"escape": code}


def file_answer(file_id: str, name: str, sha256: str) -> dict[str, str]:
    """Make the value that names a file: which one, what it is called, and its checksum."""
    return {"file": file_id, "name": name, "sha256": sha256}


def is_file(value: object) -> TypeGuard[dict[str, str]]:
    """Tell whether the value names a file that was handed in."""
    return isinstance(value, dict) and set(value) == {"file", "name", "sha256"}


def is_escape(value: object) -> TypeGuard[dict[str, str]]:
    """Tell whether the value records "no basis": it counts as answered and is never scored."""
    return isinstance(value, dict) and set(value) == {"escape"}
