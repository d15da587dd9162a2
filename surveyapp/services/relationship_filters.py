"""What the filters of the list of relationships offer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.services import access, relationships
from surveyapp.services.relationship_lists import NAMED


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters of the list offer: only what the asker's relationships hold."""

    named: Mapping[str, Sequence[str]]
    managers: Sequence[tuple[uuid.UUID, str]]


def offered(session: Session, programme: Programme, *, actor: access.Actor) -> Offered:
    """Return the values the list can be narrowed to, with two queries."""
    seen = relationships.visible(programme, actor)
    each = [
        select(literal(name).label("name"), getattr(Relationship, name).label("value"))
        .where(seen, getattr(Relationship, name) != "")
        .distinct()
        for name in NAMED
    ]
    named: dict[str, list[str]] = {name: [] for name in NAMED}
    for name, value in session.execute(union_all(*each)):
        named[name].append(value)
    managing = select(Relationship.manager_id).where(seen).distinct()
    managers = session.execute(
        select(User.id, User.name).where(User.id.in_(managing)).order_by(func.lower(User.name))
    )
    return Offered(
        {name: sorted(values, key=str.casefold) for name, values in named.items()},
        [(user_id, name) for user_id, name in managers],
    )
