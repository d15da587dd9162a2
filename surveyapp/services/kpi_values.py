"""From observations to what is told of one subject: value, age, target, trend. No database."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection
from surveyapp.services.kpi_cells import Period, quarter_of

QUARTERS: Final = 8
_QUARTER_DAYS: Final = 365.25 / 4
_TOLERANCE: Final = 1e-9
Series = tuple[float | None, ...]
"""Of the last eight quarters that have ended, the oldest first."""


class Holding(Protocol):
    """An observation that holds."""

    @property
    def end_on(self) -> date:
        """The period's last day or, while it runs, the day the value stands for."""

    @property
    def value(self) -> float:
        """As imported."""

    @property
    def numerator(self) -> float | None:
        """None without one."""

    @property
    def denominator(self) -> float | None:
        """None without one."""


T = TypeVar("T", bound=Holding)


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
    series: Series


def tell(definition: KpiDefinition, observed: Sequence[Holding], *, on: date) -> Told | None:
    """Combine a subject's observations; those of the window or, failing that, the last there were."""
    if not observed:
        return None
    counted, is_stale = counting(definition, observed, on=on)
    return Told(
        combined=combine(definition.aggregation, counted),
        values=tuple(each.value for each in counted),
        age_days=(on - observed[-1].end_on).days,
        is_stale=is_stale,
        series=trend(definition.aggregation, observed, quarters(on)),
    )


def counting(
    definition: KpiDefinition, observed: Sequence[T], *, on: date
) -> tuple[Sequence[T], bool]:
    """Return what counts of observations, at least one, and whether it is stale."""
    newest = observed[-1].end_on
    since = on - _days(definition.window_days)
    is_outside = newest <= since
    if is_outside:
        since = newest - _days(definition.window_days)
    counted = observed
    if observed[0].end_on <= since:
        counted = [each for each in observed if each.end_on > since]
    return counted, is_outside or newest <= on - _days(2 * definition.half_life_days)


def combine(aggregation: KpiAggregation, observed: Sequence[Holding]) -> Combined:
    """Combine observations, at least one, in the order of their ends."""
    last = observed[-1]
    numerator, denominator = _parts(observed)
    if aggregation is KpiAggregation.LAST:
        numerator, denominator = last.numerator, last.denominator
    value = value_of(aggregation, observed)
    return Combined(value, numerator, denominator, len(observed), last.end_on)


def value_of(aggregation: KpiAggregation, observed: Sequence[Holding]) -> float:
    """Return what observations, at least one, come to."""
    if aggregation is KpiAggregation.LAST:
        return observed[-1].value
    if aggregation is not KpiAggregation.SUM:
        numerator, denominator = _parts(observed)
        if numerator is not None and denominator:
            return numerator / denominator
    total = math.fsum([each.value for each in observed])
    return total if aggregation is KpiAggregation.SUM else total / len(observed)


def _parts(observed: Sequence[Holding]) -> tuple[float, float] | tuple[None, None]:
    """Sum numerators and denominators where each observation has both."""
    if observed[0].denominator is None:  # so nothing more need be looked at
        return None, None
    above = [each.numerator for each in observed if each.numerator is not None]
    below = [each.denominator for each in observed if each.denominator is not None]
    if not len(above) == len(below) == len(observed):
        return None, None
    return math.fsum(above), math.fsum(below)


@lru_cache(maxsize=64)
def _days(count: int) -> timedelta:
    return timedelta(days=count)


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


def trend(
    aggregation: KpiAggregation, observed: Sequence[Holding], axis: Sequence[Period]
) -> Series:
    """Return what ended in each quarter, combined; None where nothing did."""
    places: Mapping[date, list[Holding]] = {quarter.from_on: [] for quarter in axis}
    for each in observed:
        place = places.get(quarter_of(each.end_on).from_on)
        if place is not None:
            place.append(each)
    return tuple(_one(aggregation, inside) for inside in places.values())


def _one(aggregation: KpiAggregation, observed: Sequence[Holding]) -> float | None:
    if len(observed) == 1:  # as nearly always: files have a row for each quarter
        return observed[0].value
    return combine(aggregation, observed).value if observed else None


def _before(quarter: Period) -> Period:
    return quarter_of(quarter.from_on - timedelta(days=1))
