"""What was done with a wave, newest first: for whoever has to explain a launch."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.audit import AuditEvent
from surveyapp.models.waves import Wave

SHOWN: Final = 20


def newest(session: Session, wave: Wave) -> Sequence[AuditEvent]:
    """Return the newest events on record about a wave."""
    return session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.programme_id == wave.programme_id,
            AuditEvent.subject == f"wave:{wave.slug}",
        )
        .order_by(AuditEvent.number.desc())
        .limit(SHOWN)
    ).all()
