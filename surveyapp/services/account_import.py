"""Organisations, relationships, contacts and stakeholders from an owner's files, all or nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from surveyapp.errors import ImportRefused, Problem
from surveyapp.models.imports import ImportBatch, ImportState
from surveyapp.models.programmes import Programme
from surveyapp.services import account_journal, account_ledgers, account_samples, audit
from surveyapp.services.account_changes import Changes
from surveyapp.services.account_files import read_files
from surveyapp.services.account_ledgers import Fate, Ledger, Ledgers
from surveyapp.services.account_samples import Change
from surveyapp.services.account_sheets import Record, Sheet, header_problems, records
from surveyapp.tabular.table import Table

__all__ = [
    "Counts",
    "Parsed",
    "Preview",
    "Sheet",
    "commit",
    "parse",
    "plan",
    "preview",
    "read_files",
]
_SAMPLE = 10
_SUBJECT = 200
"""Letters of the audit trail's subject."""
_CELL = re.compile(r"!([A-Z]+)(\d+)\Z")


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import does to the rows of one kind."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, or why it will not."""

    problems: list[Problem]
    notices: list[str]
    counts: Mapping[Sheet, Counts]
    """Of the kinds that were handed in; what would be stored once the problems are mended."""
    changes: Mapping[Sheet, list[Change]] = field(default_factory=dict)
    """Some of the values that would be replaced."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would do to the accounts as they stood after so many audit events."""

    preview: Preview
    ledgers: Ledgers
    as_of: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """Tables whose cells were looked at, so that nothing slow is left to do while others wait."""

    tables: Mapping[Sheet, Table]
    records: Mapping[Sheet, list[Record]]
    problems: list[Problem]
    has_every_column: bool
    """Without their key columns rows name nothing, and every reference to them would look wrong."""


def parse(tables: Mapping[Sheet, Table]) -> Parsed:
    """Read every cell; needs no database."""
    problems: list[Problem] = []
    found: dict[Sheet, list[Record]] = {}
    for sheet, table in tables.items():
        problems += header_problems(sheet, table)
    has_every_column = not problems
    for sheet, table in tables.items():
        found[sheet], wrong_cells = records(sheet, table)
        problems += wrong_cells
    return Parsed(tables, found, problems, has_every_column)


def preview(
    session: Session, programme: Programme, tables: Mapping[Sheet, Table] | Parsed
) -> Preview:
    """Say what an import would do. Reads only."""
    return _plan(session, programme, _parsed(tables))[0]


def commit(
    session: Session,
    programme: Programme,
    tables: Mapping[Sheet, Table] | Parsed,
    *,
    by: str,
    at: datetime,
    batch: ImportBatch | None = None,
    planned: Planned | None = None,
) -> Preview:
    """Store everything, or nothing and say why. A row that is already there is updated by its key.

    What was planned before the transaction began is used unless anything was changed since: the
    planning takes longer than the writing, and others wait only for the writing.

    What was made and changed is noted with the batch, so that it can be undone. A batch must be
    taken into the state ``committed`` by the caller; without one it is made here.

    Raises
    ------
    ImportRefused
        With every problem of every file.
    """
    parsed = _parsed(tables)
    audit.take_turn(session, programme.id)  # so that of two imports the second sees the first
    if planned is None or planned.as_of != audit.last_number(session, programme):
        planned = plan(session, programme, parsed)
    done, ledgers = planned.preview, planned.ledgers
    if done.problems:
        raise ImportRefused("Nothing was imported.", done.problems)
    batch = batch or _new_batch(session, programme, parsed, by=by, at=at)
    batch.counts = {
        sheet.value: {"new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged}
        for sheet, counts in done.counts.items()
    }
    session.flush()
    for sheet in Sheet:
        if sheet in parsed.tables:
            _store(session, batch, sheet, _ledger(ledgers, sheet), at=at)
    _record(session, programme, batch, parsed, done, by=by, at=at)
    return done


def plan(session: Session, programme: Programme, tables: Mapping[Sheet, Table] | Parsed) -> Planned:
    """Work out what an import would do, while others go on writing. Reads only."""
    as_of = audit.last_number(session, programme)
    seen, ledgers = _plan(session, programme, _parsed(tables))
    return Planned(seen, ledgers, as_of)


def _parsed(tables: Mapping[Sheet, Table] | Parsed) -> Parsed:
    return tables if isinstance(tables, Parsed) else parse(tables)


def _plan(session: Session, programme: Programme, parsed: Parsed) -> tuple[Preview, Ledgers]:
    problems = list(parsed.problems)
    ledgers = account_ledgers.load(session, programme)
    if parsed.has_every_column:
        changes = Changes(ledgers)
        changes.enter(parsed.records)
        problems += changes.problems
    tables = parsed.tables
    handed_in = [sheet for sheet in Sheet if sheet in tables]
    seen = Preview(
        _in_reading_order(problems, tables),
        [notice for table in tables.values() for notice in table.notices],
        {sheet: _counts(_ledger(ledgers, sheet)) for sheet in handed_in},
        {
            sheet: account_samples.sample(ledgers, sheet, most=_SAMPLE)
            for sheet in handed_in
            if not problems
        },
    )
    return seen, ledgers


def _ledger(ledgers: Ledgers, sheet: Sheet) -> Ledger[Any]:
    found: Ledger[Any] = getattr(ledgers, sheet)
    return found


def _counts(ledger: Ledger[Any]) -> Counts:
    return Counts(
        new=ledger.count(Fate.NEW),
        changed=ledger.count(Fate.CHANGED),
        unchanged=ledger.count(Fate.UNCHANGED),
    )


def _in_reading_order(problems: list[Problem], tables: Mapping[Sheet, Table]) -> list[Problem]:
    """File by file, row by row, as somebody mends them."""
    names = [tables[sheet].name for sheet in Sheet if sheet in tables]
    # one file's name may begin with another's
    longest_first = sorted(range(len(names)), key=lambda index: -len(names[index]))

    def position(problem: Problem) -> tuple[int, int, int, str]:
        place = problem.place
        index = next((i for i in longest_first if place.startswith(names[i])), len(names))
        cell = _CELL.search(place)
        if cell is None:
            return index, 0, 0, ""
        return index, int(cell[2]), len(cell[1]), cell[1]

    return sorted(problems, key=position)


def _new_batch(
    session: Session, programme: Programme, parsed: Parsed, *, by: str, at: datetime
) -> ImportBatch:
    """Make the batch of an import that was handed in whole, not step by step on the pages."""
    batch = ImportBatch(
        programme_id=programme.id,
        state=ImportState.COMMITTED,
        files=[
            {
                "name": table.name,
                "sha256": table.sha256,
                "parts": [{"name": table.name, "sheet": sheet.value, "rows": len(table.rows)}],
            }
            for sheet, table in parsed.tables.items()
        ],
        by=by,
        created_at=at,
        committed_at=at,
    )
    session.add(batch)
    return batch


def _store(
    session: Session, batch: ImportBatch, sheet: Sheet, ledger: Ledger[Any], *, at: datetime
) -> None:
    """Write in bulk: the new rows, the changed values, and what they were."""
    new = [entry for entry in ledger.values() if entry.fate == Fate.NEW]
    changed = [entry for entry in ledger.values() if entry.fate == Fate.CHANGED]
    if new:
        common = {"programme_id": batch.programme_id, "created_at": at}
        session.execute(
            # the table, not the model: a third less time in which others wait
            insert(cast("SqlTable", ledger.model.__table__)),
            [{"id": entry.id, **common, **entry.values} for entry in new],
        )
    if changed:
        session.execute(
            update(ledger.model), [{"id": entry.id, **entry.values} for entry in changed]
        )
    account_journal.write(session, batch, sheet, [*new, *changed])


def _record(
    session: Session,
    programme: Programme,
    batch: ImportBatch,
    parsed: Parsed,
    done: Preview,
    *,
    by: str,
    at: datetime,
) -> None:
    counted = {
        f"{sheet} {fate}": getattr(counts, fate)
        for sheet, counts in done.counts.items()
        for fate in ("new", "changed", "unchanged")
    }
    files = ", ".join(parsed.tables[sheet].name for sheet in Sheet if sheet in parsed.tables)
    hashes = {f"{sheet} sha256": table.sha256 for sheet, table in parsed.tables.items()}
    audit.record(
        session,
        programme,
        "accounts.imported",
        subject=files[:_SUBJECT],
        by=by,
        at=at,
        batch=str(batch.id),
        **counted,
        **hashes,
    )
