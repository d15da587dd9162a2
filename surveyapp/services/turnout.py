"""How many answers there are in waves whose people can no longer be told by whether they answered."""

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.responses import AnonymousResponse
from surveyapp.models.waves import Wave
from surveyapp.services import contract


def by_relationship(wave: Wave) -> Subquery:
    """Count the answers of a severed wave by relationship; those that stand for none are left out."""
    return (
        select(AnonymousResponse.relationship_id, func.count().label("answered"))
        .where(AnonymousResponse.wave_id == wave.id, AnonymousResponse.relationship_id.is_not(None))
        .group_by(AnonymousResponse.relationship_id)
        .subquery("turnout")
    )


def by_wave(
    session: Session, waves: Iterable[Wave], *, among: ColumnElement[bool] | None = None
) -> dict[uuid.UUID, int]:
    """Count the answers of those waves that are severed; ``among`` keeps to some relationships."""
    severed = {wave.id: 0 for wave in waves if contract.is_severed(wave)}
    if not severed:
        return {}
    query = (
        select(AnonymousResponse.wave_id, func.count())
        .where(AnonymousResponse.wave_id.in_(severed))
        .group_by(AnonymousResponse.wave_id)
    )
    if among is not None:
        own = select(Relationship.id).where(among)
        query = query.where(AnonymousResponse.relationship_id.in_(own))
    return severed | {wave_id: count for wave_id, count in session.execute(query)}  # noqa: C416 rows are not pairs to dict()


def spared(wave: Wave) -> uuid.UUID | None:
    """Return the relationship whose answers are pooled although many were asked there, if there is one."""
    found = wave.turnout.get("spared", "")
    return uuid.UUID(found) if found else None
