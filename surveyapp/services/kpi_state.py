"""KPIs as the state takes them: oriented, standardised, with known noise; and what is left out, why.

Everything a run needs is in ``StateFacts``, as whole numbers and plain values: it can be stored with
a run's input and gives the same arrays again.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection, KpiUnit
from surveyapp.models.programmes import Programme
from surveyapp.scoring import facts
from surveyapp.services import kpi_formulas, kpi_readings, kpis
from surveyapp.services.editing import as_text
from surveyapp.services.kpi_readings import Reading

PARTS_A_UNIT: Final = 10_000
"""A standardised value is stored in so many parts."""
_FORMAT: Final = 1
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Reason(StrEnum):
    """Why a fact does not inform the state."""

    STALE = "stale"
    NO_SPREAD = "no spread: all values are alike"
    NO_CURRENT = "no current values"
    SHOWN_ONLY = "shown only"
    RETIRED = "retired"
    COUNTED_ALREADY = "its parts count already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One KPI of the state, with the definition and the reference it was read by."""

    kpi: str
    definition: dict[str, str]
    kind: str
    """rate, mad or iqr: how it was standardised."""
    centre: float
    spread: float
    n: int
    """Subjects in the reference."""
    noise: str
    """cases, periods or assumed: where its noise comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What does not inform the state."""

    kpi: str
    reason: Reason
    relationships: list[int]
    """Positions; empty: of every relationship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """The facts of one run."""

    on: date
    entries: list[Entry]
    observations: list[list[int]]
    """Position of the relationship and of the entry, z in 1/10,000, step of the noise, 1 when
    inherited; sorted."""
    left_out: list[LeftOut]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "on": self.on.isoformat(), "format": _FORMAT}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "StateFacts":
        """Read what ``as_json`` gave. Raises Invalid for a format this version does not know."""
        if found.get("format") != _FORMAT:
            raise Invalid(f"These facts have format {found.get('format')}; {_FORMAT} is known.")
        return cls(
            on=date.fromisoformat(found["on"]),
            entries=[Entry(**each) for each in found["entries"]],
            observations=[list(each) for each in found["observations"]],
            left_out=[
                LeftOut(**{**each, "reason": Reason(each["reason"])}) for each in found["left_out"]
            ],
        )

    def arrays(self) -> tuple[Floats, Ints, Floats]:
        """Return y, group and noise as ``scoring.state`` takes them.

        One row for each relationship that has a fact, in the order of relationships; y (rows,
        entries) in z, NaN where there is no fact; group (rows,); noise (rows, entries), NaN there.
        """
        group = sorted({each[0] for each in self.observations})
        row = {relationship: place for place, relationship in enumerate(group)}
        y = np.full((len(group), len(self.entries)), np.nan)
        noise = np.full_like(y, np.nan)
        for relationship, entry, z, step, _inherited in self.observations:
            place = row[relationship], entry
            y[place] = z / PARTS_A_UNIT
            noise[place] = float(facts.grid_noise(np.array(step)))
        return y, np.array(group, dtype=np.int64), noise


def observations(
    session: Session,
    programme: Programme,
    relationships: Sequence[uuid.UUID],
    *,
    on: date,
    known_at: datetime | None = None,
) -> StateFacts:
    """Return the facts of relationships, whose places in the list are their positions.

    They are read against all relationships of the programme with a current value; a fact of an
    organisation counts once there, however many inherit it.
    """
    readings = kpi_readings.read(session, programme, None, on=on, known_at=known_at)
    position = {relationship: place for place, relationship in enumerate(relationships)}
    entries: list[Entry] = []
    rows: list[list[int]] = []
    left_out: list[LeftOut] = []
    for definition in kpis.listed(session, programme, with_retired=True):
        told = readings.of_kpi(definition.slug)
        scaled = _why_not(definition, readings.definitions) or _scaled(definition, told, position)
        if isinstance(scaled, Reason):
            left_out.append(LeftOut(kpi=definition.slug, reason=scaled, relationships=[]))
            continue
        if stale := _stale(told, position):
            left_out.append(LeftOut(kpi=definition.slug, reason=Reason.STALE, relationships=stale))
        rows += [[place, len(entries), *values] for place, *values in scaled.values]
        entries.append(scaled.entry)
    return StateFacts(on=on, entries=entries, observations=sorted(rows), left_out=left_out)


@dataclass(frozen=True, slots=True)
class _Scaled:
    """One KPI, standardised."""

    entry: Entry
    values: list[list[int]]
    """Position of the relationship, z, step of the noise, 1 when inherited."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """What a KPI is read against, and how sure its values are before they age."""

    kind: str
    centre: float
    spread: float
    noise: Floats
    """Of each reading, on the z scale."""
    noise_kind: str


def _why_not(definition: KpiDefinition, in_use: Sequence[KpiDefinition]) -> Reason | None:
    if definition.retired_at is not None:
        return Reason.RETIRED
    if not definition.is_scored:
        return Reason.SHOWN_ONLY
    parts = kpi_formulas.parts_of(definition.formula)
    if any(each.is_scored and each.slug in parts for each in in_use):
        return Reason.COUNTED_ALREADY
    return None


def _scaled(
    definition: KpiDefinition, told: Sequence[Reading], position: Mapping[uuid.UUID, int]
) -> _Scaled | Reason:
    current = [each for each in told if not each.is_stale]
    if not any(each.relationship_id in position for each in current):
        is_stale = any(each.relationship_id in position for each in told)
        return Reason.STALE if is_stale else Reason.NO_CURRENT
    once = list({each.holder_id: each for each in current}.values())
    is_rate = definition.aggregation is KpiAggregation.RATE and definition.unit is KpiUnit.SHARE
    reference = (_by_cases if is_rate else _by_periods)(definition, once, current)
    if reference is None:
        return Reason.NO_SPREAD
    z = facts.standardise(
        np.array([each.value for each in current]),
        reference.centre,
        reference.spread,
        is_high_better=definition.direction is KpiDirection.HIGHER,
    )
    age = np.array([float(each.age_days) for each in current])
    step = facts.grid_step(facts.aged(reference.noise, age, definition.half_life_days))
    values = [
        [
            position[each.relationship_id],
            round(float(z[place]) * PARTS_A_UNIT),
            int(step[place]),
            int(each.is_inherited),
        ]
        for place, each in enumerate(current)
        if each.relationship_id in position
    ]
    stored = kpis.facts_of(definition).as_mapping()
    entry = Entry(
        kpi=definition.slug,
        definition={name: as_text(fact) for name, fact in stored.items()},
        kind=reference.kind,
        centre=reference.centre,
        spread=reference.spread,
        n=len(once),
        noise=reference.noise_kind,
    )
    return _Scaled(entry, values)


def _by_cases(
    _definition: KpiDefinition, once: Sequence[Reading], current: Sequence[Reading]
) -> _Reference | None:
    """Read a rate by the reference rate and the number of its own cases."""
    reference = facts.rate_reference(
        np.array([each.numerator for each in once], dtype=np.float64),
        np.array([each.denominator for each in once], dtype=np.float64),
    )
    if reference is None:
        return None
    cases = np.array([each.denominator for each in current], dtype=np.float64)
    noise = facts.rate_noise(reference, cases)
    return _Reference("rate", reference.rate, reference.spread, noise, "cases")


def _by_periods(
    definition: KpiDefinition, once: Sequence[Reading], current: Sequence[Reading]
) -> _Reference | None:
    """Read another value by median and robust spread; its periods tell how much is chance."""
    reference = facts.value_reference(np.array([each.value for each in once]))
    if reference is None:
        return None
    single = [(value, place) for place, each in enumerate(once) for value in each.values]
    chance = None
    if single:
        values, subject = zip(*single, strict=True)
        chance = facts.period_variance(np.array(values), np.array(subject, dtype=np.int64))
    if chance is None:
        noise = np.full(len(current), facts.ASSUMED_NOISE)
        return _Reference(reference.method, reference.median, reference.spread, noise, "assumed")
    periods = np.array([float(each.periods) for each in current])
    match definition.aggregation:
        case KpiAggregation.LAST:
            share = np.ones(len(current))
        case KpiAggregation.SUM:
            share = periods
        case KpiAggregation.MEAN | KpiAggregation.RATE:
            share = 1 / periods
    noise = np.maximum(chance * share / reference.spread**2, facts.LEAST_NOISE)
    return _Reference(reference.method, reference.median, reference.spread, noise, "periods")


def _stale(told: Sequence[Reading], position: Mapping[uuid.UUID, int]) -> list[int]:
    stale = (each.relationship_id for each in told if each.is_stale)
    return sorted(position[each] for each in stale if each in position)
