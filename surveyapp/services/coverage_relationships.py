"""Coverage relationship by relationship: answered of asked, deciders, money; and which are silent."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, Select, Subquery, case, cast, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.services import listing
from surveyapp.services.coverage_money import COLUMNS, Grouping
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.listing import Order, Page
from surveyapp.services.wave_names import Naming

BY_VALUE: Final = Order("value", is_descending=True)
_MOST_CHOICES: Final = 200
_EXPORTED_AT_ONCE: Final = 500


class Heard(StrEnum):
    """Who has been heard from a relationship."""

    SILENT = "silent"
    """Nobody, or nobody who decides."""
    NOBODY = "nobody"
    NO_DECIDER = "no decider"
    """Others have answered."""
    SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which relationships a list shows; what is left out means all."""

    heard: Heard | None = None
    among: Mapping[Grouping, str] | None = None


EVERY: Final = Narrowing()


@dataclass(frozen=True, slots=True)
class Covered:
    """One relationship and how many of its people have answered."""

    relationship_id: uuid.UUID
    name: str
    buyer: str
    supplier: str
    groups: Mapping[Grouping, str]
    annual_value: Decimal | None
    currency: str
    renewal_on: date | None
    asked: int
    answered: int | None
    """None: the promise does not let it be told."""
    deciders_asked: int
    deciders_answered: int | None
    """None: not told, or there are none."""
    is_silent: bool

    @property
    def lacks_decider(self) -> bool:
        """Whether deciders were asked and none is known to have answered."""
        return self.deciders_asked > 0 and self.deciders_answered == 0


def page(
    session: Session, sight: Sight, narrowing: Narrowing, *, order: Order, number: int
) -> Page[Covered]:
    """Return a page of relationships in sight."""
    tally = sight.tally()
    buyer, supplier = aliased(Organisation), aliased(Organisation)
    query = (
        _figures(sight, tally, narrowing)
        .join(buyer, buyer.id == Relationship.buyer_id)
        .join(supplier, supplier.id == Relationship.supplier_id)
    )
    columns: dict[str, ColumnElement[Any]] = {
        "value": Relationship.annual_value.expression,
        "name": func.lower(buyer.name + " " + supplier.name),
        "renewal": Relationship.renewal_on.expression,
        "asked": tally.c.asked,
        "answered": _share(tally.c.answered, tally.c.asked, sight.is_told(tally)),
        "deciders": _share(
            tally.c.deciders_answered, tally.c.deciders_asked, sight.is_split_told(tally)
        ),
        "segment": func.lower(Relationship.segment),
    }
    found = listing.paged(
        session, query, columns=columns, order=order, number=number, tie=Relationship.id
    )
    return found.with_rows(_covered(session, sight, found.rows))


def silent_ids(session: Session, sight: Sight) -> list[uuid.UUID]:
    """Return every relationship that is silent."""
    query = _figures(sight, sight.tally(), Narrowing(heard=Heard.SILENT))
    return [row.id for row in session.execute(query.order_by(Relationship.id))]


def find(session: Session, sight: Sight, relationship_id: uuid.UUID) -> Covered | None:
    """Return one relationship of the wave, or None when it is not in sight."""
    tally = sight.tally(among=[relationship_id])
    rows = session.execute(_figures(sight, tally, EVERY)).all()
    return next(iter(_covered(session, sight, rows)), None)


def every(session: Session, sight: Sight) -> Iterator[Covered]:
    """Go through all relationships in sight, dearest first, some at a time."""
    tally = sight.tally()
    query = _figures(sight, tally, EVERY).order_by(
        Relationship.annual_value.desc().nulls_last(), Relationship.id
    )
    rows = session.execute(query).all()
    for start in range(0, len(rows), _EXPORTED_AT_ONCE):
        yield from _covered(session, sight, rows[start : start + _EXPORTED_AT_ONCE])


def choices(session: Session, sight: Sight) -> dict[Grouping, list[str]]:
    """Return what the relationships of the programme in sight can be narrowed to."""
    found: dict[Grouping, list[str]] = {}
    for grouping, column in COLUMNS.items():
        values = session.scalars(
            select(column)
            .distinct()
            .where(Relationship.programme_id == sight.wave.programme_id, sight.own, column != "")
            .order_by(column)
            .limit(_MOST_CHOICES)
        )
        found[grouping] = list(values)
    return found


def _figures(sight: Sight, tally: Subquery, narrowing: Narrowing) -> Select[*tuple[Any, ...]]:
    told, split = sight.is_told(tally), sight.is_split_told(tally)
    is_known = split | sight.is_still(tally)
    query: Select[*tuple[Any, ...]] = select(
        Relationship.id,
        tally.c.asked,
        case((told, tally.c.answered)).label("answered"),
        tally.c.deciders_asked,
        case((is_known & (tally.c.deciders_asked > 0), tally.c.deciders_answered)).label(
            "deciders_answered"
        ),
        case((sight.is_silent(tally), 1), else_=0).label("is_silent"),
    ).join(tally, tally.c.relationship_id == Relationship.id)
    match narrowing.heard:
        case Heard.SILENT:
            query = query.where(sight.is_silent(tally))
        case Heard.NOBODY:
            query = query.where(sight.is_still(tally))
        case Heard.NO_DECIDER:
            query = query.where(sight.has_no_decider(tally), tally.c.answered > 0)
        case Heard.SOMEBODY:
            query = query.where(told, tally.c.answered > 0)
        case None:
            pass
    for grouping, wanted in (narrowing.among or {}).items():
        query = query.where(COLUMNS[grouping] == wanted)
    return query


def _covered(session: Session, sight: Sight, rows: Iterable[Any]) -> Sequence[Covered]:
    figures = {row.id: row for row in rows}
    relationships = {
        each.id: each
        for each in session.scalars(
            select(Relationship)
            .where(Relationship.id.in_(figures))
            .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
        )
    }
    naming = Naming.of(session, sight.wave.programme_id)
    return [_one(naming, relationships[key], row) for key, row in figures.items()]


def _one(naming: Naming, relationship: Relationship, row: Any) -> Covered:  # noqa: ANN401 a row of _figures
    return Covered(
        relationship_id=relationship.id,
        name=naming.name(relationship),
        buyer=relationship.buyer.name,
        supplier=relationship.supplier.name,
        groups={
            grouping: getattr(relationship, column.key) for grouping, column in COLUMNS.items()
        },
        annual_value=relationship.annual_value,
        currency=relationship.currency,
        renewal_on=relationship.renewal_on,
        asked=row.asked,
        answered=row.answered,
        deciders_asked=row.deciders_asked,
        deciders_answered=row.deciders_answered,
        is_silent=bool(row.is_silent),
    )


def _share(
    some: ColumnElement[int], of: ColumnElement[int], is_told: ColumnElement[bool]
) -> ColumnElement[float]:
    """Sort by this: an order must not tell what the row does not."""
    return case((is_told & (of > 0), cast(some, Float) / of))
