"""What the KPIs of many relationships come to, kept for a minute: pages say of which moment it is.

Values and definitions are part of the key, so a page shows an import or a changed target at once; a
relationship added, removed or given to another manager meanwhile is seen up to a minute late.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Generic, TypeVar

from sqlalchemy.orm import Session

from surveyapp.clock import today
from surveyapp.models.kpis import KpiDefinition
from surveyapp.models.programmes import Programme
from surveyapp.services import access, kpi_lists, kpis
from surveyapp.services.kpi_lists import Line, Standing
from surveyapp.web import coverage_kept, guards

LARGE: Final = 2_000
"""Relationships; three KPIs with two values each take a third of a second over five times as many."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """Figures, over how many relationships, and when they were counted."""

    figures: T
    relationships: int
    at: datetime

    @property
    def kept_since(self) -> datetime | None:
        """When they were counted, where that is said: over many relationships."""
        return self.at if self.relationships >= LARGE else None


def overview(
    session: Session, programme: Programme, defined: Sequence[KpiDefinition], *, at: datetime
) -> Counted[list[Line]]:
    """Return every KPI in use over the relationships that the asker sees."""

    def make(on: date) -> Counted[list[Line]]:
        among = access.own_relationships(guards.actor())
        lines = kpi_lists.overview(session, programme, among=among, on=on)
        total = sum((lines[0].current, lines[0].stale, lines[0].silent)) if lines else 0
        return Counted(lines, total, at)

    return _kept("facts", session, programme, defined, make, at=at)


def standing(
    session: Session, programme: Programme, definition: KpiDefinition, *, at: datetime
) -> Counted[Standing]:
    """Return how one KPI stands over the relationships that the asker sees."""

    def make(on: date) -> Counted[Standing]:
        among = access.own_relationships(guards.actor())
        found = kpi_lists.standing(session, programme, definition, among=among, on=on)
        return Counted(found, found.total, at)

    # formulas look at others, so all definitions count
    defined = kpis.listed(session, programme, with_retired=True)
    return _kept(f"fact {definition.slug}", session, programme, defined, make, at=at)


def _kept(
    what: str,
    session: Session,
    programme: Programme,
    defined: Sequence[KpiDefinition],
    make: Callable[[date], Counted[T]],
    *,
    at: datetime,
) -> Counted[T]:
    actor, on = guards.actor(), today()
    key = (
        *(what, programme.id, on, "all" if actor.sees_all else actor.user_id),
        *kpi_lists.newest_change(session, programme),
        *((kpis.facts_of(each), each.retired_at) for each in defined),
    )
    return coverage_kept.figures(
        key, lambda: make(on), is_large=lambda made: made.relationships >= LARGE, at=at
    )
