"""What goes with SEQ over a whole portfolio: shares of the climate dimensions, never causes."""

from dataclasses import dataclass
from typing import Final, Literal

from surveyapp.reports.context.detail import Interval
from surveyapp.reports.context.parts import require, strict

DriversWhy = Literal["", "too few", "nothing told"]
_SUM_TOLERANCE: Final = 1e-6


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One climate dimension."""

    label: str
    share: Interval
    """Of what all dimensions explain together, 0-1."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """Which climate dimensions SEQ goes with, or why that cannot be told."""

    relationships: int
    """Those with two people or more: only they tell people from relationships."""
    enough: int
    """So many are needed."""
    rows: tuple[Driver, ...] = ()
    explained: float = 0.0
    """Share of SEQ's differences between relationships that goes with any of them."""
    why_not: DriversWhy = ""
    flat: tuple[str, ...] = ()
    """Where nothing is told: dimensions in which relationships hardly differ, as far as it is one of them."""

    def __post_init__(self) -> None:
        told = bool(self.rows) == (self.why_not == "")
        require(when=told, message="drivers hold shares, or why there are none")
        if self.rows:
            total = sum(row.share.value for row in self.rows)
            require(when=abs(total - 1) <= _SUM_TOLERANCE, message="shares of drivers sum to 1")
            require(when=0 < self.explained <= 1, message="drivers explain a share, 0-1")

    @property
    def even(self) -> float:
        """The share of each, were all alike."""
        return 1 / len(self.rows)

    @property
    def ordered(self) -> tuple[Driver, ...]:
        """Largest share first."""
        return tuple(sorted(self.rows, key=lambda row: (-row.share.value, row.label)))

    @property
    def leading(self) -> tuple[Driver, ...]:
        """Those whose whole bar lies above an equal share."""
        return tuple(row for row in self.ordered if row.share.low > self.even)

    @property
    def trailing(self) -> tuple[Driver, ...]:
        """Those whose whole bar lies below it."""
        return tuple(row for row in self.ordered if row.share.high < self.even)
