"""Invitations: opened by link, started by a POST."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound, WaveStateError
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import links

# written once; the text of a questionnaire is read where its hash is not known yet
_LINKED: Final = (
    select(Invitation)
    .where(Invitation.token_hash == bindparam("token_hash"))
    .options(
        joinedload(Invitation.contact),
        joinedload(Invitation.programme),
        joinedload(Invitation.wave)
        .joinedload(Wave.questionnaire_version)
        .defer(QuestionnaireVersion.canonical_json),
    )
)
_ASKED: Final = (
    select(Assignment)
    .where(Assignment.invitation_id == bindparam("invitation_id"))
    .options(
        joinedload(Assignment.relationship).options(
            joinedload(Relationship.buyer).load_only(Organisation.name),
            joinedload(Relationship.supplier).load_only(Organisation.name),
        ),
        joinedload(Assignment.questionnaire_version).defer(QuestionnaireVersion.canonical_json),
    )
    .order_by(Assignment.slug)
)
Status = Literal["open", "closed", "answered", "paused", "not open yet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link leads to."""

    invitation: Invitation
    contact: Contact
    wave: Wave
    programme: Programme
    assignments: list[Assignment]
    status: Status


def redeem(session: Session, token: str, *, at: datetime) -> Opened:
    """Look a link up, reading only: mail scanners follow links too. Raises NotFound."""
    token_hash = links.token_hash(token)
    invitation = session.scalars(_LINKED, {"token_hash": token_hash}).first()
    if invitation is None:
        raise NotFound(
            "This link is not known here. It may be cut off, or replaced by a newer one."
        )
    assignments = list(session.scalars(_ASKED, {"invitation_id": invitation.id}))
    is_answered = all(has_sent(assignment, invitation.wave, at=at) for assignment in assignments)
    return Opened(
        invitation=invitation,
        contact=invitation.contact,
        wave=invitation.wave,
        programme=invitation.programme,
        assignments=assignments,
        status=status_of(invitation.wave, is_answered=is_answered, at=at),
    )


def has_sent(assignment: Assignment, wave: Wave, *, at: datetime) -> bool:
    """Tell whether nothing is left to send: what was taken up again counts as it was sent at the end."""
    if assignment.submitted_at is None:
        return False
    return assignment.reopened_at is None or at >= wave.closes_at or wave.state == WaveState.CLOSED


def status_of(wave: Wave, *, is_answered: bool, at: datetime) -> Status:
    """Say what a respondent can do with a wave now."""
    if is_answered:
        return "answered"
    if wave.accepts_answers(at):
        return "open"
    if at >= wave.closes_at or wave.state == WaveState.CLOSED:
        return "closed"
    return "paused" if wave.state == WaveState.PAUSED else "not open yet"


def start(session: Session, token: str, *, at: datetime) -> Opened:
    """Record that the person pressed Start. Pressing it again changes nothing."""
    opened = redeem(session, token, at=at)
    if opened.status != "open":
        raise WaveStateError(f"The questionnaire is {opened.status}.")
    if opened.invitation.started_at is None:
        opened.invitation.started_at = at
        session.flush()
    return opened
