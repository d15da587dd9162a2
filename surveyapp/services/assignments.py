"""Assignments by the name in their pages' addresses: found, held while answers are written, open or not."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound, WaveStateError
from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.waves import Wave
from surveyapp.services import invitations
from surveyapp.services.invitations import Status


def find(session: Session, slug: str, *, lock: bool = False) -> Assignment:
    """Load an assignment with all its pages need, and let no other post of it by. Raises NotFound."""
    if lock:
        _hold_wave(session, slug)
    query = (
        select(Assignment)
        .where(Assignment.slug == slug)
        .options(
            joinedload(Assignment.invitation).joinedload(Invitation.contact),
            joinedload(Assignment.invitation).joinedload(Invitation.programme),
            joinedload(Assignment.wave),
            joinedload(Assignment.questionnaire_version),
            joinedload(Assignment.relationship).joinedload(Relationship.buyer),
            joinedload(Assignment.relationship).joinedload(Relationship.supplier),
        )
    )
    # PostgreSQL: posts of one assignment take turns, others are not held up; SQLite: one writer
    found = session.scalars(query.with_for_update(of=Assignment) if lock else query).first()
    if found is None:
        raise NotFound("There is no such questionnaire.")
    return found


def _hold_wave(session: Session, slug: str) -> None:
    """Keep the wave from closing until the commit, so its scores miss no answer that got a receipt.

    PostgreSQL: many hold it shared at once, closing waits for them. SQLite has one writer anyway.
    """
    wave_id = select(Assignment.wave_id).where(Assignment.slug == slug).scalar_subquery()
    session.execute(select(Wave.id).where(Wave.id == wave_id).with_for_update(read=True))


def status_of(assignment: Assignment, *, at: datetime) -> Status:
    """Say whether it can be answered now."""
    is_answered = invitations.has_sent(assignment, assignment.wave, at=at)
    return invitations.status_of(assignment.wave, is_answered=is_answered, at=at)


def require_open(assignment: Assignment, *, at: datetime) -> None:
    """Refuse an answer that comes too late. Raises WaveStateError."""
    if (status := status_of(assignment, at=at)) != "open":
        raise WaveStateError(f"The questionnaire is {status}.")
