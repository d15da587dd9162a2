"""What scorecard and portfolio contexts are made of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from pydantic import ConfigDict, with_config

Call = Literal["at risk", "not at risk", "cannot tell yet"]
Standing = Literal["shown", "suppressed", "silent", "unscored"]
"""Shown; suppressed: answered by fewer people than the contract's minimum; silent: no answers yet;
unscored: people answered, but nothing that can be scored, such as "no basis to judge" throughout."""
View = Literal["buyer on supplier"]
"""Whose answers these are; the supplier's own views come with their own pages."""

_LEAST_CONFIDENCE: Final = 0.5
_LEVEL_COUNT: Final = 4
_SUM_TOLERANCE: Final = 1e-6
strict = with_config(ConfigDict(extra="forbid", allow_inf_nan=False))


def require(*, when: bool, message: str) -> None:
    """Raise ValueError unless the claim holds."""
    if not when:
        raise ValueError(message)


def require_ordered(low: float, value: float, high: float, what: str) -> None:
    """Raise ValueError unless value lies in its finite interval."""
    finite = math.isfinite(low) and math.isfinite(value) and math.isfinite(high)
    ordered = finite and low <= value <= high
    require(
        when=ordered, message=f"{what} must be low <= value <= high, got {low}, {value}, {high}"
    )


def require_distribution(probabilities: Sequence[float], what: str) -> None:
    """Raise ValueError unless these are probabilities that sum to 1."""
    within = all(0.0 <= p <= 1.0 for p in probabilities)
    sums = abs(math.fsum(probabilities) - 1.0) <= _SUM_TOLERANCE
    require(when=within and sums, message=f"{what} must be probabilities that sum to 1")


def require_aware(at: datetime, what: str) -> None:
    """Raise ValueError for a time without a zone."""
    require(when=at.tzinfo is not None, message=f"{what} must carry its time zone (UTC)")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """An estimate with its interval: T scores for the axis, 0-100 points for the table."""

    value: float
    """T score."""
    low: float
    high: float
    points: float
    """The same estimate in points of the answer scale, 0-100."""
    points_low: float
    points_high: float
    n: int
    """People whose answers entered this number."""

    def __post_init__(self) -> None:
        require_ordered(self.low, self.value, self.high, "a T score")
        require_ordered(self.points_low, self.points, self.points_high, "points")
        require(when=self.n >= 0, message=f"n must not be negative, got {self.n}")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels a published cut set makes of the reference set's curve, coldest first."""

    names: tuple[str, ...]
    reference_shares: tuple[float, ...]
    """Share of the reference set's true scores in each level; sums to 1."""
    cuts: tuple[float, ...]
    """T scores between neighbours, ascending: one fewer than names."""

    def __post_init__(self) -> None:
        require_distribution(self.reference_shares, "reference shares")
        fits = len(self.names) == len(self.reference_shares) == len(self.cuts) + 1 == _LEVEL_COUNT
        require(when=fits, message="four levels need four names, four shares and three cuts")
        ascending = all(a < b for a, b in zip(self.cuts, self.cuts[1:], strict=False))
        require(when=ascending, message=f"cuts must ascend, got {self.cuts}")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency, for example the annual value of a relationship."""

    amount: Decimal
    currency: str
    """ISO 4217, for example ``EUR``."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """Who was asked and who has spoken in one function of the side that was asked."""

    function: str
    """Label, for example ``Procurement``."""
    invited: int
    answered: int
    deciders_invited: int = 0
    deciders_answered: int = 0
    by_dimension: tuple[int, ...] = ()
    """People whose answers count, in the order of the climate rows; left out where they are few."""

    def __post_init__(self) -> None:
        possible = 0 <= self.answered <= self.invited
        deciders = 0 <= self.deciders_answered <= self.deciders_invited <= self.invited
        require(when=possible and deciders, message=f"{self.function}: more answered than asked")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The published weight of one dimension in SEQ."""

    label: str
    share: float
    """0-1."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where the set comes from that scores are read against."""

    origin: Literal["assumed", "own", "imported"]
    relationships: int = 0
    """How many it was estimated from; 0 for assumed constants."""
    source: str = ""
    """The wave an own set was frozen from, or who estimated an imported one."""
    frozen_on: date | None = None


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Where the numbers come from: enough to trace and to recompute every one of them."""

    name: str
    """For example ``state/1``."""
    reference_name: str
    """For example ``assumed-1``."""
    reference_sentence: str
    """What a score of 50 means, for example "50 is the mean of the reference set assumed-1."."""
    is_assumed: bool
    """The spread between relationships was assumed, not estimated."""
    cut_set: str
    """For example ``seed-shares 1``."""
    weights: tuple[Weight, ...]
    questionnaire_id: str
    questionnaire_version: int
    questionnaire_sha256: str
    run_at: datetime
    code_version: str
    fingerprint: str
    """Hash of the run's input, hexadecimal."""
    confidence: float = 0.90
    minimum_answers: int = 1
    """The contract's k: fewer answers than this are not shown."""
    run_id: str = ""
    """With it a reader can replay the run; left out, the page does not offer that."""
    careless_left_out: int = 0
    """Sets of answers left out as careless."""
    reference: Reference | None = None
    """What the sentence about 50 is made from; documents of older versions hold that sentence alone."""

    def __post_init__(self) -> None:
        require_aware(self.run_at, "run_at")
        require(
            when=_LEAST_CONFIDENCE <= self.confidence < 1.0,
            message="confidence must be .5 to below 1",
        )
