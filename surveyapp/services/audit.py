"""The append-only record of what was done, each event chained to the one before."""

import hashlib
import json
import uuid
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.models.audit import AuditEvent
from surveyapp.models.programmes import Programme

_FIRST = "0" * 64


def record(
    session: Session,
    programme: Programme,
    action: str,
    *,
    subject: str,
    by: str,
    at: datetime,
    **details: str | float | None,
) -> AuditEvent:
    """Append an event. Writers of one programme take turns, so the chain has no forks."""
    take_turn(session, programme.id)
    last = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.programme_id == programme.id)
        .order_by(AuditEvent.number.desc())
        .limit(1)
    ).first()
    event = AuditEvent(
        programme_id=programme.id,
        number=last.number + 1 if last else 1,
        at=at,
        actor=by,
        action=action,
        subject=subject,
        details=dict(details),
        previous_hash=last.hash if last else _FIRST,
    )
    event.hash = _hash(event)
    session.add(event)
    session.flush()
    return event


def last_number(session: Session, programme: Programme) -> int:
    """Return how many events the programme has: while it stays the same, nothing was changed."""
    query = select(func.max(AuditEvent.number)).where(AuditEvent.programme_id == programme.id)
    return session.scalar(query) or 0


def take_turn(session: Session, programme_id: uuid.UUID) -> None:
    """Wait until nobody else keeps a turn in this programme; held until the commit.

    PostgreSQL: a row lock that does not hinder rows referring to the programme, so respondents go
    on saving. SQLite has one writer anyway.
    """
    programme = select(Programme.id).where(Programme.id == programme_id)
    session.execute(programme.with_for_update(key_share=True))


def first_broken(session: Session, programme: Programme) -> AuditEvent | None:
    """Return the first event whose hash does not follow from its content and predecessor, if any."""
    previous = _FIRST
    query = (
        select(AuditEvent)
        .where(AuditEvent.programme_id == programme.id)
        .order_by(AuditEvent.number)
        .execution_options(yield_per=1000)
    )
    with session.scalars(query) as events:
        for number, event in enumerate(events, start=1):
            if (event.number, event.previous_hash, event.hash) != (number, previous, _hash(event)):
                return event
            previous = event.hash
    return None


def _hash(event: AuditEvent) -> str:
    content = [
        str(event.programme_id),
        event.number,
        event.at.astimezone(UTC).isoformat(),  # as it comes back from the database
        event.actor,
        event.action,
        event.subject,
        event.details,
        event.previous_hash,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
