"""What a scorecard says beside the estimates: change, gaps, agreement, items, facts, silence."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from surveyapp.reports.context.parts import (
    Score,
    Standing,
    require,
    require_ordered,
    strict,
)

Unit = Literal["share", "money", "days", "ratio", "points", "count"]
Direction = Literal["at least", "at most"]
LATE: Final = 3
"""Quarters running below target after which a fact asks for action."""
QUARTERS: Final = 8
"""Quarters a fact's line shows."""
_AVERAGE: Final = 50.0


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From the last wave to this one, in T."""

    before: float
    size: float
    """Now minus then, from the posterior of the change."""
    is_beyond_chance: bool
    """False discovery rate over all relationships of the run; only then it is drawn as an arrow."""

    def __post_init__(self) -> None:
        finite = math.isfinite(self.before) and math.isfinite(self.size)
        require(when=finite, message="a change needs finite numbers")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value with its 90% bar, in T."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        require_ordered(self.low, self.value, self.high, "an interval")

    def is_off(self, point: float) -> bool:
        """Tell whether the whole bar lies on one side of the point."""
        return self.high < point or self.low > point


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far people at the buyer lie apart, beside what is usual for the questionnaire."""

    spread: float
    """Standard deviation found, in points of the answer scale."""
    usual: float
    is_split: bool
    """By the rule of ``scoring.agreement.split_probability``."""

    def __post_init__(self) -> None:
        require(when=self.spread >= 0 and self.usual > 0, message="a spread must not be negative")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One question of a dimension; the score is there exactly when it is shown."""

    label: str
    """At most 40 characters."""
    standing: Standing
    score: Score | None = None
    reference: float = 50.0
    change: Change | None = None

    def __post_init__(self) -> None:
        consistent = (self.score is not None) == (self.standing == "shown")
        require(when=consistent, message=f"{self.label}: a score belongs to a shown item only")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class LastWave:
    """SEQ of the wave before: as it was issued, and as today's answers make it look."""

    name: str
    issued: float | None
    """T, as it left the server then; None where that wave was scored and nothing was issued."""
    now_seen: Interval
    """The same wave, estimated with what is known now."""
    is_beyond_chance: bool
    """Whether SEQ has changed since by more than chance explains."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRow:
    """SEQ as one function sees it."""

    function: str
    standing: Standing
    invited: int
    answered: int
    score: Score | None = None

    def __post_init__(self) -> None:
        consistent = (self.score is not None) == (self.standing == "shown")
        require(when=consistent, message=f"{self.function}: a score belongs to a shown row only")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One KPI: its latest value beside its target, with its age."""

    key: str
    name: str
    unit: Unit
    value: float | None
    """In its unit, a share as 0-1; None when it was never observed."""
    as_of: date | None
    age_days: int | None
    is_stale: bool = False
    """Too old to count."""
    currency: str = ""
    """ISO 4217, for money."""
    target: float | None = None
    direction: Direction = "at least"
    missed_running: int = 0
    """Quarters in a row that missed the target, up to the latest."""
    series: tuple[float | None, ...] = ()
    """Up to eight quarters, oldest first."""
    is_inherited: bool = False
    """Known of the whole organisation, not of this relationship."""
    source: str = ""
    is_scored: bool = True
    """Whether it informs scores; else it is only shown."""

    def __post_init__(self) -> None:
        known = {part is not None for part in (self.value, self.as_of, self.age_days)}
        require(when=len(known) == 1, message=f"{self.key}: a value comes with its day and its age")
        require(
            when=len(self.series) <= QUARTERS, message=f"{self.key}: at most {QUARTERS} quarters"
        )
        money = bool(self.currency) == (self.unit == "money")
        require(when=money, message=f"{self.key}: a currency belongs to money, and only to money")
        require(when=self.missed_running >= 0, message=f"{self.key}: quarters are counted from 0")

    @property
    def is_late(self) -> bool:
        """Current, and below target three quarters running: somebody must act."""
        return not self.is_stale and self.missed_running >= LATE

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a value or a target."""
        if self.value is None or self.target is None:
            return None
        return (
            self.value >= self.target if self.direction == "at least" else self.value <= self.target
        )


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another relationship of the programme on the quadrant, without its name."""

    perception: float
    facts: float


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrant:
    """Facts as one T score beside SEQ."""

    facts: Interval
    others: tuple[Neighbour, ...] = ()


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class SilentDecider:
    """Somebody who decides and has not answered."""

    function: str
    name: str = ""
    """Only where the contract lets the reader know who was asked."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who vouches for the file, and with which key."""

    signed_by: str
    key_fingerprint: str
    """Hexadecimal."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPeople:
    """SEQ among the people a relationship really has, where their number is known."""

    people: int
    score: Score

    def __post_init__(self) -> None:
        require(when=self.people >= self.score.n, message="more people answered than are known")
