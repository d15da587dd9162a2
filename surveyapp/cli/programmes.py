"""``surveyapp programmes``: start programmes and open their results."""

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.services import access, programmes


@click.group("programmes")
def command() -> None:
    """Start programmes and open their results."""


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
        f"Programme {made.slug} is there. Next: surveyapp accounts import {made.slug} FOLDER"
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


@command.command("link")
@click.argument("slug")
@with_application
def link(slug: str) -> None:
    """Print an address that opens the results of programme SLUG for twelve hours."""
    settings = state().settings
    programme = programmes.find(db.session(), slug)
    click.echo(
        access.make_link(programme, base_url=settings.base_url, secret_key=settings.secret_key)
    )
