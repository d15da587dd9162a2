"""What becomes of waves by the clock: scheduled ones are launched, those whose time is over closed."""

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid, WaveStateError
from surveyapp.models.audit import AuditEvent
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import audit, waves

_SYSTEM = "system"
_NOT_LAUNCHED = "wave.not-launched"


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether a wave waits to be launched or closed by the clock."""
    return session.scalars(_due(at).limit(1)).first() is not None


def keep_time(session: Session, *, at: datetime) -> None:
    """Close every wave whose closing time has passed, paused ones too, and launch those scheduled."""
    # another worker may be at it: wait for that one, then look again
    for wave in session.scalars(_due(at).with_for_update(key_share=True)).all():
        if wave.state == WaveState.SCHEDULED:
            _launch(session, wave, at=at)
        else:
            waves.close(session, wave, by=_SYSTEM, at=at)


def why_not_launched(session: Session, wave: Wave) -> str:
    """Say why the scheduled launch of a draft did not take place; empty when none failed since.

    The sentence is there until the draft is changed, scheduled again or launched.
    """
    if wave.state != WaveState.DRAFT:
        return ""
    last = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.programme_id == wave.programme_id,
            AuditEvent.subject == f"wave:{wave.slug}",
        )
        .order_by(AuditEvent.number.desc())
        .limit(1)
    ).first()
    return str(last.details["reason"]) if last and last.action == _NOT_LAUNCHED else ""


def _launch(session: Session, wave: Wave, *, at: datetime) -> None:
    """Launch a scheduled wave, or make it a draft again with the reason on record: no second try."""
    try:
        with session.begin_nested():
            waves.launch(session, wave, by=_SYSTEM, at=at)
    except (Invalid, WaveStateError) as error:
        wave.unschedule()
        session.flush()
        audit.record(
            session,
            session.get_one(Programme, wave.programme_id),
            _NOT_LAUNCHED,
            subject=f"wave:{wave.slug}",
            by=_SYSTEM,
            at=at,
            reason=str(error),
        )


def _due(at: datetime) -> Select[Wave]:
    return select(Wave).where(
        or_(
            Wave.state.in_((WaveState.OPEN, WaveState.PAUSED)) & (Wave.closes_at <= at),
            (Wave.state == WaveState.SCHEDULED) & (Wave.opens_at <= at),
        )
    )
