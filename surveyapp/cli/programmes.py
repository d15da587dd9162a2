"""``surveyapp programmes``: start programmes."""

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.services import programmes


@click.group("programmes")
def command() -> None:
    """Start programmes."""


@command.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="The programme's name as people read it.")
@click.option("--owner", default="", help="The company that asks. Default: the programme's name.")
@click.option(
    "--locale", default="en", show_default=True, help="Language where a contact has none."
)
@click.option(
    "--data-note",
    default="",
    help="Shown on every page, mail and document, as in 'sample data'. Leave out for real programmes.",
)
@with_application
def create(slug: str, *, name: str, owner: str, locale: str, data_note: str) -> None:
    """Start the programme SLUG: its short name for commands and addresses."""
    with transaction() as session:
        made = programmes.create(
            session,
            slug=slug,
            name=name,
            owner=owner,
            locale=locale,
            data_note=data_note,
            by=operator(),
            at=utcnow(),
        )
    click.echo(
        f"Programme {made.slug} is there. Next: surveyapp users create EMAIL --name NAME"
        f" --programme {made.slug}"
    )


@command.command("list")
@with_application
def list_() -> None:
    """List the programmes of this installation."""
    found = programmes.listed(db.session())
    for programme in found:
        click.echo(f"{programme.slug}\t{programme.name}")
    if not found:
        click.echo(
            "There is no programme yet. Start one: surveyapp programmes create SLUG --name NAME"
        )
