"""Reminders: planned for a day or asked for now; whom they reach is decided when they are due."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, WaveStateError
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import audit, jobs, wave_reminder_lists, waves
from surveyapp.services.positions import Position
from surveyapp.services.wave_reminder_lists import EVERYBODY, REMINDED, Counted, Only

__all__ = [
    "EVERYBODY",
    "REMINDED",
    "Counted",
    "Only",
    "cancel",
    "count",
    "has_due",
    "job_of",
    "listed",
    "plan",
    "record",
    "request",
    "request_due",
]

_SYSTEM: Final = "system"


def plan(
    session: Session, wave: Wave, *, due_at: datetime, only: Only = EVERYBODY, by: str, at: datetime
) -> Reminder:
    """Plan a reminder; the worker asks for it when it is due, or when a pause then ends.

    Raises
    ------
    Invalid
        A moment outside the wave, or a filter that cannot be used.
    WaveStateError
        The wave is closed.
    """
    waves.hold(session, wave)
    if wave.state == WaveState.CLOSED:
        raise WaveStateError(f"Wave {wave.slug} is closed; nobody is reminded any more.")
    _require_moment(wave, due_at, at=at)
    wave_reminder_lists.require_usable(session, wave, only)
    return _add(session, wave, ReminderState.PLANNED, due_at=due_at, only=only, by=by, at=at)


def request(
    session: Session, wave: Wave, *, only: Only = EVERYBODY, by: str, at: datetime
) -> Reminder:
    """Remind now: a job looks who has not answered and writes the mails.

    Raises
    ------
    WaveStateError
        The wave is not open.
    Invalid
        A filter that cannot be used.
    Conflict
        There is nobody to remind.
    """
    waves.hold(session, wave)
    if not wave.accepts_answers(at):
        raise WaveStateError(
            f"Wave {wave.slug} is {wave.state}; people are reminded while it is open."
        )
    wave_reminder_lists.require_usable(session, wave, only)
    if (
        session.scalars(wave_reminder_lists.to_remind(wave, only, step="", at=at).limit(1)).first()
        is None
    ):
        raise Conflict(
            "There is nobody to remind: who has not answered got no mail yet, has an address that"
            " bounced, or got a mail within the last 24 hours."
        )
    reminder = _add(session, wave, ReminderState.REQUESTED, due_at=at, only=only, by=by, at=at)
    _request_job(session, reminder, at=at)
    return reminder


def cancel(session: Session, reminder: Reminder, *, by: str, at: datetime) -> None:
    """Take a planned reminder back. Raises Conflict when its mails are being written or have gone."""
    wave = session.get_one(Wave, reminder.wave_id)
    waves.hold(session, wave)
    session.refresh(reminder)
    if reminder.state != ReminderState.PLANNED:
        raise Conflict(
            f"Reminder {reminder.number} is {reminder.state}; only one that is planned is cancelled."
        )
    reminder.state = ReminderState.CANCELLED
    session.flush()
    record(session, reminder, "reminder.cancelled", by=by, at=at)


def listed(session: Session, wave: Wave) -> list[Reminder]:
    """Return a wave's reminders in the order they are or were due."""
    return list(
        session.scalars(
            select(Reminder)
            .where(Reminder.wave_id == wave.id)
            .order_by(Reminder.due_at, Reminder.number)
        )
    )


def count(
    session: Session,
    wave: Wave,
    only: Only = EVERYBODY,
    *,
    at: datetime,
    places: Mapping[Position, int] | None = None,
) -> Counted:
    """Count whom a reminder would reach now, from the wave's people by position where these are known.

    Raises
    ------
    Invalid
        A filter that cannot be used.
    """
    wave_reminder_lists.require_usable(session, wave, only)
    return wave_reminder_lists.counted(session, wave, only, step="", at=at, places=places)


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether a planned reminder's moment has come in a wave that is open."""
    return session.scalars(_due(at).limit(1)).first() is not None


def request_due(session: Session, *, at: datetime) -> None:
    """Ask for the jobs of the reminders that are due; those of paused waves wait."""
    for reminder in session.scalars(_due(at)).all():
        wave = waves.load(session, reminder.wave_id)
        waves.hold(session, wave)  # another worker may have been first
        session.refresh(reminder)
        if reminder.state == ReminderState.PLANNED and wave.accepts_answers(at):
            _request_or_cancel(session, wave, reminder, at=at)


def _due(at: datetime) -> Select[Reminder]:
    return (
        select(Reminder)
        .join(Wave, Wave.id == Reminder.wave_id)
        .where(
            Reminder.state == ReminderState.PLANNED,
            Reminder.due_at <= at,
            Wave.state == WaveState.OPEN,
            Wave.closes_at > at,
        )
        .order_by(Reminder.due_at, Reminder.number)
    )


def _require_moment(wave: Wave, due_at: datetime, *, at: datetime) -> None:
    if due_at <= at:
        raise Invalid(f"A reminder cannot go at {due_at:%Y-%m-%d %H:%M} UTC: that is past.")
    if due_at >= wave.closes_at:
        raise Invalid(
            f"The last day of wave {wave.slug} is {wave.last_day}. Choose an earlier moment for the"
            " reminder, or move the closing date first."
        )
    if wave.state == WaveState.SCHEDULED and wave.opens_at and due_at <= wave.opens_at:
        raise Invalid(
            f"Wave {wave.slug} opens at {wave.opens_at:%Y-%m-%d %H:%M} UTC. Choose a later moment for"
            " the reminder."
        )


def _add(
    session: Session,
    wave: Wave,
    state: ReminderState,
    *,
    due_at: datetime,
    only: Only,
    by: str,
    at: datetime,
) -> Reminder:
    last = session.scalar(select(func.max(Reminder.number)).where(Reminder.wave_id == wave.id))
    reminder = Reminder(
        id=uuid.uuid4(),
        programme_id=wave.programme_id,
        wave_id=wave.id,
        number=(last or 0) + 1,
        state=state,
        due_at=due_at,
        only=only.as_json(),
        by=by,
        created_at=at,
    )
    session.add(reminder)
    session.flush()
    record(session, reminder, f"reminder.{state}", by=by, at=at)
    return reminder


def _request_or_cancel(session: Session, wave: Wave, reminder: Reminder, *, at: datetime) -> None:
    """Ask for a due reminder's job, unless what was planned may not be asked of this list."""
    try:
        wave_reminder_lists.require_usable(session, wave, Only.from_json(reminder.only))
    except Invalid as error:
        reminder.state = ReminderState.CANCELLED
        record(session, reminder, "reminder.cancelled", by=_SYSTEM, at=at, reason=str(error))
    else:
        reminder.state = ReminderState.REQUESTED
        record(session, reminder, "reminder.requested", by=_SYSTEM, at=at)
        _request_job(session, reminder, at=at)


def job_of(session: Session, reminder: Reminder) -> Job | None:
    """Return the job that writes a reminder's mails; None while it is planned."""
    return session.scalars(
        select(Job)
        .where(Job.kind == "write-reminder", Job.key.startswith(_key(reminder)))
        .order_by(Job.created_at.desc())
        .limit(1)
    ).first()


def _key(reminder: Reminder) -> str:
    return f"remind:{reminder.id}:"


def _request_job(session: Session, reminder: Reminder, *, at: datetime) -> Job:
    return jobs.request(
        session,
        "write-reminder",
        # a reminder that a pause stopped is asked for again
        key=f"{_key(reminder)}{at.isoformat()}",
        arguments={"reminder": str(reminder.id)},
        programme=session.get_one(Programme, reminder.programme_id),
        at=at,
    )


def record(
    session: Session,
    reminder: Reminder,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str | float | None,
) -> None:
    """Put a step of a reminder on record."""
    wave = session.get_one(Wave, reminder.wave_id)
    audit.record(
        session,
        session.get_one(Programme, reminder.programme_id),
        action,
        subject=f"wave:{wave.slug}",
        by=by,
        at=at,
        number=reminder.number,
        **details,
    )
