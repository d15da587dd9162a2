"""``surveyapp references``: the reference sets that scores are read against."""

from pathlib import Path

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.services import programmes, reference_sets


@click.group("references")
def command() -> None:
    """See, import and retire what scores are read against."""


@command.command("list")
@click.argument("programme")
@with_application
def list_(programme: str) -> None:
    """List the reference sets of PROGRAMME: origin, size, what it tells, whether it is in force."""
    found = reference_sets.lines(db.session(), programmes.find(db.session(), programme))
    for line in found:
        each = line.reference
        state = "retired" if line.is_retired else "in force" if line.is_in_force else "older"
        click.echo(
            f"{each.name}\t{each.view}\t{each.origin} {line.wave_name}".rstrip()
            + f"\t{each.relationships} relationships, tells {line.tells}"
            f"\tfrozen {each.content['frozen_on']}\t{state}"
        )
    if not found:
        click.echo(
            "There is none yet: scores are read against assumed-1 until a wave has 30 relationships."
        )


@command.command("show")
@click.argument("programme")
@click.argument("name")
@with_application
def show(programme: str, name: str) -> None:
    """Show the mean, spread and reliability of each dimension of the set NAME."""
    found = reference_sets.find(db.session(), programmes.find(db.session(), programme), name)
    for each in found:
        click.echo(f"{each.name}, {each.view}: {each.origin}, {each.relationships} relationships")
        click.echo(f"frozen {each.content['frozen_on']} by {each.by}, content {each.content_hash}")
        if each.retired_at:
            click.echo(f"retired {each.retired_at:%Y-%m-%d}")
        for row in reference_sets.dimensions(each):
            click.echo(
                f"  {row.dimension}\tmean {row.mean:.1f}\tspread {row.spread:.1f}"
                f"\tbetween people {row.within:.1f}\treliability {row.reliability:.2f}"
            )


@command.command("import")
@click.argument("programme")
@click.argument("path", type=click.Path(path_type=Path))
@with_application
def import_(programme: str, path: Path) -> None:
    """Freeze the reference set in the YAML or JSON file PATH; the next runs are read against it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as UTF-8 text: {error}.") from error
    with transaction() as session:
        owner = programmes.find(session, programme)
        made = reference_sets.import_set(
            session, owner, text, place=path.name, by=operator(), at=utcnow()
        )
        click.echo(f"{made.name} is frozen: {made.relationships} relationships, {made.view}.")


@command.command("retire")
@click.argument("programme")
@click.argument("name")
@with_application
def retire(programme: str, name: str) -> None:
    """Let no new run be read against the set NAME. Runs made with it stay as they are."""
    with transaction() as session:
        found = reference_sets.find(session, programmes.find(session, programme), name)
        for each in [one for one in found if one.retired_at is None] or found:
            reference_sets.retire(session, each, by=operator(), at=utcnow())
    click.echo(f"{name} is retired. The next run takes the newest other set, else assumed-1.")
