"""What imports changed, written down so that it can be undone."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.imports import ImportBatch, ImportChange
from surveyapp.services.account_ledgers import Entry, Fate, Stored
from surveyapp.services.account_sheets import Sheet

MODELS: Mapping[Sheet, type[Base]] = {
    Sheet.ORGANISATIONS: Organisation,
    Sheet.RELATIONSHIPS: Relationship,
    Sheet.CONTACTS: Contact,
    Sheet.STAKEHOLDERS: Stakeholder,
}
_CHUNK = 5_000


def write(session: Session, batch: ImportBatch, sheet: Sheet, entries: Iterable[Entry]) -> None:
    """Note what became of each row that is new or changed."""
    changes = (
        {
            "id": uuid.uuid4(),
            "programme_id": batch.programme_id,
            "batch_id": batch.id,
            "sheet": sheet.value,
            "row_id": entry.id,
            **_values(entry),
        }
        for entry in entries
    )
    while chunk := list(islice(changes, _CHUNK)):
        # a new row has no "before" at all: None would be stored as JSON's null
        for part in (
            [each for each in chunk if "before" not in each],
            [each for each in chunk if "before" in each],
        ):
            if part:
                session.execute(insert(cast("Table", ImportChange.__table__)), part)


def plain(values: Mapping[str, Stored]) -> dict[str, str | None]:
    """Write values as JSON keeps them: equal values are equal texts."""
    return {name: _plain(value) for name, value in values.items()}


def stored(model: type[Base], values: Mapping[str, Any]) -> dict[str, Stored]:
    """Return the values that ``plain`` wrote."""
    columns = model.__table__.c
    return {name: _stored(columns[name].type.python_type, text) for name, text in values.items()}


def _values(entry: Entry) -> dict[str, dict[str, str | None]]:
    if entry.fate == Fate.NEW:
        return {"after": plain(entry.values)}
    after = {name: entry.values[name] for name in entry.before}
    return {"before": plain(entry.before), "after": plain(after)}


def _plain(value: Stored) -> str | None:
    match value:
        case None:
            return None
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case _:
            return str(value)


def _stored(kind: type, text: str | None) -> Stored:
    if text is None:
        return None
    if kind is date:
        return date.fromisoformat(text)
    value: Stored = kind(text)
    return value
