"""``surveyapp accounts``: load organisations, relationships and people."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.clock import utcnow
from surveyapp.errors import ImportRefused, Invalid
from surveyapp.extensions import db, state, transaction
from surveyapp.services import account_import, import_batches, import_undo, programmes
from surveyapp.services.account_import import Preview, Sheet


@click.group("accounts")
def command() -> None:
    """Load organisations, relationships and people."""


@command.command("import")
@click.argument("programme")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen, store nothing.")
@with_application
def import_(programme: str, paths: tuple[Path, ...], *, dry_run: bool) -> None:
    """Import CSV files or a workbook into PROGRAMME, all or nothing; rows already there are updated.

    PATH is a folder, or files in it, named organisations.csv, relationships.csv, contacts.csv and
    stakeholders.csv; any of the four may be left out. Or PATH is a workbook (.xlsx) whose sheets
    have these names. docs/start.md lists their columns.
    """
    files = {path.name: _bytes(path) for path in _files(paths)}
    parsed = account_import.parse(account_import.read_files(files))
    if dry_run:
        seen = account_import.preview(
            db.session(), programmes.find(db.session(), programme), parsed
        )
        _say(seen)
        if seen.problems:
            raise ImportRefused("Nothing would be imported.", seen.problems)
        click.echo("This was a dry run: nothing was stored.")
        return
    for data in files.values():
        state().store.put(data)
    found = programmes.find(db.session(), programme)
    planned = account_import.plan(db.session(), found, parsed)
    with transaction() as session:
        done = account_import.commit(
            session, found, parsed, planned=planned, by=operator(), at=utcnow()
        )
    _say(done)


@command.command("undo")
@click.argument("programme")
@click.argument("batch", required=False, type=click.UUID)
@with_application
def undo(programme: str, batch: uuid.UUID | None) -> None:
    """Undo the last import into PROGRAMME, or the one whose number is BATCH.

    Its new rows are deleted and its changed values return. When one of them was changed since or
    is in use, nothing is undone and every reason is listed. The address of an import's page ends
    with its number.
    """
    with transaction() as session:
        found = programmes.find(session, programme)
        batch_id = batch or import_batches.newest(session, found).id
        done = import_undo.undo(session, found, batch_id, by=operator(), at=utcnow())
    click.echo(f"Undone: import {batch_id}")
    for sheet in Sheet:
        click.echo(f"{sheet}: {done.deleted[sheet]} deleted, {done.restored[sheet]} restored")


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return the files named, and of a folder the sheets it holds."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _sheets_in(path)
        else:
            files.append(path)
    if not files:
        names = ", ".join(f"{sheet}.csv" for sheet in Sheet)
        raise Invalid(
            f"There is nothing to import in {paths[0]}. Expected there: {names}; or name a workbook (.xlsx)."
        )
    names_seen = [path.name for path in files]
    doubled = sorted({name for name in names_seen if names_seen.count(name) > 1})
    if doubled:
        raise Invalid(f"{doubled[0]} is given twice. Import one folder at a time.")
    return files


def _sheets_in(folder: Path) -> list[Path]:
    """Return the sheets of a folder, a broken link included. Raises Invalid for Contacts.CSV."""
    expected = [f"{sheet}.csv" for sheet in Sheet]
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise Invalid(f"{folder} cannot be read: {error.strerror}.") from error
    for name in names:
        if name.lower() in expected and name not in expected:
            raise Invalid(f"{folder / name} must be called {name.lower()}. Rename it.")
    return [folder / name for name in expected if name in names]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error


def _say(preview: Preview) -> None:
    for notice in preview.notices:
        click.echo(f"Notice: {notice}", err=True)
    for sheet, counts in preview.counts.items():
        click.echo(
            f"{sheet}: {counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged"
        )
