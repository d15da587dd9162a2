"""KPIs on the pages: how many relationships have current, stale or no values, and one KPI's rows."""

import math
import statistics
import uuid
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.kpis import KpiBatch, KpiDefinition, KpiDirection
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one KPI stands over the relationships somebody sees: small enough to be kept."""

    line: Line
    spread: "Spread | None"
    ids: bytes
    """Of the relationships by name, sixteen bytes each."""
    value: Sequence[float]
    """NaN without one."""
    age: Sequence[int]
    shortfall: Sequence[float]
    """The higher, the better."""
    is_stale: Sequence[int]
    """1 where the value is."""

    @property
    def total(self) -> int:
        """How many relationships there are."""
        return len(self.value)

    def ordered(self, order: Order) -> list[uuid.UUID]:
        """Return the relationships in an order; those without value last, ties by name."""
        places = self._places(order)
        return [uuid.UUID(bytes=self.ids[16 * each : 16 * each + 16]) for each in places]

    def _places(self, order: Order) -> Sequence[int]:
        if order.column == "relationship":
            return range(self.total)[:: -1 if order.is_descending else 1]
        keys: dict[str, tuple[Sequence[float], ...]] = {
            "value": (self.value,),
            "age": (self.age,),
            # current values that miss the target by most come first
            "worst": (self.shortfall, self.is_stale),
        }
        known = [place for place, value in enumerate(self.value) if not math.isnan(value)]
        for key in keys[order.column]:
            known.sort(key=key.__getitem__, reverse=order.is_descending)
        return known + [place for place, value in enumerate(self.value) if math.isnan(value)]


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


def spread(values: list[float]) -> Spread | None:
    """Return how values lie; None without any."""
    if not values:
        return None
    # the quarters of one value are that value; the library asks for two
    several = values if len(values) > 1 else values * 2
    low, median, high = statistics.quantiles(several, method="inclusive")
    return Spread(len(values), min(values), low, median, high, max(values))


def newest_change(session: Session, programme: Programme) -> tuple[Any, ...]:
    """Return what is another whenever values were imported or withdrawn since."""
    query = select(
        func.count(), func.max(KpiBatch.recorded_at), func.max(KpiBatch.withdrawn_at)
    ).where(KpiBatch.programme_id == programme.id)
    return tuple(session.execute(query).one())


def standing(
    session: Session,
    programme: Programme,
    definition: KpiDefinition,
    *,
    among: ColumnElement[bool],
    on: date,
) -> Standing:
    """Read one KPI of the relationships somebody sees."""
    readings = kpi_readings.read(
        session, programme, _ids(session, programme, among), on=on, only={definition.slug}
    )
    names = _names(session, programme, among)
    ids = sorted((each for each in readings.relationships if each in names), key=names.__getitem__)
    told = [readings.by_relationship.get(each, {}).get(definition.slug) for each in ids]
    value = array("d", [each.value if each else math.nan for each in told])
    current = [each.value for each in told if each and not each.is_stale]
    is_high_better = definition.direction is KpiDirection.HIGHER
    return Standing(
        line=line(readings, definition),
        spread=spread(current),
        ids=b"".join(each.bytes for each in ids),
        value=value,
        age=array("l", [each.age_days if each else 0 for each in told]),
        shortfall=value if is_high_better else array("d", [-each for each in value]),
        is_stale=bytes(bool(each and each.is_stale) for each in told),
    )


def rows(
    session: Session,
    programme: Programme,
    found: Standing,
    *,
    on: date,
    order: Order,
    number: int,
) -> tuple[Page[Named], Readings]:
    """Return one page of the relationships, each with what the KPI says of it; without value last."""
    if order.column not in COLUMNS:
        order = Order("relationship")
    slug = found.line.definition.slug
    ids = found.ordered(order)
    number = min(max(1, number), max(1, -(-len(ids) // SIZE)))
    shown = ids[(number - 1) * SIZE : number * SIZE]
    readings = kpi_readings.read(session, programme, shown, on=on, only={slug})
    names = _names(session, programme, Relationship.id.in_(shown))
    named = [
        Named(each, *names[each].told, readings.by_relationship.get(each, {}).get(slug))
        for each in shown
        if each in names
    ]
    return Page(named, len(ids), number, order), readings


COLUMNS: Final = ("relationship", "value", "age", "worst")


class _Name(NamedTuple):
    """The names of a relationship, as lists are sorted by them."""

    key: tuple[str, ...]
    told: tuple[str, str, str]
    """Buyer, supplier, and what it is narrowed to."""


def _names(
    session: Session, programme: Programme, among: ColumnElement[bool]
) -> dict[uuid.UUID, _Name]:
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
        .where(Relationship.programme_id == programme.id, among)
    )
    found = {}
    for key, buying, selling, *narrowing in session.execute(query):
        narrow = ", ".join(word for word in narrowing if word)
        by = (buying.casefold(), selling.casefold(), narrow)
        found[key] = _Name(by, (buying, selling, narrow))
    return found


def _ids(session: Session, programme: Programme, among: ColumnElement[bool]) -> list[uuid.UUID]:
    of_programme = select(Relationship.id).where(Relationship.programme_id == programme.id)
    return list(session.scalars(of_programme.where(among)))
