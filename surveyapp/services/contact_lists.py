"""The list of people: narrowed, sorted, with the number of parts each plays now."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.programmes import Programme
from surveyapp.services import (
    access,
    contact_orders,
    contacts,
    listing,
    matching,
    relationships,
    stakeholders,
)
from surveyapp.services.listing import Order, Page

TEXTS: Final = (Contact.name, Contact.email)
"""What the text filter and the search look into."""
BY_NAME: Final = Order("name")


class Reach(StrEnum):
    """Whether mail may go to somebody."""

    REACHABLE = "can be asked"
    OPTED_OUT = "opted out"
    BOUNCED = "address bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which people are wanted. What is left empty means all."""

    text: str = ""
    organisation: str = ""
    side: Side | None = None
    function: Function | None = None
    is_decider: bool = False
    reach: Reach | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person of the list."""

    contact_id: uuid.UUID
    name: str
    email: str
    organisation: str
    locale: str
    parts: int
    """In relationships that the asker sees, now."""
    is_opted_out: bool
    is_bounced: bool


def page(
    session: Session,
    programme: Programme,
    narrowed: Narrowed,
    *,
    actor: access.Actor,
    on: date,
    order: Order = BY_NAME,
    number: int = 1,
) -> Page[Line]:
    """Return a page of the people that the asker sees, with three queries."""
    seen: Select[*tuple[Any, ...]] = select(Contact.id).where(
        contacts.visible(programme, actor), *_clauses(programme, narrowed, actor, on)
    )
    if order.column == "organisation":
        found = contact_orders.by_organisation(session, seen, order=order, number=number)
    else:
        found = listing.paged(
            session,
            seen,
            columns={"name": func.lower(Contact.name), "email": Contact.email},
            order=order,
            number=number,
            tie=Contact.id,
            counted=seen if actor.sees_all and narrowed == Narrowed() else None,
        )
    ids = [row.id for row in found.rows]
    rows = {row.id: row for row in session.execute(_shown(programme, actor, ids, on))}
    return found.with_rows([_line(rows[each]) for each in ids])


def reach() -> dict[Reach, ColumnElement[bool]]:
    """Say of whom each state holds; who opted out is that first, whatever the address does."""
    return {
        Reach.REACHABLE: and_(Contact.opted_out_at.is_(None), Contact.bounced_at.is_(None)),
        Reach.OPTED_OUT: Contact.opted_out_at.is_not(None),
        Reach.BOUNCED: Contact.bounced_at.is_not(None),
    }


def _clauses(
    programme: Programme, narrowed: Narrowed, actor: access.Actor, on: date
) -> list[ColumnElement[bool]]:
    clauses = [matching.has_words(narrowed.text, TEXTS)]
    if narrowed.organisation:
        names = (Organisation.name, Organisation.reference)
        organisations = select(Organisation.id).where(
            Organisation.programme_id == programme.id,
            matching.has_words(narrowed.organisation, names),
        )
        clauses.append(Contact.organisation_id.in_(organisations))
    part = []
    if narrowed.side is not None:
        part.append(Stakeholder.side == narrowed.side)
    if narrowed.function is not None:
        part.append(Stakeholder.function == narrowed.function)
    if narrowed.is_decider:
        part.append(Stakeholder.influence == Influence.DECIDES)
    if part:
        clauses.append(contacts.has_part(programme, actor, and_(*part, stakeholders.runs(on))))
    if narrowed.reach is not None:
        clauses.append(reach()[narrowed.reach])
    return clauses


def _shown(
    programme: Programme, actor: access.Actor, ids: Sequence[uuid.UUID], on: date
) -> Select[*tuple[Any, ...]]:
    parts = (
        select(func.count())
        .select_from(Stakeholder)
        .join(Relationship, Relationship.id == Stakeholder.relationship_id)
        .where(
            Stakeholder.contact_id == Contact.id,
            relationships.visible(programme, actor),
            stakeholders.runs(on),
        )
        .correlate(Contact)
        .scalar_subquery()
    )
    return (
        select(
            Contact.id,
            Contact.name,
            Contact.email,
            Contact.locale,
            Organisation.name.label("organisation"),
            Contact.opted_out_at,
            Contact.bounced_at,
            parts.label("parts"),
        )
        .join(Contact.organisation)
        .where(Contact.id.in_(ids))
    )


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    return Line(
        contact_id=row.id,
        name=row.name,
        email=row.email,
        organisation=row.organisation,
        locale=row.locale,
        parts=row.parts,
        is_opted_out=row.opted_out_at is not None,
        is_bounced=row.bounced_at is not None,
    )
