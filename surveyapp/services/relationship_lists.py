"""The list of relationships: narrowed, sorted, with who stands on each side and who is missing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import (
    Function,
    Influence,
    Organisation,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.services import access, listing, matching, relationships, stakeholders
from surveyapp.services.listing import Order, Page, Sortable
from surveyapp.services.programme_rules import Expected, expected_of

BUYER: Final = aliased(Organisation, name="buyer")
SUPPLIER: Final = aliased(Organisation, name="supplier")
TEXTS: Final = (
    *(BUYER.name, SUPPLIER.name, BUYER.reference, SUPPLIER.reference),
    *(Relationship.product_line, Relationship.service_team, Relationship.region),
)
"""What the text filter and the search look into."""
Undecided = Literal["", "buyer", "supplier", "both"]
"""On which side nobody decides."""
BY_BUYER: Final = Order("buyer")
NAMED: Final = ("segment", "region", "service_team", "product_line")
"""Texts the list is narrowed by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which relationships are wanted. What is left empty means all."""

    text: str = ""
    segment: str = ""
    region: str = ""
    service_team: str = ""
    product_line: str = ""
    manager: uuid.UUID | Literal["nobody"] | None = None
    undecided: Undecided = ""
    is_missing: bool = False
    """Only where an expected function has nobody."""
    lacks: tuple[Side, Function] | None = None
    """Only where this function has nobody on this side."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands on one side now."""

    people: int = 0
    deciders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One relationship of the list."""

    relationship_id: uuid.UUID
    buyer: str
    supplier: str
    narrowing: tuple[str, ...]
    segment: str
    annual_value: Decimal | None
    currency: str
    renewal_on: date | None
    manager: str
    sides: Mapping[Side, Standing]
    missing: Sequence[tuple[Side, Function]]
    """Expected functions with nobody in them."""


def page(
    session: Session,
    programme: Programme,
    narrowed: Narrowed,
    *,
    actor: access.Actor,
    on: date,
    order: Order = BY_BUYER,
    number: int = 1,
) -> Page[Line]:
    """Return a page of the relationships that the asker sees, with three queries."""
    expected = expected_of(programme)
    query = joined(Relationship.id).where(
        relationships.visible(programme, actor), *_clauses(narrowed, expected, on)
    )
    found = listing.paged(
        session,
        query,
        columns=_columns(expected, on),
        order=order,
        number=number,
        tie=(func.lower(BUYER.name), func.lower(SUPPLIER.name), Relationship.id),
    )
    ids = [row.id for row in found.rows]
    parts = _parts(session, programme, ids, on)
    rows = {row.id: row for row in session.execute(_shown().where(Relationship.id.in_(ids)))}
    return found.with_rows([_line(rows[each], parts.get(each, {}), expected) for each in ids])


def joined(*columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 any column
    """Select from relationships beside their two organisations."""
    return (
        select(*columns)
        .select_from(Relationship)
        .join(BUYER, BUYER.id == Relationship.buyer_id)
        .join(SUPPLIER, SUPPLIER.id == Relationship.supplier_id)
    )


def has_nobody(side: Side, on: date, *who: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say which relationships have nobody like that on a side."""
    return not_(
        select(Stakeholder.id)
        .where(
            Stakeholder.programme_id == Relationship.programme_id,
            Stakeholder.relationship_id == Relationship.id,
            Stakeholder.side == side,
            *who,
            stakeholders.runs(on),
        )
        .correlate(Relationship)
        .exists()
    )


def _clauses(narrowed: Narrowed, expected: Expected, on: date) -> list[ColumnElement[bool]]:
    clauses = [matching.has_words(narrowed.text, TEXTS)]
    clauses += [
        getattr(Relationship, name) == wanted
        for name in NAMED
        if (wanted := getattr(narrowed, name))
    ]
    if narrowed.manager == "nobody":
        clauses.append(Relationship.manager_id.is_(None))
    elif narrowed.manager is not None:
        clauses.append(Relationship.manager_id == narrowed.manager)
    if narrowed.undecided:
        sides = list(Side) if narrowed.undecided == "both" else [Side(narrowed.undecided)]
        decides = Stakeholder.influence == Influence.DECIDES
        clauses.append(and_(*(has_nobody(side, on, decides) for side in sides)))
    if narrowed.lacks:
        side, function = narrowed.lacks
        clauses.append(has_nobody(side, on, Stakeholder.function == function))
    if narrowed.is_missing:
        lacking = _lacking(expected, on)
        clauses.append(or_(*lacking) if lacking else literal(value=False))
    return clauses


def _columns(expected: Expected, on: date) -> dict[str, Sortable]:
    return {
        "buyer": func.lower(BUYER.name),
        "supplier": func.lower(SUPPLIER.name),
        "segment": func.nullif(Relationship.segment, ""),
        "value": Relationship.annual_value,
        "renewal": Relationship.renewal_on,
        "manager": select(func.lower(User.name))
        .where(User.id == Relationship.manager_id)
        .scalar_subquery(),
        "buyer_people": _count(on, Side.BUYER),
        "supplier_people": _count(on, Side.SUPPLIER),
        "missing": _missing(expected, on),
    }


def _count(on: date, side: Side) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Stakeholder)
        .where(
            Stakeholder.programme_id == Relationship.programme_id,
            Stakeholder.relationship_id == Relationship.id,
            Stakeholder.side == side,
            stakeholders.runs(on),
        )
        .correlate(Relationship)
        .scalar_subquery()
    )


def _missing(expected: Expected, on: date) -> ColumnElement[int]:
    """Count the expected functions with nobody in them; a look for each beats counting them all."""
    number: ColumnElement[int] = literal(0)
    for lacking in _lacking(expected, on):
        number = number + case((lacking, 1), else_=0)
    return number


def _lacking(expected: Expected, on: date) -> list[ColumnElement[bool]]:
    return [
        has_nobody(side, on, Stakeholder.function == each)
        for side, wanted in expected.items()
        for each in wanted
    ]


def _shown() -> Select[*tuple[Any, ...]]:
    return joined(
        Relationship.id,
        BUYER.name.label("buyer"),
        SUPPLIER.name.label("supplier"),
        *(Relationship.product_line, Relationship.service_team, Relationship.region),
        *(Relationship.segment, Relationship.annual_value, Relationship.currency),
        Relationship.renewal_on,
        User.name.label("manager"),
    ).outerjoin(User, User.id == Relationship.manager_id)


Parts = dict[tuple[Side, Function], Standing]


def _parts(
    session: Session, programme: Programme, ids: Sequence[uuid.UUID], on: date
) -> dict[uuid.UUID, Parts]:
    """Count who stands where, for the relationships of one page."""
    decides = func.count().filter(Stakeholder.influence == Influence.DECIDES)
    rows = session.execute(
        select(
            Stakeholder.relationship_id,
            Stakeholder.side,
            Stakeholder.function,
            func.count(),
            decides,
        )
        .where(
            Stakeholder.programme_id == programme.id,
            Stakeholder.relationship_id.in_(ids),
            stakeholders.runs(on),
        )
        .group_by(Stakeholder.relationship_id, Stakeholder.side, Stakeholder.function)
    )
    found: dict[uuid.UUID, Parts] = {}
    for relationship_id, side, function, people, deciders in rows:
        found.setdefault(relationship_id, {})[side, function] = Standing(people, deciders)
    return found


def _line(row: Row[*tuple[Any, ...]], parts: Parts, expected: Expected) -> Line:
    return Line(
        relationship_id=row.id,
        buyer=row.buyer,
        supplier=row.supplier,
        narrowing=tuple(filter(None, (row.product_line, row.service_team, row.region))),
        segment=row.segment,
        annual_value=row.annual_value,
        currency=row.currency,
        renewal_on=row.renewal_on,
        manager=row.manager or "",
        sides={side: _on_side(parts, side) for side in Side},
        missing=[
            (side, function)
            for side, wanted in expected.items()
            for function in wanted
            if (side, function) not in parts
        ],
    )


def _on_side(parts: Parts, side: Side) -> Standing:
    here = [standing for (where, _function), standing in parts.items() if where == side]
    return Standing(sum(each.people for each in here), sum(each.deciders for each in here))
