"""``surveyapp kpis``: say which facts count, and load them."""

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import true

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.wave_arguments import DAY, values
from surveyapp.clock import today, utcnow
from surveyapp.errors import ImportRefused, Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.kpis import KpiAggregation, KpiDirection, KpiFamily, KpiUnit
from surveyapp.services import kpi_catalogue, kpi_files, kpi_import, kpi_lists, kpis, programmes
from surveyapp.services.kpi_definitions import KpiFacts
from surveyapp.services.kpi_import import Preview
from surveyapp.services.kpi_words import written
from surveyapp.services.listing import Order

_WORDS = {
    "family": KpiFamily,
    "unit": KpiUnit,
    "direction": KpiDirection,
    "aggregation": KpiAggregation,
}


@click.group("kpis")
def command() -> None:
    """Say which facts count, and load them."""


@command.command("define")
@click.argument("programme")
@click.argument("slug")
@click.option("--name", help="As people read it.")
@click.option("--family", type=values(KpiFamily), help="What it is about.")
@click.option("--unit", type=values(KpiUnit), help="What a value counts.")
@click.option("--currency", help="Three letters; of money only.")
@click.option("--direction", type=values(KpiDirection), help="Which way is better.")
@click.option("--aggregation", type=values(KpiAggregation), help="How periods become one value.")
@click.option("--target", type=float, help="In the unit; a share as 0.95.")
@click.option("--window-days", type=int, help="Periods that ended so many days ago count together.")
@click.option("--half-life-days", type=int, help="After so many days a fact tells half as much.")
@click.option("--source", help="Where the values come from.")
@click.option("--formula", help="Computed from other KPIs, as in: 1 - kpi.on_time")
@click.option("--scored/--shown-only", "is_scored", default=None, help="Whether it informs scores.")
@with_application
def define(programme: str, slug: str, **given: Any) -> None:  # noqa: ANN401 click's options
    """Define the KPI SLUG in PROGRAMME: from the catalogue where it is in there, options winning.

    A KPI that is not in the catalogue needs a name, family, unit, direction and aggregation.
    """
    said = {key: value for key, value in given.items() if value is not None}
    said |= {key: word(said[key]) for key, word in _WORDS.items() if key in said}
    with transaction() as session:
        found = programmes.find(session, programme)
        made = kpis.create(session, found, _facts(slug, said), by=operator(), at=utcnow())
    click.echo(f"kpi.{made.slug} is defined: {made.name}.")


@command.command("list")
@click.argument("programme", required=False)
@click.option("--catalogue", is_flag=True, help="List what is ready to be defined.")
@with_application
def list_(programme: str | None, *, catalogue: bool) -> None:
    """List the KPIs of PROGRAMME with how many relationships have current, stale and no values."""
    if catalogue:
        for slug, ready in kpi_catalogue.catalogue().items():
            click.echo(f"{slug}\t{ready.facts.family}\t{ready.facts.name}: {ready.meaning}")
        return
    if programme is None:
        raise click.UsageError("Name a PROGRAMME, or add --catalogue.")
    found = programmes.find(db.session(), programme)
    lines = kpi_lists.overview(db.session(), found, among=true(), on=today())
    for line in lines:
        newest = line.newest_on or "no data"
        click.echo(
            f"{line.definition.slug}\t{line.current} current, {line.stale} stale,"
            f" {line.silent} without\tnewest {newest}\t{line.definition.name}"
        )
    if not lines:
        click.echo("There is no KPI yet: surveyapp kpis list --catalogue")


@command.command("import")
@click.argument("programme")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, store nothing.")
@with_application
def import_(programme: str, path: Path, *, dry_run: bool) -> None:
    """Import observations into PROGRAMME from a CSV file or a workbook, all or nothing.

    PATH has a row for each value, or a column for each KPI; docs/kpis.md lists the columns.
    """
    try:
        table = kpi_files.read(path.read_bytes(), path.name)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    found = programmes.find(db.session(), programme)
    parsed = kpi_import.parse(db.session(), found, table)
    if dry_run:
        seen = kpi_import.preview(db.session(), found, parsed, at=utcnow())
        _say(seen)
        if seen.problems:
            raise ImportRefused("Nothing would be imported.", seen.problems)
        click.echo("This was a dry run: nothing was stored.")
        return
    with transaction() as session:
        owner = programmes.find(session, programme)
        done = kpi_import.commit(session, owner, parsed, by=operator(), at=utcnow())
    _say(done.preview)
    click.echo(f"Stored as batch {done.batch_id}." if done.batch_id else "Nothing was added.")


@command.command("withdraw")
@click.argument("programme")
@click.argument("batch", type=click.UUID)
@with_application
def withdraw(programme: str, batch: uuid.UUID) -> None:
    """Take the import BATCH out of every reading from now on. Nothing is deleted."""
    with transaction() as session:
        found = programmes.find(session, programme)
        count = kpi_import.withdraw(session, found, batch, by=operator(), at=utcnow())
    click.echo(f"Withdrawn: {count} values of batch {batch}.")


@command.command("show")
@click.argument("programme")
@click.argument("slug")
@click.option("--on", "day", type=DAY, help="The day looked at; today when left out.")
@with_application
def show(programme: str, slug: str, *, day: datetime | None) -> None:
    """Show the KPI SLUG of PROGRAMME and its worst fifty relationships."""
    found, on = programmes.find(db.session(), programme), day.date() if day else today()
    definition = kpis.find(db.session(), found, slug)
    for name, fact in kpis.facts_of(definition).as_mapping().items():
        if fact not in (None, ""):
            click.echo(f"{name.replace('_', ' ')}: {fact}")
    stands = kpi_lists.standing(db.session(), found, definition, among=true(), on=on)
    page, _axis = kpi_lists.rows(db.session(), found, stands, on=on, order=Order("worst"), number=1)
    for row in page.rows:
        if row.reading:
            tags = "".join(
                f", {word}"
                for word, holds in (
                    ("stale", row.reading.is_stale),
                    ("from the organisation", row.reading.is_inherited),
                )
                if holds
            )
            value = written(definition, row.reading.value)
            age = f"{row.reading.age_days} days old"
            click.echo(f"{row.buyer}, {row.supplier}\t{value}\t{age}{tags}")
    silent = sum(row.reading is None for row in page.rows)
    click.echo(f"{page.total} relationships; of these listed {silent} have no value.")


def _facts(slug: str, said: dict[str, Any]) -> KpiFacts:
    ready = kpi_catalogue.catalogue().get(slug)
    if ready is not None:
        return replace(ready.facts, **said)
    missing = [key for key in ("name", *_WORDS) if key not in said]
    if missing:
        listed = ", ".join(f"--{key}" for key in missing)
        raise Invalid(f"The catalogue has no KPI {slug!r}, so it needs: {listed}.")
    return KpiFacts(slug=slug, **said)


def _say(preview: Preview) -> None:
    for notice in preview.notices:
        click.echo(f"Notice: {notice}", err=True)
    for slug in sorted({*preview.new, *preview.corrected, *preview.unchanged}):
        click.echo(
            f"{slug}: {preview.new.get(slug, 0)} new, {preview.corrected.get(slug, 0)} corrected,"
            f" {preview.unchanged.get(slug, 0)} unchanged"
        )
