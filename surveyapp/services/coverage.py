"""How far a wave is: who was invited, who started, who sent, and where their mail is."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, cast, func, select
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
    # by relationship first, in the order of the index: counting distinct ones sorts all parts
    each = (
        select(func.count().label("asked"), func.count(Assignment.submitted_at).label("sent"))
        .where(Assignment.wave_id == wave.id)
        .group_by(Assignment.relationship_id)
        .subquery()
    )
    assigned, submitted, relationships, heard = session.execute(
        select(_sum(each.c.asked), _sum(each.c.sent), func.count(), func.count(_some(each.c.sent)))
    ).one()
    answered_relationships: int | None = heard
    if contract.is_severed(wave):
        started = wave.turnout.get("started", 0)
        submitted = anonymous_answers.count(session, wave)
        answered_relationships = None
    mail = dict.fromkeys(MailState, 0)
    for state, count in session.execute(
        select(OutgoingMail.state, func.count())
        .where(OutgoingMail.wave_id == wave.id, OutgoingMail.invitation_id.is_not(None))
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


def _sum(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), Integer)


def _some(column: ColumnElement[int]) -> ColumnElement[int]:
    """Leave out nought, so that a count leaves it out."""
    return func.nullif(column, 0)
