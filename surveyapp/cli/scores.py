"""``surveyapp scores``: recompute and compare what was published, try other weights or a known truth."""

import uuid

import click

from surveyapp.cli import scoring_rules
from surveyapp.cli.application import with_application
from surveyapp.cli.simulation import simulate
from surveyapp.errors import Conflict
from surveyapp.extensions import db, state
from surveyapp.services import results, run_differences, scoring_runs


@click.group("scores")
def command() -> None:
    """Recompute and compare what was published; try other weights, or a known truth."""


for part in (simulate, scoring_rules.try_, scoring_rules.approve, scoring_rules.rules):
    command.add_command(part)


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


@command.command("diff")
@click.argument("before", type=click.UUID)
@click.argument("after", type=click.UUID)
@click.option("--most", type=click.IntRange(min=0), default=20, show_default=True,
              help="Relationships listed.")  # fmt: skip
@with_application
def diff(before: uuid.UUID, after: uuid.UUID, *, most: int) -> None:
    """Say what differs between the runs BEFORE and AFTER: in what went in and in what came out."""
    runs = [results.run(db.session(), each) for each in (before, after)]
    found = run_differences.between(db.session(), state().store, *runs)
    for name, run in zip(("before", "after"), runs, strict=True):
        click.echo(
            f"{name}: {run.wave.name}, run {run.number}, {run.created_at:%Y-%m-%d %H:%M} UTC"
        )
    click.echo("\nWhat went in")
    for each in found.inputs:
        click.echo(f"  {each.what}: {each.before} -> {each.after}")
    if not found.inputs:
        click.echo("  the same")
    click.echo(f"\nWhat came out, of {found.in_both} relationships measured in both")
    click.echo(
        f"  {len(found.changed)} differ: {found.calls} in their call, {found.labels} in their level"
    )
    for row in found.changed[:most]:
        click.echo(f"  {_told(row)}")
    if len(found.changed) > most:
        click.echo(f"  and {len(found.changed) - most} more: --most {len(found.changed)}")
    if found.unmeasured:
        click.echo(f"  {found.unmeasured} not compared: nobody's answers count in one of the runs")
    if found.hidden:
        click.echo(f"  {found.hidden} not shown: too few answered to keep them confidential")


def _told(row: run_differences.Changed) -> str:
    before, after = row.before, row.after
    told = f"{row.name}\tSEQ {before.t:.1f} -> {after.t:.1f} ({row.size:+.1f})"
    if before.call != after.call:
        told += f"\t{before.call} -> {after.call}"
    if before.label != after.label:
        told += f"\t{before.label} -> {after.label}"
    return told
