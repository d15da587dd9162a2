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
from surveyapp.services import kpi_readings, kpi_tallies
from surveyapp.services.kpi_figures import Holders, text_of
from surveyapp.services.kpi_readings import Reading, Readings
from surveyapp.services.kpi_tallies import Tally
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
    keys = select(text_of(Relationship.id), text_of(Relationship.supplier_id)).where(
        Relationship.programme_id == programme.id, among
    )
    rows = session.connection().execute(keys).all()
    holders = Holders(among, [row[0] for row in rows], [row[1] for row in rows])
    return [line(each) for each in kpi_tallies.read(session, programme, holders, on=on)]


def line(tally: Tally) -> Line:
    """Count one KPI."""
    told = [stand for stand in tally.stands if stand]
    stale = sum(is_stale for _value, _newest_on, is_stale in told)
    missed = tally.missed()
    return Line(
        definition=tally.definition,
        current=len(told) - stale,
        stale=stale,
        silent=len(tally.stands) - len(told),
        missed=len(missed),
        late=sum(tally.missed_running(place) >= LATE for place in missed),
        newest_on=max((newest_on for _value, newest_on, _is_stale in told), default=None),
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
    """Read one KPI of the relationships somebody sees; a retired one says nothing of them."""
    named = sorted(_named(session, programme, among))
    holders = Holders(among, [each.id for each in named], [each.supplier_id for each in named])
    found = kpi_tallies.read(session, programme, holders, on=on, only={definition.slug})
    tally = found[0] if found else kpi_tallies.silent(definition, len(named))
    told = [each or (math.nan, on, False) for each in tally.stands]
    value = array("d", [each[0] for each in told])
    current = [value for value, _, is_stale in filter(None, tally.stands) if not is_stale]
    is_high_better = definition.direction is KpiDirection.HIGHER
    return Standing(
        line=line(tally),
        spread=spread(current),
        ids=b"".join(bytes.fromhex(each.id.replace("-", "")) for each in named),
        value=value,
        age=array("l", [(on - newest_on).days for _, newest_on, _ in told]),
        shortfall=value if is_high_better else array("d", [-each for each in value]),
        is_stale=bytes(is_stale for _, _, is_stale in told),
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
    found_named = _named(session, programme, Relationship.id.in_(shown))
    names = {uuid.UUID(each.id): each.told for each in found_named}
    named = [
        Named(each, *names[each], readings.by_relationship.get(each, {}).get(slug))
        for each in shown
        if each in names
    ]
    return Page(named, len(ids), number, order), readings


COLUMNS: Final = ("relationship", "value", "age", "worst")


class _Named(NamedTuple):
    """A relationship with its names, as lists are sorted by them."""

    key: tuple[str, ...]
    id: str
    """As the database writes it."""
    supplier_id: str
    told: tuple[str, str, str]
    """Buyer, supplier, and what it is narrowed to."""


def _named(session: Session, programme: Programme, among: ColumnElement[bool]) -> list[_Named]:
    buyer, supplier = aliased(Organisation), aliased(Organisation)
    query = (
        select(
            text_of(Relationship.id),
            text_of(supplier.id),
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
    found = []
    for key, supplier_id, buying, selling, *narrowing in session.connection().execute(query):
        narrow = ", ".join(word for word in narrowing if word)
        by = (buying.casefold(), selling.casefold(), narrow)
        found.append(_Named(by, key, supplier_id, (buying, selling, narrow)))
    return found
