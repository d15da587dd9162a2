"""KPIs on the pages: how many relationships have current, stale or no values, and one KPI's rows."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.kpis import KpiDefinition, KpiDirection
from surveyapp.models.programmes import Programme
from surveyapp.services import kpi_readings
from surveyapp.services.kpi_readings import Reading, Readings
from surveyapp.services.listing import SIZE, Order, Page

LATE: Final = 3
"""So many quarters running below target, and somebody must act."""


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI over the relationships somebody sees."""

    definition: KpiDefinition
    current: int
    stale: int
    silent: int
    """Relationships without any value."""
    missed: int
    """Current values worse than the target."""
    late: int
    """Of these, those that missed it three quarters running."""
    newest_on: date | None


@dataclass(frozen=True, slots=True)
class Named:
    """A relationship with its names, and what one KPI says of it."""

    relationship_id: uuid.UUID
    buyer: str
    supplier: str
    narrowing: str
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Spread:
    """How the current values of one KPI lie."""

    n: int
    lowest: float
    low: float
    """A quarter lies below."""
    median: float
    high: float
    """A quarter lies above."""
    highest: float


def overview(
    session: Session, programme: Programme, *, among: ColumnElement[bool], on: date
) -> list[Line]:
    """Return every KPI in use, in the order of families."""
    readings = kpi_readings.read(session, programme, _ids(session, programme, among), on=on)
    return [line(readings, each) for each in readings.definitions]


def line(readings: Readings, definition: KpiDefinition) -> Line:
    """Count one KPI's readings."""
    told = readings.of_kpi(definition.slug)
    current = [each for each in told if not each.is_stale]
    missed = [each for each in current if each.is_missed]
    return Line(
        definition=definition,
        current=len(current),
        stale=len(told) - len(current),
        silent=len(readings.relationships) - len(told),
        missed=len(missed),
        late=sum(each.missed_running >= LATE for each in missed),
        newest_on=max((each.newest_on for each in told), default=None),
    )


def spread(readings: Readings, slug: str) -> Spread | None:
    """Return how current values lie; None without any."""
    values = [each.value for each in readings.of_kpi(slug) if not each.is_stale]
    if not values:
        return None
    return Spread(
        len(values), *(float(each) for each in np.quantile(values, (0, 0.25, 0.5, 0.75, 1)))
    )


def of_kpi(
    session: Session, programme: Programme, slug: str, *, among: ColumnElement[bool], on: date
) -> Readings:
    """Read one KPI of the relationships somebody sees."""
    ids = _ids(session, programme, among)
    return kpi_readings.read(session, programme, ids, on=on, only={slug})


def rows(
    session: Session,
    programme: Programme,
    readings: Readings,
    slug: str,
    *,
    order: Order,
    number: int,
) -> Page[Named]:
    """Return one page of the relationships, each with what the KPI says of it; without value last."""
    named = _named(session, programme, readings, slug)
    if order.column not in _COLUMNS:
        order = Order("relationship")
    key = _COLUMNS[order.column]
    told = [each for each in named if order.column == "relationship" or each.reading]
    silent = [each for each in named if order.column != "relationship" and not each.reading]
    ordered = [*sorted(told, key=key, reverse=order.is_descending), *silent]
    number = min(max(1, number), max(1, -(-len(ordered) // SIZE)))
    return Page(ordered[(number - 1) * SIZE : number * SIZE], len(ordered), number, order)


def _by_name(each: Named) -> tuple[str, ...]:
    return (each.buyer.casefold(), each.supplier.casefold(), each.narrowing)


def _by_value(each: Named) -> float:
    return each.reading.value if each.reading else 0.0


def _by_age(each: Named) -> int:
    return each.reading.age_days if each.reading else 0


def _by_shortfall(each: Named) -> tuple[bool, float]:
    """Worst first: current values that miss the target, from the farthest."""
    reading = each.reading
    if reading is None:
        return (True, 0.0)
    is_high_better = reading.definition.direction is KpiDirection.HIGHER
    return (reading.is_stale, reading.value if is_high_better else -reading.value)


_COLUMNS: Final[dict[str, Callable[[Named], Any]]] = {
    "relationship": _by_name,
    "value": _by_value,
    "age": _by_age,
    "worst": _by_shortfall,
}


def _named(
    session: Session, programme: Programme, readings: Readings, slug: str
) -> Sequence[Named]:
    buyer, supplier = aliased(Organisation), aliased(Organisation)
    query = (
        select(
            Relationship.id,
            buyer.name,
            supplier.name,
            Relationship.product_line,
            Relationship.service_team,
            Relationship.region,
        )
        .join(buyer, buyer.id == Relationship.buyer_id)
        .join(supplier, supplier.id == Relationship.supplier_id)
        .where(Relationship.programme_id == programme.id)
    )
    wanted = set(readings.relationships)
    named = [
        Named(
            key,
            buying,
            selling,
            ", ".join(word for word in narrowing if word),
            readings.by_relationship.get(key, {}).get(slug),
        )
        for key, buying, selling, *narrowing in session.execute(query)
        if key in wanted
    ]
    return sorted(named, key=_by_name)


def _ids(session: Session, programme: Programme, among: ColumnElement[bool]) -> list[uuid.UUID]:
    of_programme = select(Relationship.id).where(Relationship.programme_id == programme.id)
    return list(session.scalars(of_programme.where(among)))
