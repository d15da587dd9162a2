"""Who was asked and who answered over a whole wave, as far as a portfolio report counts them."""

import uuid
from collections import defaultdict

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Influence
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.waves import Wave
from surveyapp.reports import context as said
from surveyapp.services import contract, turnout


def counts(session: Session, wave: Wave) -> dict[uuid.UUID, tuple[int, int]]:
    """Return people asked and people who answered, by relationship."""
    answered = func.count(Assignment.submitted_at)
    query = select(Assignment.relationship_id, func.count(), answered)
    if contract.is_severed(wave):
        filed = turnout.by_relationship(wave)
        query = select(
            Assignment.relationship_id, func.count(), func.coalesce(func.max(filed.c.answered), 0)
        ).outerjoin(filed, filed.c.relationship_id == Assignment.relationship_id)
    rows = session.execute(
        query.where(Assignment.wave_id == wave.id).group_by(Assignment.relationship_id)
    )
    return {relationship: (asked, spoken) for relationship, asked, spoken in rows}


def answered(session: Session, wave: Wave) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return who answered, by relationship; nobody where people can no longer be told apart."""
    if contract.is_severed(wave):
        return {}
    rows = session.execute(
        select(Assignment.relationship_id, Invitation.contact_id)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .where(Assignment.wave_id == wave.id, Assignment.submitted_at.is_not(None))
    )
    found: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for relationship, contact in rows:
        found[relationship].add(contact)
    return {relationship: frozenset(people) for relationship, people in found.items()}


def deciders(session: Session, wave: Wave) -> said.Deciders | None:
    """Count those who decide, and where none of them has answered though others have.

    Only for waves that promise nothing: elsewhere single deciders would follow from the counts.
    """
    decides = Assignment.influence == Influence.DECIDES
    tally = (
        select(
            func.count(Assignment.submitted_at).label("answered"),
            func.sum(case((decides, 1), else_=0)).label("deciders"),
            func.count(case((decides, Assignment.submitted_at))).label("heard"),
        )
        .where(Assignment.wave_id == wave.id)
        .group_by(Assignment.relationship_id)
        .subquery("tally")
    )
    unheard = (tally.c.answered > 0) & (tally.c.deciders > 0) & (tally.c.heard == 0)
    asked, spoken, silent = session.execute(
        select(
            func.coalesce(func.sum(tally.c.deciders), 0),
            func.coalesce(func.sum(tally.c.heard), 0),
            func.count(case((unheard, 1))),
        )
    ).one()
    if asked == 0:
        return None
    return said.Deciders(asked=int(asked), answered=int(spoken), silent_relationships=silent)
