"""Mail asked for: rows that a sender claims later. At most one message per invitation and step."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.keys import ordered_key
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import jobs

SET_PASSWORD: Final = "set-password"  # noqa: S105 the name of a step
_CHUNK: Final = 500


def queue(session: Session, invitation: Invitation, *, step: str, at: datetime) -> OutgoingMail:
    """Ask for a step's mail to be sent. The database allows one per invitation and step."""
    outgoing = OutgoingMail(
        programme_id=invitation.programme_id,
        wave_id=invitation.wave_id,
        invitation_id=invitation.id,
        step=step,
        due_at=at,
        created_at=at,
    )
    session.add(outgoing)
    return outgoing


def queue_many(
    session: Session, invitation_ids: Sequence[uuid.UUID], *, step: str, at: datetime
) -> int:
    """Ask for a step's mail to many; return how many are new. Whoever has that step's is passed over."""
    return sum(
        _queue_chunk(session, invitation_ids[start : start + _CHUNK], step=step, at=at)
        for start in range(0, len(invitation_ids), _CHUNK)
    )


def row(
    invitation_id: uuid.UUID,
    *,
    programme_id: uuid.UUID,
    wave_id: uuid.UUID,
    step: str,
    at: datetime,
) -> dict[str, Any]:
    """Make the row of a mail to somebody invited, for plain inserts of very many."""
    return {
        "id": ordered_key(at),
        "programme_id": programme_id,
        "wave_id": wave_id,
        "invitation_id": invitation_id,
        "step": step,
        "due_at": at,
        "created_at": at,
    }


def _queue_chunk(session: Session, ids: Sequence[uuid.UUID], *, step: str, at: datetime) -> int:
    invited = session.execute(
        select(Invitation.id, Invitation.programme_id, Invitation.wave_id).where(
            Invitation.id.in_(ids)
        )
    )
    rows = [
        row(invitation_id, programme_id=programme_id, wave_id=wave_id, step=step, at=at)
        for invitation_id, programme_id, wave_id in invited
    ]
    if not rows:
        return 0
    is_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    new = session.scalars(
        insert(OutgoingMail)
        .on_conflict_do_nothing(index_elements=["invitation_id", "step"])
        .returning(OutgoingMail.id),
        rows,
    )
    return len(new.all())


def queue_for_user(
    session: Session,
    user: User,
    *,
    step: str,
    programme: Programme | None = None,
    wave: Wave | None = None,
    locale: str = "",
    at: datetime,
) -> OutgoingMail:
    """Ask for a mail to somebody with an account, and for the job that sends it.

    ``set-password`` waits at most once: asking again before it went is the same mail.
    ``test-invitation`` and ``test-reminder`` need their wave.
    """
    # two who ask at once take turns, so that the second sees the first's row
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    outgoing = _waiting_for_password(session, user) if step == SET_PASSWORD else None
    if outgoing is None:
        outgoing = OutgoingMail(
            id=uuid.uuid4(),
            programme_id=programme.id if programme else None,
            wave_id=wave.id if wave else None,
            user_id=user.id,
            step=step,
            locale=locale,
            due_at=at,
            created_at=at,
        )
        session.add(outgoing)
        session.flush()
    request_sending_to_user(session, outgoing, at=at)
    return outgoing


def _waiting_for_password(session: Session, user: User) -> OutgoingMail | None:
    return session.scalars(
        select(OutgoingMail).where(
            OutgoingMail.user_id == user.id,
            OutgoingMail.step == SET_PASSWORD,
            OutgoingMail.state == MailState.QUEUED,
        )
    ).first()


def request_sending(
    session: Session,
    wave_id: uuid.UUID,
    *,
    programme: Programme,
    at: datetime,
    due_at: datetime | None = None,
) -> Job:
    """Ask for the job that sends what a wave has queued, now or once that is due."""
    due_at = _minute_after(due_at or at, at)
    return jobs.request(
        session,
        "send-mail",
        key=f"send-mail:{wave_id}:{due_at.isoformat()}",
        arguments={"wave": str(wave_id)},
        programme=programme,
        at=at,
        due_at=due_at,
    )


def request_sending_to_user(
    session: Session, outgoing: OutgoingMail, *, at: datetime, due_at: datetime | None = None
) -> Job:
    """Ask for the job that sends one mail to a user, now or once it is due."""
    due_at = _minute_after(due_at or at, at)
    programme = session.get(Programme, outgoing.programme_id) if outgoing.programme_id else None
    return jobs.request(
        session,
        "send-mail",
        key=f"send-mail:user:{outgoing.id}:{due_at.isoformat()}",
        arguments={"user_mail": str(outgoing.id)},
        programme=programme,
        at=at,
        due_at=due_at,
    )


def _minute_after(due_at: datetime, at: datetime) -> datetime:
    """Return the whole minute a later moment lies before: what is due in one minute is one job."""
    if due_at <= at:
        return at
    whole = due_at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole + timedelta(minutes=1)


def has_abandoned(session: Session, *, at: datetime) -> bool:
    """Tell whether a sender stopped between handing a message over and marking it."""
    return (
        session.scalars(select(OutgoingMail.id).where(_abandoned(at)).limit(1)).first() is not None
    )


def list_abandoned(session: Session, *, at: datetime) -> None:
    """List as uncertain what senders that died had claimed. It is not sent again."""
    session.execute(
        update(OutgoingMail)
        .where(_abandoned(at))
        .values(
            state=MailState.UNCERTAIN,
            lease_until=None,
            error="The sender stopped between handing it over and marking it.",
        )
    )


def waits(wave_id: uuid.UUID) -> ColumnElement[bool]:
    """Say which messages of a wave are still to go, due or not."""
    return and_(
        OutgoingMail.wave_id == wave_id,
        OutgoingMail.invitation_id.is_not(None),
        OutgoingMail.state == MailState.QUEUED,
    )


def next_due(session: Session, wave_id: uuid.UUID) -> datetime | None:
    """Return when the first message of a wave that waits is due."""
    return session.scalar(select(func.min(OutgoingMail.due_at)).where(waits(wave_id)))


def _abandoned(at: datetime) -> ColumnElement[bool]:
    return and_(OutgoingMail.state == MailState.CLAIMED, OutgoingMail.lease_until < at)
