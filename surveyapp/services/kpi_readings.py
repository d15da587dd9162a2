"""What the KPIs say of relationships on a day, as known then: value, age, target, trend."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.kpis import KpiDefinition
from surveyapp.models.programmes import Programme
from surveyapp.services import kpi_formulas, kpis
from surveyapp.services.kpi_cells import Period
from surveyapp.services.kpi_observed import AT_ONCE, Found, Holders, observations
from surveyapp.services.kpi_values import (
    Combined,
    Told,
    is_missed,
    missed_running,
    quarters,
    tell,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One KPI of one relationship. A reading exists only where there is a value, old or new."""

    definition: KpiDefinition
    relationship_id: uuid.UUID
    holder_id: uuid.UUID
    """The relationship or, of an inherited fact, the organisation."""
    value: float
    numerator: float | None
    denominator: float | None
    periods: int
    """How many observations were combined; of a formula the fewest of its parts."""
    values: tuple[float, ...]
    """The observations' own values; empty for a formula."""
    newest_on: date
    age_days: int
    is_stale: bool
    """Too old to count: two half-lives, or nothing in the window. Shown with its age."""
    is_inherited: bool
    """It is about the supplier as a whole (of a formula: one of its parts is)."""
    series: tuple[float | None, ...]
    """Of the readings' quarters, the oldest first."""

    @property
    def is_missed(self) -> bool | None:
        """Whether the value is worse than the target; None without a target."""
        return is_missed(self.definition, self.value)

    @property
    def missed_running(self) -> int:
        """How many quarters running the target was missed, up to the newest with a value."""
        return missed_running(self.definition, self.series)


@dataclass(frozen=True, slots=True)
class Readings:
    """The KPIs of some relationships."""

    on: date
    definitions: tuple[KpiDefinition, ...]
    """Those in use, in the order of families."""
    quarters: tuple[Period, ...]
    """The axis of every trend."""
    relationships: tuple[uuid.UUID, ...]
    by_relationship: Mapping[uuid.UUID, Mapping[str, Reading]]
    """By relationship and KPI; one without any value has no entry."""

    def of(self, relationship_id: uuid.UUID) -> list[Reading]:
        """Return the readings of one relationship in the order of families."""
        found = self.by_relationship.get(relationship_id, {})
        return [found[each.slug] for each in self.definitions if each.slug in found]

    def of_kpi(self, slug: str) -> list[Reading]:
        """Return the readings of one KPI, in the order of relationships."""
        return [
            self.by_relationship[each][slug]
            for each in self.relationships
            if slug in self.by_relationship.get(each, {})
        ]


def read(
    session: Session,
    programme: Programme,
    relationships: Collection[uuid.UUID] | None,
    *,
    on: date,
    known_at: datetime | None = None,
    only: Collection[str] | None = None,
) -> Readings:
    """Read the KPIs of relationships; five queries for up to 10,000 of them.

    Parameters
    ----------
    relationships
        Their ids; None for all of the programme. Ids of other programmes are left out.
    on
        The day looked at: later periods are left out, ages count to it.
    known_at
        Leave out what was recorded later, keep what was withdrawn later. None: as known now.
    only
        Short names; of formulas also their parts are read. None: every KPI in use.
    """
    everything = kpis.listed(session, programme, with_retired=True)
    in_use = [each for each in everything if _is_in_use(each, known_at)]
    wanted = [each for each in in_use if only is None or each.slug in only]
    needed = with_parts(wanted, in_use)
    suppliers = _suppliers(session, programme, relationships)
    holders = Holders(None, None)
    if relationships is not None:
        holders = Holders(list(suppliers), set(suppliers.values()))
    observed = [each for each in needed if not each.formula]
    found = observations(session, programme, observed, holders, on=on, known_at=known_at)
    teller = _Teller(needed, found, on)
    shown = {each.slug for each in wanted}
    by_relationship = {}
    for relationship, supplier in suppliers.items():
        told = teller.of(relationship, supplier)
        kept = {slug: reading for slug, reading in told.items() if slug in shown}
        if kept:
            by_relationship[relationship] = kept
    return Readings(on, tuple(wanted), quarters(on), tuple(suppliers), by_relationship)


class _Teller:
    """Tells each organisation's facts once, however many relationships inherit them."""

    def __init__(self, definitions: Sequence[KpiDefinition], found: Found, on: date) -> None:
        by_slug = {each.slug: each for each in definitions}
        formulas = {slug: each.formula for slug, each in by_slug.items()}
        self._definitions = [by_slug[slug] for slug in kpi_formulas.in_order(formulas)]
        self._found = found
        self._on = on
        self._told: dict[tuple[uuid.UUID, uuid.UUID], Told | None] = {}

    def of(self, relationship: uuid.UUID, supplier: uuid.UUID) -> dict[str, Reading]:
        """Return the readings of one relationship, formulas behind their parts."""
        readings: dict[str, Reading] = {}
        for each in self._definitions:
            if each.formula:
                reading = _computed(each, relationship, readings, self._on)
            else:
                reading = self._observed(each, relationship, supplier)
            if reading is not None:
                readings[each.slug] = reading
        return readings

    def _observed(
        self, definition: KpiDefinition, relationship: uuid.UUID, supplier: uuid.UUID
    ) -> Reading | None:
        """Take the relationship's own fact; a current one of its supplier beats a stale own one."""
        own = self._tell(definition, relationship)
        inherited = self._tell(definition, supplier)
        if own and (not own.is_stale or inherited is None or inherited.is_stale):
            return _reading(definition, relationship, relationship, own)
        if inherited:
            return _reading(definition, relationship, supplier, inherited)
        return None

    def _tell(self, definition: KpiDefinition, holder: uuid.UUID) -> Told | None:
        key = (definition.id, holder)
        if key not in self._found:
            return None
        if key not in self._told:
            self._told[key] = tell(definition, self._found[key], on=self._on)
        return self._told[key]


def _reading(
    definition: KpiDefinition, relationship: uuid.UUID, holder: uuid.UUID, told: Told
) -> Reading:
    combined = told.combined
    return Reading(
        definition=definition,
        relationship_id=relationship,
        holder_id=holder,
        value=combined.value,
        numerator=combined.numerator,
        denominator=combined.denominator,
        periods=combined.periods,
        values=told.values,
        newest_on=combined.newest_on,
        age_days=told.age_days,
        is_stale=told.is_stale,
        is_inherited=holder != relationship,
        series=told.series,
    )


def _computed(
    definition: KpiDefinition,
    relationship: uuid.UUID,
    readings: Mapping[str, Reading],
    on: date,
) -> Reading | None:
    """Compute a formula from current parts: unknown when one that it needs is missing or stale."""
    parts = [
        readings[slug]
        for slug in kpi_formulas.parts_of(definition.formula)
        if slug in readings and not readings[slug].is_stale
    ]
    named = {part.definition.slug: part for part in parts}
    value = kpi_formulas.result(
        definition.formula, {slug: part.value for slug, part in named.items()}
    )
    if value is None or not parts:
        return None
    oldest = min(part.newest_on for part in parts)
    age = (on - oldest).days
    combined = Combined(value, None, None, min(part.periods for part in parts), oldest)
    told = Told(
        combined=combined,
        values=(),
        age_days=age,
        is_stale=age >= 2 * definition.half_life_days,
        series=tuple(_quarterly(definition.formula, named)),
    )
    holders = {part.holder_id for part in parts}
    holder = holders.pop() if len(holders) == 1 else relationship
    reading = _reading(definition, relationship, holder, told)
    return replace(reading, is_inherited=any(part.is_inherited for part in parts))


def _quarterly(formula: str, parts: Mapping[str, Reading]) -> Iterator[float | None]:
    length = len(next(iter(parts.values())).series)
    for place in range(length):
        values = {slug: part.series[place] for slug, part in parts.items()}
        yield kpi_formulas.result(
            formula, {slug: value for slug, value in values.items() if value is not None}
        )


def _is_in_use(definition: KpiDefinition, known_at: datetime | None) -> bool:
    retired_at = definition.retired_at
    return retired_at is None or (known_at is not None and retired_at > known_at)


def with_parts(
    wanted: Sequence[KpiDefinition], in_use: Sequence[KpiDefinition]
) -> list[KpiDefinition]:
    """Return KPIs and all that their formulas need."""
    by_slug = {each.slug: each for each in in_use}
    needed: dict[str, KpiDefinition] = {}
    waiting = [each.slug for each in wanted]
    while waiting:
        slug = waiting.pop()
        if slug in by_slug and slug not in needed:
            needed[slug] = by_slug[slug]
            waiting += kpi_formulas.parts_of(by_slug[slug].formula)
    return list(needed.values())


def _suppliers(
    session: Session, programme: Programme, relationships: Collection[uuid.UUID] | None
) -> dict[uuid.UUID, uuid.UUID]:
    query = (
        select(Relationship.id, Relationship.supplier_id)
        .where(Relationship.programme_id == programme.id)
        .order_by(Relationship.id)
    )
    if relationships is None:
        return {row[0]: row[1] for row in session.execute(query)}
    ids = sorted(relationships)
    found: dict[uuid.UUID, uuid.UUID] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = query.where(Relationship.id.in_(ids[start : start + AT_ONCE]))
        found |= {row[0]: row[1] for row in session.execute(part)}
    return found
