"""Before the launch: who would be asked and why, who would be left off, person by person."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Function, Organisation, Relationship, Stakeholder
from surveyapp.models.invitations import OmissionReason
from surveyapp.models.waves import Wave
from surveyapp.services import contact_orders, listing, wave_lists, wave_names, wave_people
from surveyapp.services.listing import Order, Page
from surveyapp.services.wave_lists import Rule
from surveyapp.services.wave_names import Naming

_AT_ONCE: Final = 5000
"""People whose reasons are looked up together: each look-up reads every part on that side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Somebody whom a draft names."""

    contact_id: uuid.UUID
    name: str
    email: str
    organisation: str
    reason: str
    """Why they would be on the list."""
    omission: OmissionReason | None
    """Why they would be left off it; None: they would be asked."""


def page(
    session: Session,
    wave: Wave,
    *,
    at: datetime,
    search: str = "",
    function: Function | None = None,
    order: Order = wave_people.BY_NAME,
    number: int = 1,
) -> Page[Prospect]:
    """Return a page of those who would be asked, now or when a scheduled wave opens."""
    plan = _Plan(wave, at)
    parts = _parts(plan, function)
    asked = select(Contact.id).where(plan.is_asked, wave_people.has_words(wave, search))
    # found once for a whole list, which SQLite looks up at random in the order of names
    listed = asked.where(Contact.id.in_(select(Stakeholder.contact_id).where(parts)))
    return _paged(session, plan, listed, few=_with_part(asked, parts), order=order, number=number)


def left_off(
    session: Session,
    wave: Wave,
    *,
    at: datetime,
    search: str = "",
    reason: OmissionReason | None = None,
    order: Order = wave_people.BY_NAME,
    number: int = 1,
) -> Page[Prospect]:
    """Return a page of those whom the rule names and who would be left off."""
    plan = _Plan(wave, at)
    is_left_off: ColumnElement[bool] = plan.is_left_off
    if reason is not None:
        is_left_off = and_(is_left_off, plan.omission == reason)
    named = select(Contact.id).where(is_left_off, wave_people.has_words(wave, search))
    # they are few, most often: each is looked up
    listed = _with_part(named, plan.parts)
    return _paged(session, plan, listed, few=listed, order=order, number=number)


def every(
    session: Session,
    wave: Wave,
    *,
    at: datetime,
    search: str = "",
    function: Function | None = None,
) -> Iterator[Prospect]:
    """Walk all who would be asked, by name, some hundred at a time."""
    plan = _Plan(wave, at)
    query = (
        _shown(plan)
        .where(
            plan.is_asked,
            wave_people.has_words(wave, search),
            Contact.id.in_(select(Stakeholder.contact_id).where(_parts(plan, function))),
        )
        .order_by(func.lower(Contact.name), Contact.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for rows in session.execute(query).partitions():
        yield from _prospects(session, plan, rows)


class _Plan:
    """A draft as it would be launched at a moment."""

    def __init__(self, wave: Wave, at: datetime) -> None:
        self.names: dict[uuid.UUID, str] = {}
        """Of the relationships met so far."""
        when = max(at, wave.opens_at) if wave.opens_at else at
        self.wave = wave
        self.parts: ColumnElement[bool] = wave_lists.parts_named(
            wave.programme_id,
            Rule.from_json(wave.list_rule),
            side=wave_lists.side_of(wave.view),
            on=when.date(),
        )
        self.omission: ColumnElement[Any] = wave_lists.omission_of(wave, launched_at=when, at=when)
        # found first, else PostgreSQL looks every person up in the waves that asked lately
        left_off = (
            select(Contact.id)
            .where(
                Contact.programme_id == wave.programme_id,
                wave_lists.is_left_off(wave, launched_at=when, at=when),
            )
            .cte("left_off")
            .prefix_with("MATERIALIZED")
        )
        self.is_left_off: ColumnElement[bool] = Contact.id.in_(select(left_off.c.id))
        self.is_asked = wave_lists.would_be_asked(wave, launched_at=when, at=when)


def _parts(plan: _Plan, function: Function | None) -> ColumnElement[bool]:
    return plan.parts if function is None else and_(plan.parts, Stakeholder.function == function)


def _with_part(
    people: Select[*tuple[Any, ...]], parts: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Keep those who have one of these parts, each looked up."""
    theirs = select(Stakeholder.id).where(Stakeholder.contact_id == Contact.id, parts)
    return people.where(theirs.correlate(Contact).exists())


def _shown(plan: _Plan) -> Select[*tuple[Any, ...]]:
    """Select what a line of the list says."""
    return select(
        Contact.id,
        Contact.name,
        Contact.email,
        Organisation.name.label("organisation"),
        plan.omission.label("omission"),
    ).join(Organisation, Organisation.id == Contact.organisation_id)


def _paged(
    session: Session,
    plan: _Plan,
    people: Select[*tuple[Any, ...]],
    *,
    few: Select[*tuple[Any, ...]],
    order: Order,
    number: int,
) -> Page[Prospect]:
    """Return a page of these people; ``few`` finds the same quickly among those of a few companies."""
    # which people first, what is said of them then: all of it for everybody takes twice as long
    if order.column == "organisation":
        found = contact_orders.by_organisation(session, people, few=few, order=order, number=number)
    else:
        columns = {"name": func.lower(Contact.name)}
        found = listing.paged(
            session, people, columns=columns, order=order, number=number, tie=Contact.id
        )
    ids = [row.id for row in found.rows]
    rows = {row.id: row for row in session.execute(_shown(plan).where(Contact.id.in_(ids)))}
    return found.with_rows(list(_prospects(session, plan, [rows[each] for each in ids])))


def _prospects(
    session: Session, plan: _Plan, rows: Sequence[Row[*tuple[Any, ...]]]
) -> Iterator[Prospect]:
    reasons = _reasons(session, plan, [row.id for row in rows])
    for row in rows:
        yield Prospect(
            contact_id=row.id,
            name=row.name,
            email=row.email,
            organisation=row.organisation,
            reason=reasons[row.id],
            omission=row.omission,
        )


def _reasons(session: Session, plan: _Plan, contacts: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Say why each is named, in the words that the launch writes down."""
    parts: dict[uuid.UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for part in session.execute(
        select(
            Stakeholder.contact_id,
            Stakeholder.relationship_id,
            Stakeholder.function,
            Stakeholder.influence,
        ).where(plan.parts, Stakeholder.contact_id.in_(contacts))
    ):
        parts[part.contact_id].append(part)
    _learn_names(
        session, plan, {each.relationship_id for theirs in parts.values() for each in theirs}
    )
    return {contact: wave_names.reason(theirs, plan.names) for contact, theirs in parts.items()}


def _learn_names(session: Session, plan: _Plan, wanted: Collection[uuid.UUID]) -> None:
    unknown = [each for each in wanted if each not in plan.names]
    if not unknown:
        return
    naming = Naming.of(session, plan.wave.programme_id)
    for relationship in session.scalars(
        select(Relationship)
        .where(Relationship.id.in_(unknown))
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    ):
        plan.names[relationship.id] = naming.name(relationship)
