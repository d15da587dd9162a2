"""Organisations, relationships, contacts and stakeholders from an owner's files, all or nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from surveyapp.errors import ImportRefused, Problem
from surveyapp.models.programmes import Programme
from surveyapp.services import account_ledgers, audit
from surveyapp.services.account_changes import Changes
from surveyapp.services.account_ledgers import Entry, Fate, Ledger, Ledgers
from surveyapp.services.account_sheets import Record, Sheet, header_problems, read_files, records
from surveyapp.tabular.table import Table

__all__ = ["Counts", "Preview", "Sheet", "commit", "preview", "read_files"]


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


def preview(session: Session, programme: Programme, tables: Mapping[Sheet, Table]) -> Preview:
    """Say what an import would do. Reads only."""
    return _plan(session, programme, tables)[0]


def commit(
    session: Session, programme: Programme, tables: Mapping[Sheet, Table], *, by: str, at: datetime
) -> Preview:
    """Store everything, or nothing and say why. A row that is already there is updated by its key.

    Raises
    ------
    ImportRefused
        With every problem of every file.
    """
    done, ledgers = _plan(session, programme, tables)
    if done.problems:
        raise ImportRefused("Nothing was imported.", done.problems)
    for sheet in Sheet:
        if sheet in tables:
            _store(session, programme, _ledger(ledgers, sheet), at=at)
    counted = {
        f"{sheet} {fate}": getattr(counts, fate)
        for sheet, counts in done.counts.items()
        for fate in ("new", "changed", "unchanged")
    }
    hashes = {f"{sheet} sha256": table.sha256 for sheet, table in tables.items()}
    audit.record(
        session,
        programme,
        "accounts.imported",
        subject=", ".join(tables[sheet].name for sheet in Sheet if sheet in tables),
        by=by,
        at=at,
        **counted,
        **hashes,
    )
    return done


def _plan(
    session: Session, programme: Programme, tables: Mapping[Sheet, Table]
) -> tuple[Preview, Ledgers]:
    problems: list[Problem] = []
    found: dict[Sheet, list[Record]] = {}
    for sheet, table in tables.items():
        problems += header_problems(sheet, table)
        found[sheet], wrong_cells = records(sheet, table)
        problems += wrong_cells
    ledgers = account_ledgers.load(session, programme)
    # without their key columns rows name nothing, and every reference to them would look wrong
    if not any(header_problems(sheet, table) for sheet, table in tables.items()):
        changes = Changes(ledgers)
        changes.enter(found)
        problems += changes.problems
    notices = [notice for table in tables.values() for notice in table.notices]
    counts = {sheet: _counts(_ledger(ledgers, sheet)) for sheet in Sheet if sheet in tables}
    return Preview(_in_reading_order(problems, tables), notices, counts), ledgers


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
    files = [tables[sheet].name for sheet in Sheet if sheet in tables]

    def position(problem: Problem) -> tuple[int, int, int, str]:
        name, _, cell = problem.place.partition("!")
        if not cell:
            return files.index(name.partition(":")[0]), 0, 0, ""
        letters = cell.rstrip("0123456789")
        return files.index(name), int(cell[len(letters) :]), len(letters), letters

    return sorted(problems, key=position)


def _store(session: Session, programme: Programme, ledger: Ledger[Any], *, at: datetime) -> None:
    """Write in bulk: one statement for the new rows, one for the changed ones."""
    new = [
        {"id": entry.id, "programme_id": programme.id, "created_at": at, **entry.values}
        for entry in _with_fate(ledger, Fate.NEW)
    ]
    changed = [{"id": entry.id, **entry.values} for entry in _with_fate(ledger, Fate.CHANGED)]
    if new:
        session.execute(insert(ledger.model), new)
    if changed:
        session.execute(update(ledger.model), changed)


def _with_fate(ledger: Ledger[Any], fate: Fate) -> Iterator[Entry]:
    return (entry for entry in ledger.values() if entry.fate == fate)
