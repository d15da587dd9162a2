"""The waves somebody was asked in: what became of the mail, and how far they came where that may be said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import access, relationships, wave_jobs, wave_people


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One wave that asked somebody."""

    wave: Wave
    asked_at: datetime
    mail: MailState | None
    """Of the invitation; reminders would tell who has not answered. None: none is queued."""
    questionnaires: int
    """About relationships that the asker of this page sees."""
    sent: int | None
    """Of these, sent back; None where the contract keeps to itself who answered."""


def of_contact(
    session: Session, programme: Programme, contact: Contact, *, actor: access.Actor
) -> list[Asked]:
    """Return the waves that asked somebody about relationships the asker sees, newest first."""
    # of this person's few questionnaires each is looked up: joined, SQLite begins at the relationships
    is_seen = exists().where(
        Relationship.id == Assignment.relationship_id, relationships.visible(programme, actor)
    )
    counts = (
        select(
            Assignment.invitation_id,
            func.count().label("questionnaires"),
            func.count(Assignment.submitted_at).label("sent"),
        )
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .where(Invitation.contact_id == contact.id, is_seen.correlate(Assignment))
        .group_by(Assignment.invitation_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Wave, Invitation.created_at, OutgoingMail.state, counts.c.questionnaires, counts.c.sent
        )
        .join(Invitation, Invitation.wave_id == Wave.id)
        .join(counts, counts.c.invitation_id == Invitation.id)
        .outerjoin(
            OutgoingMail,
            (OutgoingMail.invitation_id == Invitation.id)
            & (OutgoingMail.step == wave_jobs.INVITATION),
        )
        .where(Invitation.contact_id == contact.id)
        .options(joinedload(Wave.questionnaire_version))
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )
    return [
        Asked(
            wave=wave,
            asked_at=asked_at,
            mail=mail,
            questionnaires=questionnaires,
            sent=sent if wave_people.tells_positions(wave) else None,
        )
        for wave, asked_at, mail, questionnaires, sent in rows
    ]
