"""Writing the mails of a reminder in chunks, each looking anew who has not answered."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from surveyapp.errors import NotFound
from surveyapp.models.invitations import Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import mail, reminders, wave_reminder_lists, waves
from surveyapp.services.wave_reminder_lists import Only

CHUNK: Final = 1000
"""Mails asked for per transaction: under 100 ms, so respondents are not held up."""


def write(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    reminder_id: uuid.UUID,
    *,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> int:
    """Write the mails of a requested reminder, then ask for them to be sent; return how many.

    Can be run again after a crash. A pause stops it until the wave is resumed, a close ends it.
    """
    with reading() as session:
        reminder = _load(session, reminder_id)
        wave = waves.load(session, reminder.wave_id)
        only, step = Only.from_json(reminder.only), f"reminder-{reminder.number}"
        meant = wave_reminder_lists.counted(session, wave, only, step=step, at=now())
        done, total = reminder.reminded, reminder.reminded + meant.people
    after: uuid.UUID | None = None
    while True:
        with reading() as session:
            query = wave_reminder_lists.to_remind(wave, only, step=step, at=now(), after=after)
            chunk = session.scalars(query.limit(CHUNK)).all()
        with transaction() as session:
            reminder = _load(session, reminder_id)
            if not _goes_on(session, reminder):
                return reminder.reminded
            if not chunk:
                _finish(session, reminder, skipped=meant.mailed_lately, at=now())
                return reminder.reminded
            after = chunk[-1]
            reminder.reminded += _write(session, wave, only, chunk, step=step, at=now())
            done = reminder.reminded
        progress(done, total)


def _goes_on(session: Session, reminder: Reminder) -> bool:
    """Look whether the wave still reminds: paused, the reminder waits; closed, it is over."""
    wave = session.get_one(Wave, reminder.wave_id)
    waves.hold(session, wave)
    session.refresh(reminder)
    if reminder.state != ReminderState.REQUESTED:
        return False
    if wave.state == WaveState.OPEN:
        return True
    is_paused = wave.state == WaveState.PAUSED
    reminder.state = ReminderState.PLANNED if is_paused else ReminderState.CANCELLED
    session.flush()
    return False


def _write(
    session: Session,
    wave: Wave,
    only: Only,
    chunk: Sequence[uuid.UUID],
    *,
    step: str,
    at: datetime,
) -> int:
    """Look at the chunk's people once more, and queue a mail for each who still has not answered."""
    query = wave_reminder_lists.to_remind(wave, only, step=step, at=at)
    still = session.scalars(query.where(Invitation.id.in_(chunk))).all()
    mail.queue_many(session, still, step=step, at=at)
    return len(still)


def _finish(session: Session, reminder: Reminder, *, skipped: int, at: datetime) -> None:
    reminder.state = ReminderState.DONE
    session.flush()
    details = {"reminded": reminder.reminded, "skipped": skipped}
    reminders.record(session, reminder, "reminder.written", by="system", at=at, **details)
    if reminder.reminded:
        programme = session.get_one(Programme, reminder.programme_id)
        mail.request_sending(session, reminder.wave_id, programme=programme, at=at)


def _load(session: Session, reminder_id: uuid.UUID) -> Reminder:
    reminder = session.get(Reminder, reminder_id)
    if reminder is None:
        raise NotFound(f"There is no reminder {reminder_id}.")
    return reminder
