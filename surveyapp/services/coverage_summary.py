"""Everything the first page of a wave's coverage says, counted at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from surveyapp.services import coverage_figures, coverage_money, coverage_outlook
from surveyapp.services.coverage_figures import Cut, Way
from surveyapp.services.coverage_groups import Group
from surveyapp.services.coverage_money import Line
from surveyapp.services.coverage_outlook import Outlook
from surveyapp.services.coverage_promise import Sight, is_enough

LARGE: Final = 20_000
"""People from whom on counting takes so long that the same figures may serve for a while."""
_ENOUGH_FOR_DAYS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A wave's coverage as one person may see it."""

    way: Way
    groups: Mapping[Cut, Sequence[Group]]
    money: Sequence[Line]
    outlook: Outlook | None
    """None: so few were asked that the days of single answers would be told."""
    is_told: bool
    """Whether so many people are in sight that how many answered may be said."""
    counted_at: datetime

    @property
    def relationships(self) -> int:
        """How many relationships are asked about."""
        return sum(line.all.relationships for line in self.money)

    @property
    def is_large(self) -> bool:
        """Whether counting takes long."""
        return self.way.people >= LARGE


def look(session: Session, sight: Sight, *, at: datetime) -> Summary:
    """Count a wave's coverage, with as many queries for a large wave as for a small one."""
    groups = coverage_figures.groups(session, sight)
    way = coverage_figures.way(session, sight)
    # of a severed wave only the whole was counted before, not the part somebody sees
    is_told = is_enough(way.people, sight.minimum) and (sight.sees_all or not sight.is_severed)
    tells_days = sight.tells_people or way.answered >= _ENOUGH_FOR_DAYS
    if sight.is_severed:
        tells_days = False
    return Summary(
        way=way,
        groups=groups if is_told else dict.fromkeys(Cut, ()),
        money=coverage_money.by_currency(session, sight),
        outlook=coverage_outlook.outlook(session, sight, way, at=at) if tells_days else None,
        is_told=is_told,
        counted_at=at,
    )
