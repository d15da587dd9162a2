"""``surveyapp waves``: look before a launch, see who is on the list, remind them."""

from datetime import datetime

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.cli.wave_arguments import MOMENT, found, one_wave, utc, values
from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.waves import Wave
from surveyapp.services import reminders, wave_checks, wave_people
from surveyapp.services.positions import Position
from surveyapp.services.reminders import Only


@click.command("check")
@one_wave
@with_application
def check(programme: str, wave: str) -> None:
    """Say what a launch of WAVE would do: whom it asks, what stops it, where the list is thin."""
    seen = wave_checks.look(db.session(), found(db.session(), programme, wave), at=utcnow())
    click.echo(f"{seen.people:,} people would be asked about {seen.relationships:,} relationships.")
    for note in seen.notes:
        click.echo(f"{note.severity}: {note.sentence}")
        if note.examples:
            more = note.count - len(note.examples)
            click.echo(f"    {'; '.join(note.examples)}{f' and {more:,} more' if more > 0 else ''}")


@click.command("people")
@one_wave
@click.option("--left-off", is_flag=True, help="Those the launch left off, and why.")
@click.option("--search", default="", help="Words in the name, address or company.")
@with_application
def people(programme: str, wave: str, *, left_off: bool, search: str) -> None:
    """List who is on the frozen list of WAVE, with the reason and how far each is."""
    asked = found(db.session(), programme, wave)
    lines, number = _left_off if left_off else _invited, 1
    while said := lines(asked, search, number):
        click.echo("\n".join(said))
        number += 1


def _invited(wave: Wave, search: str, number: int) -> list[str]:
    """Write one page of the people asked; under a stricter contract "asked" is all that is told."""
    page = wave_people.page(db.session(), wave, search=search, number=number)
    sent = "sent" if wave_people.tells_positions(wave) else "asked"
    return [
        "\t".join(
            (
                *(each.name, each.email, each.organisation),
                sent if each.position == Position.SENT else each.position,
                each.reason,
            )
        )
        for each in page.rows
        if page.number == number
    ]


def _left_off(wave: Wave, search: str, number: int) -> list[str]:
    page = wave_people.omissions(db.session(), wave, search=search, number=number)
    return [
        f"{each.name}\t{each.email}\t{each.organisation}\t{each.reason}\t{each.details}".rstrip()
        for each in page.rows
        if page.number == number
    ]


@click.command("remind")
@one_wave
@click.option(
    "--on", "due", type=MOMENT, help='When, as in "2027-04-20 09:00", UTC; now if left out.'
)
@click.option(
    "--position", multiple=True, type=values(reminders.REMINDED), help="Only who is there."
)
@click.option("--function", multiple=True, type=values(Function), help="Only these functions.")
@click.option("--influence", multiple=True, type=values(Influence), help="Only this influence.")
@follow_options
@with_application
def remind(
    programme: str,
    wave: str,
    *,
    due: datetime | None,
    position: tuple[str, ...],
    function: tuple[str, ...],
    influence: tuple[str, ...],
    wait: bool,
    here: bool,
) -> None:
    """Remind who has not answered WAVE, now or at a moment. Who got a mail within a day is skipped."""
    only = Only(
        positions=tuple(map(Position, position)),
        functions=tuple(map(Function, function)),
        influences=tuple(map(Influence, influence)),
    )
    with transaction() as session:
        asked, at = found(session, programme, wave), utcnow()
        if due:
            planned = reminders.plan(
                session, asked, due_at=utc(due), only=only, by=operator(), at=at
            )
            click.echo(f"Reminder {planned.number} goes on {due:%Y-%m-%d at %H:%M} UTC.")
            return
        counted = reminders.count(session, asked, only, at=at)
        requested = reminders.request(session, asked, only=only, by=operator(), at=at)
        job, number = reminders.job_of(session, requested), requested.number
    click.echo(f"Reminder {number}: {counted.people:,} people.")
    if counted.mailed_lately:
        click.echo(f"Skipped: {counted.mailed_lately:,} who got a mail within the last 24 hours.")
    follow("mails", [job.id] if job else [], wait=wait, here=here)


@click.command("reminders")
@one_wave
@click.option("--cancel", type=click.IntRange(min=1), help="Cancel the planned one of this number.")
@with_application
def list_reminders(programme: str, wave: str, *, cancel: int | None) -> None:
    """List the reminders of WAVE, or cancel one that is planned."""
    with transaction() as session:
        listed = reminders.listed(session, found(session, programme, wave))
        if cancel is not None:
            chosen = next((each for each in listed if each.number == cancel), None)
            if chosen is None:
                raise NotFound(f"Wave {wave} has no reminder {cancel}.")
            reminders.cancel(session, chosen, by=operator(), at=utcnow())
    for each in listed:
        click.echo(
            f"{each.number}\t{each.state}\t{each.due_at:%Y-%m-%d %H:%M} UTC\t{each.reminded} reminded"
        )
    if not listed:
        click.echo(f"No reminder is planned: surveyapp waves remind {programme} {wave} --help")


COMMANDS = (check, people, remind, list_reminders)
