"""From observations to what is told of one subject: value, age, target, trend. No database."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection
from surveyapp.services.kpi_cells import Period, quarter_of
from surveyapp.services.kpi_observed import Observed

QUARTERS: Final = 8
_QUARTER_DAYS: Final = 365.25 / 4
_TOLERANCE: Final = 1e-9
Series = tuple[float | None, ...]
"""Of the last eight quarters that have ended, the oldest first."""


class Figures(NamedTuple):
    """Observations of one subject that hold, in the order of their ends."""

    ends: Sequence[date]
    """Each period's last day or, while it runs, the day the value stands for."""
    values: Sequence[float]
    numerators: Sequence[float | None]
    denominators: Sequence[float | None]

    def cut(self, first: int, stop: int | None = None) -> "Figures":
        """Take those from one place up to another."""
        taken = slice(first, stop)
        return Figures(
            self.ends[taken], self.values[taken], self.numerators[taken], self.denominators[taken]
        )


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


def tell(definition: KpiDefinition, observed: Sequence[Observed], *, on: date) -> Told | None:
    """Combine a subject's observations; those of the window or, failing that, the last there were."""
    if not observed:
        return None
    figures = Figures(
        [each.end_on for each in observed],
        [each.value for each in observed],
        [each.numerator for each in observed],
        [each.denominator for each in observed],
    )
    first, is_stale = counting(definition, figures.ends, on=on)
    counted = figures.cut(first)
    return Told(
        combined=combine(definition.aggregation, counted),
        values=tuple(counted.values),
        age_days=(on - figures.ends[-1]).days,
        is_stale=is_stale,
        series=trend(definition.aggregation, figures, quarters(on)),
    )


def counting(definition: KpiDefinition, ends: Sequence[date], *, on: date) -> tuple[int, bool]:
    """Return from which of the observations, at least one, they count, and whether that is stale."""
    newest = ends[-1]
    since = on - _days(definition.window_days)
    is_outside = newest <= since
    if is_outside:
        since = newest - _days(definition.window_days)
    first = bisect_right(ends, since)
    return first, is_outside or newest <= on - _days(2 * definition.half_life_days)


def combine(aggregation: KpiAggregation, figures: Figures) -> Combined:
    """Combine observations, at least one."""
    numerator, denominator = _parts(figures)
    if aggregation is KpiAggregation.LAST:
        numerator, denominator = figures.numerators[-1], figures.denominators[-1]
    value = value_of(aggregation, figures)
    return Combined(value, numerator, denominator, len(figures.values), figures.ends[-1])


def value_of(aggregation: KpiAggregation, figures: Figures) -> float:
    """Return what observations, at least one, come to."""
    if aggregation is KpiAggregation.LAST:
        return figures.values[-1]
    if aggregation is not KpiAggregation.SUM:
        numerator, denominator = _parts(figures)
        if numerator is not None and denominator:
            return numerator / denominator
    total = math.fsum(figures.values)
    return total if aggregation is KpiAggregation.SUM else total / len(figures.values)


def _parts(figures: Figures) -> tuple[float, float] | tuple[None, None]:
    """Sum numerators and denominators where each observation has both."""
    if None in figures.denominators or None in figures.numerators:
        return None, None
    above = math.fsum(each for each in figures.numerators if each is not None)
    return above, math.fsum(each for each in figures.denominators if each is not None)


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


def trend(aggregation: KpiAggregation, figures: Figures, axis: Sequence[Period]) -> Series:
    """Return what ended in each quarter, combined; None where nothing did."""
    series: list[float | None] = []
    first = bisect_left(figures.ends, axis[0].from_on)
    for quarter in axis:
        stop = bisect_right(figures.ends, quarter.until_on, lo=first)
        if stop - first > 1:
            series.append(value_of(aggregation, figures.cut(first, stop)))
        else:  # as nearly always: files have a row for each quarter
            series.append(figures.values[first] if stop > first else None)
        first = stop
    return tuple(series)


def _before(quarter: Period) -> Period:
    return quarter_of(quarter.from_on - timedelta(days=1))
