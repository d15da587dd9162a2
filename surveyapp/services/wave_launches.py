"""Writing the frozen list of a launching wave: invitations and omissions, chunk by chunk."""

import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Invitation, Omission
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import audit, mail, wave_launch_rows, wave_lists, waves
from surveyapp.services.wave_launch_rows import Chunk, Launch

CHUNK: Final = 200
"""People written per transaction: under 100 ms, so respondents are not held up."""
_REST: Final = 0.35
"""Of the time of a chunk. SQLite has one writer and no queue: who waits tries again now and then."""

_LOOK_AFTER: Final = 400
"""People written until PostgreSQL first looks at the tables; then each time there are twice as many."""


def invite_all(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    wave_id: uuid.UUID,
    *,
    link_key: bytes,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> int:
    """Write a launching wave's whole list, then open it; can be run again after a crash.

    Rule and day are frozen; a person is taken as their chunk finds them. Parts recorded after the
    launch are not on the list, those changed meanwhile get a last look before the wave opens.
    Returns the number of people invited.
    """
    with reading() as session:
        wave = waves.load(session, wave_id)
        if wave.state != WaveState.LAUNCHING:
            return _invited(session, wave)
        launch = wave_launch_rows.prepare(session, wave, link_key=link_key)
        has_one_writer = session.get_bind().dialect.name == "sqlite"
        look_after = _LOOK_AFTER
        done = _written(session, wave)
        total = session.scalar(select(func.count(Contact.id)).where(wave_lists.is_named(wave))) or 0
    after: uuid.UUID | None = None
    while True:
        with reading() as session:
            ids = session.scalars(_next(launch, after)).all()
        if not ids and after is not None:
            after = None  # the last look
            continue
        started = time.monotonic()
        with transaction() as session:
            wave = session.get_one(Wave, wave_id)
            waves.hold(session, wave)
            if wave.state != WaveState.LAUNCHING:
                return _invited(session, wave)
            if not ids:
                return _open(session, wave, at=now())
            # chunks of two waves take turns, so that the guard of one sees whom the other asks
            audit.take_turn(session, wave.programme_id)
            done += wave_launch_rows.write(session, Chunk(launch, now()), ids)
            after = ids[-1]
        progress(done, max(done, total))
        if has_one_writer:
            time.sleep((time.monotonic() - started) * _REST)
        elif done >= look_after:
            look_after = 2 * done
            _gather_statistics(transaction)


def _gather_statistics(transaction: Callable[[], AbstractContextManager[Session]]) -> None:
    """Let PostgreSQL see that the tables have grown.

    A connection keeps its plans, those that check foreign keys too. One made while few were invited
    reads the whole table for each person, until autovacuum comes by within minutes.
    """
    with transaction() as session:
        session.execute(text("ANALYZE invitation, assignment, outgoing_mail"))


def _next(launch: Launch, after: uuid.UUID | None) -> Select[uuid.UUID]:
    """Select the next people the rule names who are neither invited nor left off yet."""
    query = (
        select(Contact.id)
        .where(Contact.programme_id == launch.wave.programme_id, launch.is_to_be_written)
        .order_by(Contact.id)
        .limit(CHUNK)
    )
    return query if after is None else query.where(Contact.id > after)


def _open(session: Session, wave: Wave, *, at: datetime) -> int:
    wave.open(at=at)
    session.flush()
    invited = _invited(session, wave)
    programme = session.get_one(Programme, wave.programme_id)
    audit.record(
        session,
        programme,
        "wave.opened",
        subject=f"wave:{wave.slug}",
        by="system",
        at=at,
        invitations=invited,
    )
    mail.request_sending(session, wave.id, programme=programme, at=at)
    return invited


def _invited(session: Session, wave: Wave) -> int:
    return session.scalar(select(func.count()).where(Invitation.wave_id == wave.id)) or 0


def _written(session: Session, wave: Wave) -> int:
    left_off = session.scalar(select(func.count()).where(Omission.wave_id == wave.id)) or 0
    return _invited(session, wave) + left_off
