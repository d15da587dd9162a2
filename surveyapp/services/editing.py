"""Changing something in place: whoever looked at an older state is told, not obeyed."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from surveyapp.errors import Conflict, Invalid, Problem

Fact = str | int | Decimal | date | StrEnum | uuid.UUID | tuple[str, ...] | None


class ChangedMeanwhile(Conflict):
    """Somebody else changed it since the page was opened. Nothing was overwritten."""

    def __init__(self, stored: Mapping[str, Fact], token: str) -> None:
        super().__init__("Somebody else changed this meanwhile. Nothing was overwritten.")
        self.stored = stored
        """What stands there now."""
        self.token = token
        """Whoever has seen that may send this."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a form shows of one thing and writes back; a subclass names the fields."""

    def as_mapping(self) -> dict[str, Fact]:
        """Return the fields by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def token(self) -> str:
        """Return a mark of exactly these values, for the form to send back."""
        plain = {name: as_text(fact) for name, fact in self.as_mapping().items()}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def changes_to(self, wanted: Self) -> dict[str, tuple[Fact, Fact]]:
        """Return what changes on the way to other values: before and after, by field."""
        after = wanted.as_mapping()
        return {
            name: (fact, after[name])
            for name, fact in self.as_mapping().items()
            if as_text(fact) != as_text(after[name])
        }


def changes(stored: Facts, wanted: Facts, *, seen: str) -> dict[str, tuple[Fact, Fact]]:
    """Return what to change, if whoever asks for it has ``seen`` what is stored.

    Raises
    ------
    ChangedMeanwhile
        They looked at older values, and want others than those that stand there now.
    """
    found = stored.changes_to(wanted)
    if found and seen != stored.token:
        raise ChangedMeanwhile(stored.as_mapping(), stored.token)
    return found


def as_text(fact: Fact) -> str:
    """Write a fact in one way only: 125000.00 is 125000."""
    match fact:
        case None:
            return ""
        case Decimal():
            return format(fact.normalize(), "f") if fact else "0"
        case date():
            return fact.isoformat()
        case tuple():
            return ", ".join(fact)
        case _:
            return str(fact)


def on_record(found: Mapping[str, tuple[Fact, Fact]]) -> dict[str, str]:
    """Write changes for the audit trail: each field's new value, and what it was."""
    after = {name: as_text(pair[1]) for name, pair in found.items()}
    return after | {f"{name} was": as_text(pair[0]) for name, pair in found.items()}


def wrong(field: str, message: str) -> Invalid:
    """Say what is wrong with one field."""
    return Invalid(message, [Problem(field, message)])
