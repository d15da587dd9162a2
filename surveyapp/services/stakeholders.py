"""Stakeholders: who has a part in a relationship; added, changed, ended, and removed only if never asked."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Raci,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import audit, editing
from surveyapp.services.editing import Facts, wrong


@dataclass(frozen=True, slots=True)
class PartFacts(Facts):
    """What may be changed about somebody's part."""

    function: Function
    influence: Influence
    raci: Raci | None
    from_on: date | None
    until_on: date | None


def facts_of(part: Stakeholder) -> PartFacts:
    """Return what is stored."""
    return PartFacts(part.function, part.influence, part.raci, part.from_on, part.until_on)


def runs(on: date) -> ColumnElement[bool]:
    """Say which parts run on a day."""
    return and_(
        or_(Stakeholder.from_on.is_(None), Stakeholder.from_on <= on),
        or_(Stakeholder.until_on.is_(None), Stakeholder.until_on >= on),
    )


def is_running(part: Stakeholder, on: date) -> bool:
    """Tell whether a part runs on a day."""
    return (part.from_on is None or part.from_on <= on) and not has_ended(part, on)


def has_ended(part: Stakeholder, on: date) -> bool:
    """Tell whether a part was over before that day."""
    return part.until_on is not None and part.until_on < on


def of_relationship(session: Session, relationship: Relationship) -> Sequence[Stakeholder]:
    """Return everybody with a part, deciders first, then by name; the contacts are loaded."""
    weight = {influence: number for number, influence in enumerate(Influence)}
    found = session.scalars(
        select(Stakeholder)
        .join(Stakeholder.contact)
        .where(
            Stakeholder.programme_id == relationship.programme_id,
            Stakeholder.relationship_id == relationship.id,
        )
        .options(contains_eager(Stakeholder.contact))
    )
    return sorted(
        found, key=lambda part: (weight[part.influence], part.contact.name.casefold(), part.id)
    )


def find(session: Session, relationship: Relationship, part_id: uuid.UUID) -> Stakeholder:
    """Return a part in this relationship, the contact loaded. Raises NotFound."""
    found = session.scalars(
        select(Stakeholder)
        .where(
            Stakeholder.programme_id == relationship.programme_id,
            Stakeholder.relationship_id == relationship.id,
            Stakeholder.id == part_id,
        )
        .options(joinedload(Stakeholder.contact))
    ).first()
    if found is None:
        raise NotFound("There is no such stakeholder.")
    return found


def candidates(session: Session, relationship: Relationship, *, most: int) -> Sequence[Contact]:
    """Return people of the two organisations without a part here, by organisation and name."""
    has_part = (
        select(Stakeholder.id)
        .where(
            Stakeholder.programme_id == relationship.programme_id,
            Stakeholder.relationship_id == relationship.id,
            Stakeholder.contact_id == Contact.id,
        )
        .correlate(Contact)
        .exists()
    )
    return session.scalars(
        select(Contact)
        .join(Contact.organisation)
        .where(
            Contact.organisation_id.in_([relationship.buyer_id, relationship.supplier_id]),
            ~has_part,
        )
        .options(contains_eager(Contact.organisation))
        .order_by(Organisation.id == relationship.supplier_id, func.lower(Contact.name), Contact.id)
        .limit(most)
    ).all()


def side_of(relationship: Relationship, contact: Contact) -> Side | None:
    """Return where somebody stands: where their organisation stands."""
    if contact.organisation_id == relationship.buyer_id:
        return Side.BUYER
    return Side.SUPPLIER if contact.organisation_id == relationship.supplier_id else None


def add(
    session: Session,
    programme: Programme,
    relationship: Relationship,
    contact: Contact,
    facts: PartFacts,
    *,
    by: str,
    at: datetime,
) -> Stakeholder:
    """Give somebody a part.

    Raises
    ------
    Invalid
        They work at neither organisation, have a part on that side already, or it ends before it starts.
    """
    audit.take_turn(session, programme.id)
    side = side_of(relationship, contact)
    if side is None:
        raise wrong(
            "contact",
            f"{contact.name} works at neither organisation of this relationship. Choose somebody of one"
            " of the two, or change where this person works first.",
        )
    has_part = select(Stakeholder.id).where(
        Stakeholder.programme_id == programme.id,
        Stakeholder.relationship_id == relationship.id,
        Stakeholder.contact_id == contact.id,
        Stakeholder.side == side,
    )
    if session.scalars(has_part).first() is not None:
        raise wrong(
            "contact",
            f"{contact.name} has a part in this relationship already. Change that one: a part that"
            " ended runs again once its last day is taken away.",
        )
    _require_order(facts)
    part = Stakeholder(
        programme_id=programme.id,
        contact_id=contact.id,
        relationship_id=relationship.id,
        side=side,
        created_at=at,
        **facts.as_mapping(),
    )
    session.add(part)
    session.flush()
    details = {name: editing.as_text(fact) for name, fact in facts.as_mapping().items()}
    _record(session, programme, part, "stakeholder.added", by=by, at=at, **details)
    return part


def edit(
    session: Session,
    programme: Programme,
    part: Stakeholder,
    wanted: PartFacts,
    *,
    seen: str,
    by: str,
    at: datetime,
) -> None:
    """Change or end somebody's part.

    Raises
    ------
    ChangedMeanwhile
        Somebody else did so since.
    Invalid
        It would end before it starts.
    """
    audit.take_turn(session, programme.id)
    session.refresh(part)
    found = editing.changes(facts_of(part), wanted, seen=seen)
    if not found:
        return
    _require_order(wanted)
    for name, fact in wanted.as_mapping().items():
        setattr(part, name, fact)
    session.flush()
    details = editing.on_record(found)
    _record(session, programme, part, "stakeholder.changed", by=by, at=at, **details)


def waves_asked(session: Session, part: Stakeholder) -> Sequence[str]:
    """Return the names of the waves in which this part was asked, newest first."""
    asked = (
        select(Assignment.id)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .where(
            Assignment.wave_id == Wave.id,
            Assignment.relationship_id == part.relationship_id,
            Assignment.side == part.side,
            Invitation.contact_id == part.contact_id,
        )
        .correlate(Wave)
    )
    return session.scalars(
        select(Wave.name)
        .where(Wave.programme_id == part.programme_id, asked.exists())
        .order_by(Wave.created_at.desc(), Wave.id)
    ).all()


def remove(
    session: Session, programme: Programme, part: Stakeholder, *, by: str, at: datetime
) -> None:
    """Take a part out as if it had never been. Raises Conflict when it was asked: end it instead."""
    audit.take_turn(session, programme.id)
    asked = waves_asked(session, part)
    if asked:
        raise Conflict(
            f"{part.contact.name} was asked about this relationship in {asked[0]}, so the part must"
            " stay on record. Give it a last day instead."
        )
    details = {name: editing.as_text(fact) for name, fact in facts_of(part).as_mapping().items()}
    _record(session, programme, part, "stakeholder.removed", by=by, at=at, **details)
    session.delete(part)
    session.flush()


def _require_order(facts: PartFacts) -> None:
    if facts.from_on and facts.until_on and facts.until_on < facts.from_on:
        raise wrong(
            "until_on",
            f"The last day, {facts.until_on}, is before the first, {facts.from_on}. Mend one.",
        )


def _record(
    session: Session,
    programme: Programme,
    part: Stakeholder,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    audit.record(
        session,
        programme,
        action,
        subject=f"stakeholder:{part.id}",
        by=by,
        at=at,
        relationship=str(part.relationship_id),
        contact=str(part.contact_id),
        **details,
    )
