"""Relationships one by one: found within what the asker sees, added, changed in place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Organisation, Relationship, Stakeholder
from surveyapp.models.invitations import Assignment
from surveyapp.models.people import Membership, User
from surveyapp.models.programmes import Programme
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.services import access, audit, editing
from surveyapp.services.editing import Facts, wrong

_NARROWING = ("product_line", "service_team", "region")


@dataclass(frozen=True, slots=True)
class RelationshipFacts(Facts):
    """What may be changed about a relationship; who buys from whom may not: that is another one."""

    product_line: str = ""
    service_team: str = ""
    region: str = ""
    segment: str = ""
    annual_value: Decimal | None = None
    currency: str = ""
    renewal_on: date | None = None
    manager_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class AskedIn:
    """A wave that asked about a relationship."""

    wave: Wave
    people: int
    has_results: bool


def facts_of(relationship: Relationship) -> RelationshipFacts:
    """Return what is stored."""
    return RelationshipFacts(
        **{name: getattr(relationship, name) for name in RelationshipFacts.__dataclass_fields__}
    )


def narrowing(relationship: Relationship) -> list[str]:
    """Return what a relationship is narrowed to, in the order product line, service team, region."""
    return [part for name in _NARROWING if (part := getattr(relationship, name))]


def visible(programme: Programme, actor: access.Actor) -> ColumnElement[bool]:
    """Say which relationships the asker sees: of this programme, a manager only their own."""
    return and_(Relationship.programme_id == programme.id, access.own_relationships(actor))


def parts_seen(programme: Programme, actor: access.Actor) -> ColumnElement[bool]:
    """Say which stakeholders' parts the asker sees: those in relationships that they see."""
    is_here = Stakeholder.programme_id == programme.id
    if actor.sees_all:
        return is_here
    own = select(Relationship.id).where(visible(programme, actor))
    return and_(is_here, Stakeholder.relationship_id.in_(own))


def find(
    session: Session, programme: Programme, relationship_id: uuid.UUID, *, actor: access.Actor
) -> Relationship:
    """Return a relationship that the asker sees, both organisations loaded. Raises NotFound."""
    found = session.scalars(
        select(Relationship)
        .where(Relationship.id == relationship_id, visible(programme, actor))
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    ).first()
    if found is None:
        raise NotFound("There is no such relationship.")
    return found


def manager_of(session: Session, relationship: Relationship) -> User | None:
    """Return who looks after a relationship."""
    manager_id = relationship.manager_id
    return None if manager_id is None else session.get(User, manager_id)


def possible_managers(session: Session, programme: Programme) -> Sequence[User]:
    """Return the members of the programme, by name: each may look after a relationship."""
    return session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.programme_id == programme.id)
        .order_by(func.lower(User.name), User.email)
    ).all()


def asked_in(session: Session, relationship: Relationship) -> list[AskedIn]:
    """Return the waves that asked about a relationship, newest first, and which have results."""
    other = aliased(ScoreRun)
    newest = (
        select(func.max(other.number))
        .where(other.wave_id == ScoreRun.wave_id)
        .correlate(ScoreRun)
        .scalar_subquery()
    )
    measured = (
        select(Score.id)
        .join(ScoreRun, ScoreRun.id == Score.run_id)
        .where(
            ScoreRun.wave_id == Wave.id,
            ScoreRun.number == newest,
            Score.relationship_id == relationship.id,
            Score.measure == Measure.SEQ,
        )
        .correlate(Wave)
    )
    people = (
        select(Assignment.wave_id, func.count(Assignment.invitation_id.distinct()).label("people"))
        .where(Assignment.relationship_id == relationship.id)
        .group_by(Assignment.wave_id)
        .subquery()
    )
    rows = session.execute(
        select(Wave, people.c.people, measured.exists())
        .join(people, people.c.wave_id == Wave.id)
        .order_by(Wave.launched_at.desc(), Wave.id)
    )
    return [AskedIn(wave, count, has_results) for wave, count, has_results in rows]


def create(
    session: Session,
    programme: Programme,
    buyer: Organisation,
    supplier: Organisation,
    facts: RelationshipFacts,
    *,
    by: str,
    at: datetime,
) -> Relationship:
    """Add a relationship.

    Raises
    ------
    Invalid
        Buyer and supplier are one, it is there already, or a value or manager cannot be used.
    """
    audit.take_turn(session, programme.id)
    if buyer.id == supplier.id:
        raise wrong(
            "supplier", "The supplier is the buyer. A relationship needs two organisations."
        )
    _require_usable(session, programme, facts)
    relationship = Relationship(
        programme_id=programme.id,
        buyer_id=buyer.id,
        supplier_id=supplier.id,
        created_at=at,
        **facts.as_mapping(),
    )
    relationship.id = uuid.uuid4()
    _require_single(session, relationship, facts)
    session.add(relationship)
    session.flush()
    details = {name: editing.as_text(fact) for name, fact in facts.as_mapping().items()}
    _record(session, programme, relationship, "relationship.added", by=by, at=at, **details)
    return relationship


def edit(
    session: Session,
    programme: Programme,
    relationship: Relationship,
    wanted: RelationshipFacts,
    *,
    seen: str,
    by: str,
    at: datetime,
) -> None:
    """Change a relationship's facts; ``seen`` is the mark of the facts the asker looked at.

    Raises
    ------
    ChangedMeanwhile
        Somebody else changed them since.
    Invalid
        It would double another one, or a value or manager cannot be used.
    """
    audit.take_turn(session, programme.id)
    session.refresh(relationship, [*RelationshipFacts.__dataclass_fields__])
    found = editing.changes(facts_of(relationship), wanted, seen=seen)
    if not found:
        return
    _require_usable(session, programme, wanted)
    _require_single(session, relationship, wanted)
    for name, fact in wanted.as_mapping().items():
        setattr(relationship, name, fact)
    session.flush()
    details = editing.on_record(found)
    _record(session, programme, relationship, "relationship.changed", by=by, at=at, **details)


def _require_usable(session: Session, programme: Programme, facts: RelationshipFacts) -> None:
    if facts.annual_value is not None and not facts.currency:
        raise wrong("currency", "The annual value needs its currency, as in EUR.")
    if facts.manager_id is None:
        return
    member = select(Membership.id).where(
        Membership.programme_id == programme.id, Membership.user_id == facts.manager_id
    )
    if session.scalars(member).first() is None:
        raise wrong("manager_id", "This person is no member any more. Choose another manager.")


def _require_single(session: Session, relationship: Relationship, facts: RelationshipFacts) -> None:
    twin = session.scalars(
        select(Relationship.id).where(
            Relationship.programme_id == relationship.programme_id,
            Relationship.buyer_id == relationship.buyer_id,
            Relationship.supplier_id == relationship.supplier_id,
            Relationship.product_line == facts.product_line,
            Relationship.service_team == facts.service_team,
            Relationship.region == facts.region,
            Relationship.id != relationship.id,
        )
    ).first()
    if twin is not None:
        raise wrong(
            "product_line",
            "These two organisations already have a relationship with this product line, service team"
            " and region. Change that one, or narrow this one differently.",
        )


def _record(
    session: Session,
    programme: Programme,
    relationship: Relationship,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    subject = f"relationship:{relationship.id}"
    audit.record(session, programme, action, subject=subject, by=by, at=at, **details)
