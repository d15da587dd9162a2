"""An interviewer puts answers in for somebody who gives them by phone or in a meeting; the mode is kept.

Only where the questionnaire keeps names with answers: elsewhere an interviewer would hear what the
promise says nobody sees.
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.responses import Response, ResponseMode
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import contract, definitions, wave_rows


@dataclass(frozen=True, slots=True)
class Sitting:
    """Whom the interviewer speaks with, and the pages to fill in."""

    contact: Contact
    slugs: tuple[str, ...]


def is_possible(wave: Wave) -> bool:
    """Tell whether the contract of a wave lets somebody else hear the answers; its version is loaded."""
    questionnaire = definitions.load(wave.questionnaire_version, "")
    is_identified = questionnaire.anonymity is Anonymity.IDENTIFIED
    return is_identified and not contract.has_anonymous_part(questionnaire)


def sitting(session: Session, wave: Wave, invitation_id: uuid.UUID, *, at: datetime) -> Sitting:
    """Return whose answers could be put in. Raises NotFound, or Conflict with the reason why not."""
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.wave_id == wave.id, Invitation.id == invitation_id)
        .options(joinedload(Invitation.contact))
    ).first()
    if invitation is None:
        raise NotFound("Nobody is asked here by that invitation.")
    if not is_possible(wave):
        raise Conflict(
            "The questionnaire promises that nobody sees these answers with a name, so nobody else can"
            " put them in."
        )
    if not wave.accepts_answers(at):
        raise Conflict(f"Wave {wave.slug} takes no answers now.")
    slugs = session.scalars(
        select(Assignment.slug)
        .where(Assignment.invitation_id == invitation.id)
        .order_by(Assignment.slug)
    )
    return Sitting(invitation.contact, tuple(slugs))


def begin(
    session: Session,
    wave: Wave,
    invitation_id: uuid.UUID,
    mode: ResponseMode,
    *,
    by: str,
    at: datetime,
) -> Sitting:
    """Put on record that a member sits down with somebody; the start counts as theirs."""
    found = sitting(session, wave, invitation_id, at=at)
    invitation = session.get_one(Invitation, invitation_id)
    if invitation.started_at is None:
        invitation.started_at = at
        session.flush()
    programme = wave_rows.programme_of(session, wave)
    wave_rows.record(
        session,
        programme,
        wave,
        "answers.assisted",
        by=by,
        at=at,
        contact=f"contact:{found.contact.id}",
        mode=mode.value,
    )
    return found


def modes(session: Session, wave: Wave) -> dict[uuid.UUID, ResponseMode]:
    """Return by which mode an interviewer put in the last answers, by invitation; not who wrote alone."""
    return {row.invitation_id: row.mode for row in session.execute(_put_in(wave))}


def counts(session: Session, wave: Wave) -> Counter[ResponseMode]:
    """Count the people of a wave whose answers an interviewer put in, by mode."""
    found = _put_in(wave).subquery()
    each = select(func.max(found.c.mode).label("mode")).group_by(found.c.invitation_id).subquery()
    rows = session.execute(select(each.c.mode, func.count()).group_by(each.c.mode))
    return Counter({row[0]: row[1] for row in rows})


def _put_in(wave: Wave) -> Select[uuid.UUID, ResponseMode]:
    later = aliased(Response)
    is_last = ~exists().where(
        later.assignment_id == Response.assignment_id, later.revision > Response.revision
    )
    # those by an interviewer are found by an index of their own: they are few
    return (
        select(Assignment.invitation_id, Response.mode)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(
            Response.programme_id == wave.programme_id,
            Response.entered_by.is_not(None),
            Response.mode != ResponseMode.SELF,
            Assignment.wave_id == wave.id,
            is_last,
        )
        # of somebody with several questionnaires the one that comes last in this order counts
        .order_by(Response.mode)
    )


def counted(found: Mapping[uuid.UUID, ResponseMode]) -> Counter[ResponseMode]:
    """Count what ``modes`` found."""
    return Counter(found.values())
