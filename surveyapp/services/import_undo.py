"""Taking an import back: its new rows go, its changed values return; as a whole or not at all."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused, Problem
from surveyapp.models.imports import ImportBatch, ImportChange, ImportState
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, import_batches, import_hindrances
from surveyapp.services.account_journal import MODELS, stored
from surveyapp.services.account_sheets import Sheet

_ORDER = tuple(reversed(Sheet))
"""What refers to others goes first."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoing would do, or why it cannot be done."""

    deleted: Mapping[Sheet, int]
    restored: Mapping[Sheet, int]
    reasons: list[Problem]
    """Each names a row, and what became of it since. Not one row is undone while there are any."""


def look(session: Session, batch: ImportBatch) -> Undo:
    """Say what undoing an import would do. Reads only. Raises Conflict when it is not committed."""
    if batch.committed_at is None:
        raise Conflict(f"This import is {batch.state.value}; only a committed one can be undone.")
    changes = {sheet: list(session.execute(_changes(batch, sheet))) for sheet in Sheet}
    return Undo(
        {sheet: sum(before is None for _, before in rows) for sheet, rows in changes.items()},
        {sheet: sum(before is not None for _, before in rows) for sheet, rows in changes.items()},
        import_hindrances.of(session, batch),
    )


def undo(
    session: Session, programme: Programme, batch_id: uuid.UUID, *, by: str, at: datetime
) -> Undo:
    """Delete what the import made and restore what it changed, if nothing was built on it since.

    Raises
    ------
    Conflict
        It is not committed, or undone already.
    ImportRefused
        Rows were changed since or are in use; with every reason. Nothing was undone.
    """
    audit.take_turn(session, programme.id)
    taken = session.scalars(
        update(ImportBatch)
        .where(
            ImportBatch.id == batch_id,
            ImportBatch.programme_id == programme.id,
            ImportBatch.state == ImportState.COMMITTED,
        )
        .values(state=ImportState.UNDONE, undone_at=at)
        .returning(ImportBatch.id)
    ).first()
    batch = import_batches.find(session, programme, batch_id)
    if taken is None:
        raise Conflict(f"This import is {batch.state.value}; only a committed one can be undone.")
    seen = look(session, batch)
    if seen.reasons:
        raise ImportRefused("Nothing was undone.", seen.reasons)
    try:
        _take_back(session, batch)
    except IntegrityError as error:
        message = "What it changed is built upon by now: the old values fit no more."
        raise ImportRefused("Nothing was undone.", [Problem("accounts", message)]) from error
    _record(session, programme, batch, seen, by=by, at=at)
    return seen


def _changes(batch: ImportBatch, sheet: Sheet) -> Select[uuid.UUID, dict[str, Any] | None]:
    return select(ImportChange.row_id, ImportChange.before).where(
        ImportChange.batch_id == batch.id, ImportChange.sheet == sheet.value
    )


def _take_back(session: Session, batch: ImportBatch) -> None:
    for sheet in _ORDER:
        model = MODELS[sheet]
        for values in _by_columns(session, batch, sheet):
            session.execute(update(model), values)
    for sheet in _ORDER:
        model = MODELS[sheet]
        new = import_hindrances.new_rows(batch, sheet)
        session.execute(
            delete(model)
            .where(model.__table__.c.id.in_(new))
            .execution_options(synchronize_session=False)
        )


def _by_columns(
    session: Session, batch: ImportBatch, sheet: Sheet
) -> Iterator[list[dict[str, Any]]]:
    """Gather the rows in which the same columns return, so that each group is one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, before in session.execute(_changes(batch, sheet)):
        if before is not None:
            values = stored(MODELS[sheet], before)
            groups.setdefault(tuple(sorted(before)), []).append({"id": row_id, **values})
    yield from groups.values()


def _record(
    session: Session,
    programme: Programme,
    batch: ImportBatch,
    done: Undo,
    *,
    by: str,
    at: datetime,
) -> None:
    counted = {f"{sheet} deleted": count for sheet, count in done.deleted.items() if count}
    counted |= {f"{sheet} restored": count for sheet, count in done.restored.items() if count}
    audit.record(
        session,
        programme,
        "accounts.import undone",
        subject=str(batch.id),
        by=by,
        at=at,
        **counted,
    )
