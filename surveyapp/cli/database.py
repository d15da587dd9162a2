"""``surveyapp database``: the only place that knows Flask-Migrate."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import flask_migrate

from surveyapp.cli.application import (
    needed_version,
    open_application,
    require_known_version,
    tables_version,
)
from surveyapp.extensions import db
from surveyapp.resources import bundled


@click.group("database")
def command() -> None:
    """Create the tables and move them between versions."""


@command.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Create the tables, or bring them to this version (or to REVISION)."""
    with _migrating():
        flask_migrate.upgrade(revision=revision)
    click.echo("The database is ready.")


@command.command("downgrade")
@click.argument("revision", default="-1")
@click.confirmation_option(prompt="Columns and tables of newer versions are lost. Go on?")
def downgrade(revision: str) -> None:
    """Go back one version (or to REVISION; "base" removes every table)."""
    with _migrating():
        flask_migrate.downgrade(revision=revision)


@command.command("current")
def current() -> None:
    """Print the version the tables are at, and the one this surveyapp needs."""
    with _migrating():
        click.echo(f"tables: {tables_version() or 'none'}\nneeded: {needed_version()}")


@contextmanager
def _migrating() -> Iterator[None]:
    """Open the application with the bundled migrations attached to it."""
    with open_application() as app:
        if found := tables_version():
            require_known_version(found)
        flask_migrate.Migrate(app, db, directory=str(bundled("migrations")))
        yield
