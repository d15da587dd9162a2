"""``surveyapp scorecards``: documents of a whole wave at once."""

import shutil
from pathlib import Path

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.cli.wave_arguments import found, one_wave
from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, state, transaction
from surveyapp.reports import packs
from surveyapp.services import archives, results


@click.group("scorecards")
def command() -> None:
    """Get the documents of a whole wave."""


@command.command("zip")
@one_wave
@click.option("--locale", default="en", show_default=True, help="Language of the scorecards.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Copy the finished ZIP to this file. Needs --wait or --here.",
)
@follow_options
@with_application
def zip_(
    programme: str, wave: str, *, locale: str, output: Path | None, wait: bool, here: bool
) -> None:
    """Put the scorecard of every relationship of WAVE into one ZIP, from the newest run.

    Scorecards that are missing are made; asked for again it goes on where it stopped.
    """
    if output and not (wait or here):
        raise click.UsageError("--output copies the finished ZIP: add --wait or --here.")
    with transaction() as session:
        archive, job = archives.request(
            session,
            results.latest_run(session, found(session, programme, wave)),
            pack=packs.find("scorecard"),
            locale=locale,
            by=operator(),
            at=utcnow(),
        )
    if not follow("scorecards", [job], wait=wait, here=here):
        return
    db.session.rollback()
    made = archives.find(db.session(), archive.id)
    click.echo(f"{made.documents} scorecards are in one ZIP of {made.size / 1e6:.1f} MB.")
    if output:
        _copy(made.file_sha256, output)
        click.echo(f"It is in {output}.")


def _copy(sha256: str, target: Path) -> None:
    try:
        shutil.copyfile(state().store.path(sha256), target)
    except OSError as error:
        raise Invalid(f"{target} cannot be written: {error.strerror}.") from error
