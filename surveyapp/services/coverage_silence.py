"""What can be seen of silent relationships, and the next step by stated rules."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import WaveState
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_relationships import Covered
from surveyapp.services.wave_jobs import INVITATION

_NOT_GONE: Final = (MailState.QUEUED, MailState.CLAIMED, MailState.DROPPED, MailState.FAILED)


class Step(StrEnum):
    """What to do about a silent relationship; the first rule that fits."""

    ADDRESSES = "correct the addresses"
    """Mail to somebody there bounced."""
    MAIL = "look at the mail"
    """No mail has gone to anybody there."""
    REMIND = "send a reminder"
    """The wave is open and nobody in it was reminded yet."""
    SPONSOR = "call the sponsor"
    """Somebody there has answered or started: the link works, who decides does not use it."""
    CONTACT = "ask for another contact"
    """Mail and a reminder went out, and nobody there stirred."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the people of a relationship are, as far as the contract tells."""

    asked: int
    bounced: int
    waiting: int
    begun: int | None
    """Started or saved something and then fell silent; None where only mail facts are told."""


def look(
    session: Session, sight: Sight, relationship_ids: Iterable[uuid.UUID]
) -> Mapping[uuid.UUID, Seen]:
    """Count, for some relationships, the people by what is known of them."""
    is_open = Assignment.submitted_at.is_(None)
    is_refused = or_(Contact.bounced_at.is_not(None), OutgoingMail.state == MailState.BOUNCED)
    is_waiting = or_(OutgoingMail.state.is_(None), OutgoingMail.state.in_(_NOT_GONE))
    rows = session.execute(
        select(
            Assignment.relationship_id,
            func.count(),
            _count(is_refused),
            _count(and_(~is_refused, is_waiting)),
            _count(and_(is_open, Invitation.started_at.is_not(None))),
        )
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .outerjoin(
            OutgoingMail,
            and_(OutgoingMail.invitation_id == Invitation.id, OutgoingMail.step == INVITATION),
        )
        .where(sight.parts(), Assignment.relationship_id.in_(list(relationship_ids)))
        .group_by(Assignment.relationship_id)
    )
    return {
        key: Seen(asked, bounced, waiting, begun if sight.tells_people else None)
        for key, asked, bounced, waiting, begun in rows
    }


def next_step(covered: Covered, seen: Seen, sight: Sight, *, has_reminded: bool) -> Step:
    """Choose what to do next; the order of ``Step`` is the order of the rules."""
    if seen.bounced:
        return Step.ADDRESSES
    if seen.waiting == seen.asked:
        return Step.MAIL
    if not has_reminded and sight.wave.state == WaveState.OPEN:
        return Step.REMIND
    return Step.SPONSOR if covered.answered or seen.begun else Step.CONTACT


def has_reminded(session: Session, sight: Sight) -> bool:
    """Tell whether a reminder of the wave has gone out."""
    done = select(Reminder.id).where(
        Reminder.wave_id == sight.wave.id, Reminder.state == ReminderState.DONE
    )
    return session.scalars(done.limit(1)).first() is not None


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))
