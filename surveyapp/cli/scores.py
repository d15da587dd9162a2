"""``surveyapp scores``: recompute what was published, and try the method on a known truth."""

import uuid

import click

from surveyapp.cli.application import with_application
from surveyapp.cli.simulation import simulate
from surveyapp.errors import Conflict
from surveyapp.extensions import db, state
from surveyapp.services import results, scoring_runs


@click.group("scores")
def command() -> None:
    """Recompute what was published; try the method on a known truth."""


command.add_command(simulate)


@command.command("replay")
@click.argument("run", type=click.UUID)
@with_application
def replay(run: uuid.UUID) -> None:
    """Compute RUN again from its stored input and compare every number (equal within 1e-9)."""
    found = results.run(db.session(), run)
    replayed = scoring_runs.replay(db.session(), found, state().store)
    said = f"Largest difference: {replayed.max_difference:.3g}"
    if not replayed.is_equal:
        raise Conflict(f"Run {run} does not come out the same. {said}.")
    click.echo(f"Run {run} comes out the same. {said}.")
