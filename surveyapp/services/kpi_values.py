"""From observations to what is told of one subject: value, age, target, trend. No database."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection
from surveyapp.services.kpi_cells import Period, quarter_of
from surveyapp.services.kpi_observed import Observed

QUARTERS: Final = 8
_QUARTER_DAYS: Final = 365.25 / 4
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Combined:
    """Several observations as one value."""

    value: float
    numerator: float | None
    denominator: float | None
    periods: int
    newest_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """What a KPI says of one subject on a day."""

    combined: Combined
    values: tuple[float, ...]
    """Of the single periods that were combined."""
    age_days: int
    is_stale: bool
    """Two half-lives old or more, or nothing in the window: shown, not counted."""
    series: tuple[float | None, ...]
    """Of the last eight quarters that have ended, the oldest first."""


def tell(definition: KpiDefinition, observed: Sequence[Observed], *, on: date) -> Told | None:
    """Combine a subject's observations; those of the window or, failing that, the last there were."""
    if not observed:
        return None
    window = timedelta(days=definition.window_days)
    newest = observed[-1].end_on
    inside = [each for each in observed if each.end_on > on - window]
    counted = inside or [each for each in observed if each.end_on > newest - window]
    age = (on - newest).days
    return Told(
        combined=combine(definition.aggregation, counted),
        values=tuple(each.value for each in counted),
        age_days=age,
        is_stale=not inside or age >= 2 * definition.half_life_days,
        series=_series(definition.aggregation, observed, quarters(on)),
    )


def combine(aggregation: KpiAggregation, observed: Sequence[Observed]) -> Combined:
    """Combine observations, at least one, in the order of their ends."""
    newest = observed[-1].end_on
    above = [each.numerator for each in observed if each.numerator is not None]
    below = [each.denominator for each in observed if each.denominator is not None]
    has_parts = len(above) == len(below) == len(observed)
    numerator, denominator = (math.fsum(above), math.fsum(below)) if has_parts else (None, None)
    match aggregation:
        case KpiAggregation.LAST:
            last = observed[-1]
            return Combined(last.value, last.numerator, last.denominator, len(observed), newest)
        case KpiAggregation.SUM:
            value = math.fsum(each.value for each in observed)
        case KpiAggregation.RATE | KpiAggregation.MEAN if numerator is not None and denominator:
            value = numerator / denominator
        case _:
            value = math.fsum(each.value for each in observed) / len(observed)
    return Combined(value, numerator, denominator, len(observed), newest)


@lru_cache(maxsize=64)
def quarters(on: date) -> tuple[Period, ...]:
    """Return the last eight quarters that have ended; one that runs would look like a fall."""
    found = [quarter_of(on)]
    if found[0].until_on > on:
        found = [_before(found[0])]
    while len(found) < QUARTERS:
        found.append(_before(found[-1]))
    return tuple(reversed(found))


def is_missed(definition: KpiDefinition, value: float, *, scale: float = 1.0) -> bool | None:
    """Tell whether a value is worse than the target; None without one."""
    if definition.target is None:
        return None
    short = definition.target * scale - value
    if definition.direction is KpiDirection.LOWER:
        short = -short
    return short > _TOLERANCE * max(1.0, abs(value))


def missed_running(definition: KpiDefinition, series: Iterable[float | None]) -> int:
    """Count the quarters running, up to the newest with a value, that missed the target.

    A sum's target is about its window, so a quarter is held against its part of it.
    """
    is_sum = definition.aggregation is KpiAggregation.SUM
    scale = _QUARTER_DAYS / definition.window_days if is_sum else 1.0
    count = 0
    backwards = list(series)[::-1]
    while backwards and backwards[0] is None:
        backwards.pop(0)
    for value in backwards:
        if value is None or not is_missed(definition, value, scale=scale):
            break
        count += 1
    return count


def _series(
    aggregation: KpiAggregation, observed: Sequence[Observed], axis: Sequence[Period]
) -> tuple[float | None, ...]:
    places: Mapping[date, list[Observed]] = {quarter.from_on: [] for quarter in axis}
    for each in observed:
        place = places.get(quarter_of(each.end_on).from_on)
        if place is not None:
            place.append(each)
    return tuple(_one(aggregation, inside) for inside in places.values())


def _one(aggregation: KpiAggregation, observed: Sequence[Observed]) -> float | None:
    if len(observed) == 1:  # as nearly always: files have a row for each quarter
        return observed[0].value
    return combine(aggregation, observed).value if observed else None


def _before(quarter: Period) -> Period:
    return quarter_of(quarter.from_on - timedelta(days=1))
