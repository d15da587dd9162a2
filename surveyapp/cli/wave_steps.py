"""``surveyapp waves``: schedule, pause, resume, extend and reopen a wave."""

from datetime import datetime

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.wave_arguments import DAY, MOMENT, end_of, found, one_wave, utc
from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.services import waves


@click.command("schedule")
@one_wave
@click.option("--opens", required=True, type=MOMENT, help='As in "2027-03-01 09:00", UTC.')
@with_application
def schedule(programme: str, wave: str, *, opens: datetime) -> None:
    """Let a worker launch WAVE by itself at a moment."""
    with transaction() as session:
        waves.schedule(
            session,
            found(session, programme, wave),
            opens_at=utc(opens),
            by=operator(),
            at=utcnow(),
        )
    click.echo(f"Wave {wave} is launched by a worker on {opens:%Y-%m-%d at %H:%M} UTC.")
    click.echo(f"What it would do: surveyapp waves check {programme} {wave}")


@click.command("unschedule")
@one_wave
@with_application
def unschedule(programme: str, wave: str) -> None:
    """Make a scheduled WAVE a draft again."""
    with transaction() as session:
        waves.unschedule(session, found(session, programme, wave), by=operator(), at=utcnow())
    click.echo(f"Wave {wave} is a draft again.")


@click.command("pause")
@one_wave
@with_application
def pause(programme: str, wave: str) -> None:
    """Take no answers to WAVE and send no mail for a while; its closing date stays."""
    with transaction() as session:
        paused = found(session, programme, wave)
        waves.pause(session, paused, by=operator(), at=utcnow())
        last_day = paused.last_day
    click.echo(
        f"Wave {wave} is paused. What people have typed is kept. It still closes after {last_day}."
    )


@click.command("resume")
@one_wave
@with_application
def resume(programme: str, wave: str) -> None:
    """Take answers to a paused WAVE again and send the mail that waited."""
    with transaction() as session:
        waves.resume(session, found(session, programme, wave), by=operator(), at=utcnow())
    click.echo(f"Wave {wave} is open again.")


@click.command("extend")
@one_wave
@click.option("--closes", required=True, type=DAY, help="The new last day for answers.")
@with_application
def extend(programme: str, wave: str, *, closes: datetime) -> None:
    """Move the closing date of WAVE; once people were told it, only to a later day."""
    with transaction() as session:
        waves.extend(
            session,
            found(session, programme, wave),
            closes_at=end_of(closes.date()),
            by=operator(),
            at=utcnow(),
        )
    click.echo(f"The last day of wave {wave} is {closes:%Y-%m-%d}.")


@click.command("reopen")
@one_wave
@click.option("--reason", required=True, help="Why, in a sentence; it is kept on record.")
@click.option("--closes", required=True, type=DAY, help="The new last day for answers.")
@with_application
def reopen(programme: str, wave: str, *, reason: str, closes: datetime) -> None:
    """Take answers to a closed WAVE again.

    The next close scores anew; documents that were made stay as they are.
    """
    with transaction() as session:
        waves.reopen(
            session,
            found(session, programme, wave),
            reason=reason,
            closes_at=end_of(closes.date()),
            by=operator(),
            at=utcnow(),
        )
    click.echo(f"Wave {wave} is open again. Its last day is {closes:%Y-%m-%d}.")


COMMANDS = (schedule, unschedule, pause, resume, extend, reopen)
