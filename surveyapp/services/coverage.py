"""How far a wave is: who was invited, who started, who sent, and where their mail is."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.services import anonymous_answers, contract


@dataclass(frozen=True, slots=True)
class Coverage:
    """Plain counts of one wave."""

    invited: int
    """People with an invitation."""
    started: int
    """Of these, who pressed Start."""
    assigned: int
    """Questionnaires asked: one for each person and relationship."""
    submitted: int
    """Of these, sent."""
    relationships: int
    """Relationships that are asked about."""
    answered_relationships: int | None
    """Of these, with at least one answer sent; the others are silent. None: no longer known."""
    mail: dict[MailState, int]
    """Messages by state; every state is there."""


def of_wave(session: Session, wave: Wave) -> Coverage:
    """Count a wave's people, questionnaires and mail as they are now."""
    invited, started = session.execute(
        select(func.count(), func.count(Invitation.started_at)).where(Invitation.wave_id == wave.id)
    ).one()
    assigned, submitted, relationships = session.execute(
        select(
            func.count(),
            func.count(Assignment.submitted_at),
            func.count(Assignment.relationship_id.distinct()),
        ).where(Assignment.wave_id == wave.id)
    ).one()
    answered_relationships: int | None = session.scalars(
        select(func.count(Assignment.relationship_id.distinct())).where(
            Assignment.wave_id == wave.id, Assignment.submitted_at.is_not(None)
        )
    ).one()
    if contract.is_severed(wave):
        started = wave.turnout.get("started", 0)
        submitted = anonymous_answers.count(session, wave)
        answered_relationships = None
    mail = dict.fromkeys(MailState, 0)
    for state, count in session.execute(
        select(OutgoingMail.state, func.count())
        .join(OutgoingMail.invitation)
        .where(Invitation.wave_id == wave.id)
        .group_by(OutgoingMail.state)
    ):
        mail[state] = count
    return Coverage(
        invited=invited,
        started=started,
        assigned=assigned,
        submitted=submitted,
        relationships=relationships,
        answered_relationships=answered_relationships,
        mail=mail,
    )
