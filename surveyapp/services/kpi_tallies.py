"""What the KPIs say of very many relationships at once: as ``kpi_readings``, without a reading for each.

A list of KPIs counts relationships and sorts them; readings are made of those on the page. A test
holds the two together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from sqlalchemy.orm import Session

from surveyapp.models.kpis import KpiDefinition
from surveyapp.models.programmes import Programme
from surveyapp.services import kpi_figures, kpi_formulas, kpis
from surveyapp.services.kpi_figures import Cells, Holders, apart
from surveyapp.services.kpi_readings import with_parts
from surveyapp.services.kpi_values import (
    QUARTERS,
    Series,
    counting,
    is_missed,
    missed_running,
    quarters,
    trend,
    value_of,
)

_VALUE: Final = 0
_NEWEST_ON: Final = 1
_IS_STALE: Final = 2
Stand = tuple[float, date, bool]
"""What a KPI says of one relationship or organisation: value, newest day, whether that is stale.

A plain tuple, like the cells in ``kpi_figures``, because there are so many.
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """One KPI over the relationships, in their order."""

    definition: KpiDefinition
    stands: Sequence[Stand | None]
    """None where there is no value, old or new."""
    series: Callable[[int], Series]
    """The trend of the relationship at a place that has a value."""

    def missed(self) -> list[int]:
        """Return the places of current values that miss the target."""
        definition = self.definition
        if definition.target is None:
            return []
        return [
            place
            for place, stand in enumerate(self.stands)
            if stand and not stand[_IS_STALE] and is_missed(definition, stand[_VALUE])
        ]

    def missed_running(self, place: int) -> int:
        """Count the quarters running that the target was missed, up to the newest with a value."""
        return missed_running(self.definition, self.series(place))


def read(
    session: Session,
    programme: Programme,
    holders: Holders,
    *,
    on: date,
    only: Collection[str] | None = None,
) -> list[Tally]:
    """Return the KPIs in use in the order of families, with four queries however many there are.

    Parameters
    ----------
    on
        The day looked at, as known now.
    only
        Short names; of formulas also their parts are read. None: every KPI in use.
    """
    in_use = kpis.listed(session, programme)
    wanted = [each for each in in_use if only is None or each.slug in only]
    needed = {each.slug: each for each in with_parts(wanted, in_use)}
    observed = [each for each in needed.values() if not each.formula]
    found = kpi_figures.read(session, programme, observed, holders, on=on)
    tallies: dict[str, Tally] = {}
    for slug in kpi_formulas.in_order({slug: each.formula for slug, each in needed.items()}):
        each = needed[slug]
        if each.formula:
            tallies[slug] = _computed(each, tallies, len(holders.relationships), on)
        else:
            tallies[slug] = _observed(each, found[slug], holders, on)
    return [tallies[each.slug] for each in wanted]


def silent(definition: KpiDefinition, count: int) -> Tally:
    """Say nothing of relationships: a retired KPI is read no more."""
    return Tally(definition, [None] * count, lambda _place: (None,) * QUARTERS)


def _observed(
    definition: KpiDefinition, found: Mapping[str, Cells], holders: Holders, on: date
) -> Tally:
    """Take each relationship's own fact; a current one of its supplier beats a stale own one."""
    told = {holder: _told(definition, cells, on) for holder, cells in found.items()}
    stands: list[Stand | None] = []
    inherits = []
    for place, (relationship, supplier) in enumerate(
        zip(holders.relationships, holders.suppliers, strict=True)
    ):
        own, inherited = told.get(relationship), told.get(supplier)
        if own and (not own[_IS_STALE] or inherited is None or inherited[_IS_STALE]):
            stands.append(own)
        else:
            stands.append(inherited)
            inherits.append(place)
    inheriting = frozenset(inherits)

    def series(place: int) -> Series:
        by = holders.suppliers if place in inheriting else holders.relationships
        return trend(definition.aggregation, apart(found[by[place]]), quarters(on))

    return Tally(definition, stands, series)


def _told(definition: KpiDefinition, cells: Cells, on: date) -> Stand:
    figures = apart(cells)
    first, is_stale = counting(definition, figures.ends, on=on)
    counted = figures.cut(first) if first else figures
    return value_of(definition.aggregation, counted), figures.ends[-1], is_stale


def _computed(
    definition: KpiDefinition, tallies: Mapping[str, Tally], count: int, on: date
) -> Tally:
    """Compute a formula from current parts; it is as old as the oldest."""
    parts = {slug: tallies[slug] for slug in kpi_formulas.parts_of(definition.formula)}

    @cache
    def result(values: tuple[float | None, ...]) -> float | None:
        named = zip(parts, values, strict=True)
        known = {slug: value for slug, value in named if value is not None}
        return kpi_formulas.result(definition.formula, known)

    def current(place: int) -> list[Stand | None]:
        return [_current(part.stands[place]) for part in parts.values()]

    def stand(place: int) -> Stand | None:
        found = current(place)
        known = [each[_NEWEST_ON] for each in found if each]
        value = result(tuple(each[_VALUE] if each else None for each in found))
        if value is None or not known:
            return None
        oldest = min(known)
        is_stale = (on - oldest).days >= 2 * definition.half_life_days
        return value, oldest, is_stale

    def series(place: int) -> Series:
        unknown: Series = (None,) * QUARTERS
        known = [
            part.series(place) if _current(part.stands[place]) else unknown
            for part in parts.values()
        ]
        return tuple(result(values) for values in zip(*known, strict=True))

    return Tally(definition, [stand(place) for place in range(count)], series)


def _current(stand: Stand | None) -> Stand | None:
    return None if stand and stand[_IS_STALE] else stand
