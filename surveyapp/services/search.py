"""Finding a relationship or a person by a few letters: the best matches of both at once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.programmes import Programme
from surveyapp.services import (
    access,
    contact_lists,
    contacts,
    matching,
    relationship_lists,
    relationships,
)
from surveyapp.services.relationship_lists import BUYER, SUPPLIER

MOST: Final = 20
"""Of each kind; the lists show the others."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundRelationship:
    """A relationship that holds every typed word."""

    relationship_id: uuid.UUID
    buyer: str
    supplier: str
    narrowing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person whose name or address holds every typed word."""

    contact_id: uuid.UUID
    name: str
    email: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Best(Generic[T]):
    """The best matches of one kind."""

    rows: Sequence[T]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    relationships: Best[FoundRelationship]
    people: Best[FoundPerson]

    @property
    def only(self) -> FoundRelationship | FoundPerson | None:
        """The one thing that was found, if it was one."""
        everything: list[FoundRelationship | FoundPerson] = [
            *self.relationships.rows,
            *self.people.rows,
        ]
        return everything[0] if len(everything) == 1 else None


def find(session: Session, programme: Programme, typed: str, *, actor: access.Actor) -> Found:
    """Return the best matches among what the asker sees, with two queries. Nothing typed finds nothing."""
    text = matching.normal(typed)
    if not text:
        return Found(Best([], has_more=False), Best([], has_more=False))
    return Found(
        _relationships(session, programme, text, actor), _people(session, programme, text, actor)
    )


def _relationships(
    session: Session, programme: Programme, text: str, actor: access.Actor
) -> Best[FoundRelationship]:
    narrowing = (Relationship.product_line, Relationship.service_team, Relationship.region)
    rows = session.execute(
        relationship_lists.joined(Relationship.id, BUYER.name, SUPPLIER.name, *narrowing)
        .where(
            relationships.visible(programme, actor),
            matching.has_words(text, relationship_lists.TEXTS),
        )
        .order_by(
            matching.rank(text, relationship_lists.TEXTS),
            func.lower(BUYER.name),
            func.lower(SUPPLIER.name),
            Relationship.id,
        )
        .limit(MOST + 1)
    ).all()
    return _best(
        [
            FoundRelationship(each, buyer, supplier, tuple(filter(None, narrowed)))
            for each, buyer, supplier, *narrowed in rows
        ]
    )


def _people(
    session: Session, programme: Programme, text: str, actor: access.Actor
) -> Best[FoundPerson]:
    rank = matching.rank(text, contact_lists.TEXTS).label("rank")
    by_name = func.lower(Contact.name).label("by_name")
    # found first and shown then: an index holds what is looked through, but not who works where
    best = (
        select(Contact.id, rank, by_name)
        .where(
            contacts.visible(programme, actor),
            matching.has_words(text, contact_lists.TEXTS),
        )
        .order_by(rank, by_name, Contact.id)
        .limit(MOST + 1)
        .subquery()
    )
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.email, Organisation.name)
        .join(best, best.c.id == Contact.id)
        .join(Contact.organisation)
        .order_by(best.c.rank, best.c.by_name, Contact.id)
    )
    return _best([FoundPerson(*row) for row in rows])


def _best(rows: list[T]) -> Best[T]:
    return Best(rows[:MOST], has_more=len(rows) > MOST)
