"""One import on the pages, from the upload to the last step: choose, check, commit, discard."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused, Invalid, NotFound, Problem
from surveyapp.models.imports import ImportBatch, ImportState
from surveyapp.models.programmes import Programme
from surveyapp.services import account_import, audit, import_columns, import_files, listing
from surveyapp.services.account_import import Parsed, Planned, Preview, Sheet
from surveyapp.services.listing import Order, Page
from surveyapp.storage import Store


def create(
    session: Session, programme: Programme, files: list[dict[str, Any]], *, by: str, at: datetime
) -> ImportBatch:
    """Begin an import with files that ``import_files.receive`` kept."""
    batch = ImportBatch(programme_id=programme.id, files=files, by=by, created_at=at)
    session.add(batch)
    session.flush()
    return batch


def find(session: Session, programme: Programme, batch_id: uuid.UUID) -> ImportBatch:
    """Return an import of this programme. Raises NotFound."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.programme_id != programme.id:
        raise NotFound("There is no such import.")
    return batch


def listed(session: Session, programme: Programme, *, number: int) -> Page[ImportBatch]:
    """Return one page of the imports, newest first; what was discarded is left out."""
    page = listing.paged(
        session,
        select(ImportBatch).where(
            ImportBatch.programme_id == programme.id, ImportBatch.state != ImportState.DISCARDED
        ),
        columns={"started": ImportBatch.created_at},
        order=Order("started", is_descending=True),
        number=number,
        tie=ImportBatch.id,
    )
    return page.with_rows([row[0] for row in page.rows])


def newest(session: Session, programme: Programme) -> ImportBatch:
    """Return the import that was committed last and not undone. Raises NotFound."""
    batch = session.scalars(
        select(ImportBatch)
        .where(ImportBatch.programme_id == programme.id, ImportBatch.state == ImportState.COMMITTED)
        .order_by(ImportBatch.committed_at.desc())
        .limit(1)
    ).first()
    if batch is None:
        raise NotFound("There is no import that could be undone.")
    return batch


def choose_sheets(session: Session, batch: ImportBatch, sheets: Sequence[str]) -> None:
    """Say for each part, in their order, what it is about; an empty word leaves it out.

    Raises
    ------
    Conflict
        The import is not open any more.
    Invalid
        Nothing is left, two parts are the same, or a part that cannot be read was chosen.
    """
    require_open(batch)
    parts = import_files.parts_of(batch)
    chosen = [sheet for sheet in sheets if sheet]
    if len(sheets) != len(parts) or not set(chosen) <= set(Sheet):
        raise Invalid("Load the page again and choose what each table is.")
    if not chosen:
        raise Invalid("Choose at least one table to import.")
    doubled = next((sheet for sheet in chosen if chosen.count(sheet) > 1), None)
    if doubled:
        raise Invalid(
            f"Two tables are marked as {doubled}. Leave one out, and import it on its own later."
        )
    unread = [
        part["name"]
        for part, sheet in zip(parts, sheets, strict=True)
        if sheet and not part["rows"]
    ]
    if unread:
        raise Invalid(f"{unread[0]} cannot be read. Leave it out, or mend it and upload it again.")
    remaining = iter(sheets)
    batch.files = [
        {**file, "parts": [{**part, "sheet": next(remaining)} for part in file["parts"]]}
        for file in batch.files
    ]
    batch.mapping = {}
    session.flush()


def columns_of(
    session: Session, programme: Programme, batch: ImportBatch
) -> dict[Sheet, Mapping[str, str]]:
    """Return the headings chosen for our columns or, before that, the best guess."""
    known = import_columns.remembered(session, programme)
    return {
        sheet: batch.mapping.get(sheet.value)
        or import_columns.guess_columns(sheet, part["headings"], known.get(sheet, {}))
        for sheet, part in import_files.chosen_parts(batch).items()
    }


def choose_columns(
    session: Session,
    programme: Programme,
    batch: ImportBatch,
    columns: Mapping[Sheet, Mapping[str, str]],
    *,
    at: datetime,
) -> None:
    """Say which heading stands for which of our columns, and remember it for the next time.

    Raises Conflict when the import is not open any more.
    """
    require_open(batch)
    batch.mapping = {sheet.value: dict(chosen) for sheet, chosen in columns.items()}
    for sheet, part in import_files.chosen_parts(batch).items():
        headings = part["headings"]
        chosen = columns.get(sheet, {})
        import_columns.remember(session, programme, sheet, headings=headings, columns=chosen, at=at)
    session.flush()


def is_mapped(batch: ImportBatch) -> bool:
    """Tell whether the columns of every chosen table were looked at."""
    chosen = import_files.chosen_parts(batch)
    return bool(chosen) and all(sheet.value in batch.mapping for sheet in chosen)


def parse(store: Store, batch: ImportBatch) -> Parsed:
    """Read the chosen tables. Needs no database, so it is called before any transaction."""
    return account_import.parse(import_files.tables_of(store, batch))


def preview(session: Session, programme: Programme, parsed: Parsed) -> Preview:
    """Say what the import would do. Reads only."""
    return account_import.preview(session, programme, parsed)


def commit(
    session: Session,
    programme: Programme,
    seen: ImportBatch,
    parsed: Parsed,
    *,
    planned: Planned | None = None,
    by: str,
    at: datetime,
) -> Preview:
    """Store everything or nothing, the check repeated, once however often it is asked for.

    ``seen`` is the import as it was when its tables were parsed.

    Raises
    ------
    Conflict
        It is committed or discarded already, or somebody changed the same rows at this moment.
    ImportRefused
        What was fine when it was checked is not any more; with every problem.
    """
    audit.take_turn(session, programme.id)
    taken = session.scalars(
        update(ImportBatch)
        .where(ImportBatch.id == seen.id, ImportBatch.state == ImportState.UPLOADED)
        .values(state=ImportState.COMMITTED, committed_at=at)
        .returning(ImportBatch.id)
    ).first()
    if taken is None:
        raise Conflict("This import is done or discarded already.")
    batch = find(session, programme, seen.id)
    if (batch.files, batch.mapping) != (seen.files, seen.mapping) or not is_mapped(batch):
        raise Conflict("Somebody chose other tables or columns meanwhile. Check the import again.")
    try:
        return account_import.commit(
            session, programme, parsed, by=by, at=at, batch=batch, planned=planned
        )
    except IntegrityError as error:
        message = "Somebody changed the same accounts at this moment. Nothing was imported."
        raise ImportRefused(message, [Problem("accounts", f"{message} Check again.")]) from error


def discard(
    session: Session, programme: Programme, batch: ImportBatch, *, by: str, at: datetime
) -> None:
    """Put an import away that was not committed. Raises Conflict."""
    require_open(batch)
    batch.state = ImportState.DISCARDED
    audit.record(
        session, programme, "accounts.import discarded", subject=str(batch.id), by=by, at=at
    )


def require_open(batch: ImportBatch) -> None:
    """Refuse to change an import that is over. Raises Conflict."""
    if batch.state != ImportState.UPLOADED:
        raise Conflict(f"This import is {batch.state.value}; its steps cannot be changed any more.")
