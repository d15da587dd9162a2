"""What the portfolio report of one wave says."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from surveyapp.reports.context.detail import Change, Signature
from surveyapp.reports.context.document import Document
from surveyapp.reports.context.drivers import Drivers
from surveyapp.reports.context.parts import (
    Call,
    Levels,
    Method,
    Money,
    Score,
    Standing,
    View,
    require,
    require_aware,
    require_distribution,
    strict,
)
from surveyapp.reports.context.portfolio_parts import Deciders, Movement, Partnership, Rollup


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRow:
    """One relationship of the portfolio."""

    name: str
    """How the reader knows it: the other side's organisation, narrowed where that is needed."""
    standing: Standing
    invited: int
    answered: int
    seq: Score | None = None
    chances: tuple[float, ...] | None = None
    call: Call | None = None
    label: str = "no answers"
    annual_value: Money | None = None
    renewal_on: date | None = None
    key: str = ""
    """What the web needs to link to the relationship's own page."""
    change: Change | None = None
    """Since the last wave; None when it was not measured then."""
    current_facts: int | None = None
    """Facts that are not stale; None where the programme keeps no facts."""
    is_counted: bool = True
    """Whether the contract lets it be told how many answered; else ``answered`` is 0 and not said."""

    def __post_init__(self) -> None:
        shown = self.standing == "shown"
        parts = (self.seq, self.call, self.chances)
        consistent = all((part is not None) == shown for part in parts)
        require(when=consistent, message=f"{self.name}: scores belong to a shown row only")
        moved = shown or self.change is None
        require(when=moved, message=f"{self.name}: a change belongs to a shown row only")
        if self.chances is not None:
            require_distribution(self.chances, f"{self.name}: chances")

    @property
    def cold(self) -> float:
        """P(one of the two lower levels); 0 where nothing is shown."""
        return math.fsum(self.chances[:2]) if self.chances is not None else 0.0

    @property
    def money_at_risk(self) -> Decimal | None:
        """Annual value times the chance of the two lower levels."""
        if self.annual_value is None or self.chances is None:
            return None
        return self.annual_value.amount * Decimal(self.cold)

    @property
    def move(self) -> float:
        """Change since the last wave in T where it is larger than chance, else 0."""
        return self.change.size if self.change and self.change.is_beyond_chance else 0.0


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioContext(Document):
    """Everything the portfolio report says about one wave of a programme."""

    programme: str
    wave: str
    opened_on: date | None
    closed_on: date | None
    made_at: datetime
    levels: Levels
    mix: tuple[float, ...] | None
    """Mean probability of each level over every measured relationship; None when none is."""
    relationships: tuple[PortfolioRow, ...]
    method: Method
    noun: str = "relationships"
    """What the reader calls them, for example ``customers``."""
    view: View = "buyer on supplier"
    locale: str = "en_GB"
    data_note: str | None = None
    notes: tuple[str, ...] = ()
    movement: Movement | None = None
    """None without a last wave to compare with."""
    rollups: tuple[Rollup, ...] = ()
    deciders: Deciders | None = None
    """None where nobody decides, or too few to count them apart."""
    drivers: Drivers | None = None
    """None where the questionnaire has no climate to speak of."""
    partnership: Partnership | None = None
    """How the suppliers see the buyers; None where they were not asked, or too few answered."""
    signature: Signature | None = None

    def __post_init__(self) -> None:
        require_aware(self.made_at, "made_at")
        if self.mix is not None:
            require_distribution(self.mix, "mix")
        compared = self.movement is not None or not any(row.change for row in self.relationships)
        require(when=compared, message="changes belong to a portfolio with a last wave")
        consistent = (self.mix is not None) or not self.measured
        require(when=consistent, message="a measured portfolio has a level mix")

    @property
    def measured(self) -> tuple[PortfolioRow, ...]:
        """Relationships with a score to show, warmest first."""
        rows = [row for row in self.relationships if row.seq is not None]
        return tuple(sorted(rows, key=lambda row: (-row.seq.value if row.seq else 0.0, row.name)))

    @property
    def silent(self) -> tuple[PortfolioRow, ...]:
        """Relationships without any answer, by name."""
        rows = [row for row in self.relationships if row.standing == "silent"]
        return tuple(sorted(rows, key=lambda row: row.name))

    @property
    def unscored(self) -> tuple[PortfolioRow, ...]:
        """Relationships whose people answered nothing that can be scored, by name."""
        rows = [row for row in self.relationships if row.standing == "unscored"]
        return tuple(sorted(rows, key=lambda row: row.name))

    @property
    def suppressed(self) -> tuple[PortfolioRow, ...]:
        """Relationships answered by too few people to show, by name."""
        rows = [row for row in self.relationships if row.standing == "suppressed"]
        return tuple(sorted(rows, key=lambda row: row.name))

    @property
    def currency(self) -> str | None:
        """The one currency of all annual values; None when none or several are known."""
        known = {row.annual_value.currency for row in self.relationships if row.annual_value}
        return known.pop() if len(known) == 1 else None

    @property
    def at_risk(self) -> tuple[PortfolioRow, ...]:
        """Called at risk; by money times chance where money is comparable, else by chance."""
        rows = [row for row in self.measured if row.call == "at risk"]
        if self.currency is None:
            return tuple(sorted(rows, key=lambda row: (-row.cold, row.name)))
        return tuple(
            sorted(rows, key=lambda row: (-(row.money_at_risk or Decimal(0)), -row.cold, row.name))
        )

    @property
    def at_stake(self) -> tuple[PortfolioRow, ...]:
        """Not called at risk, by money times chance; none where money is not comparable."""
        if self.currency is None:
            return ()
        rows = [row for row in self.measured if row.call != "at risk" and row.money_at_risk]
        return tuple(
            sorted(rows, key=lambda row: (-(row.money_at_risk or Decimal(0)), -row.cold, row.name))
        )

    @property
    def fallen(self) -> tuple[PortfolioRow, ...]:
        """Fell by more than chance explains, most first."""
        rows = [row for row in self.measured if row.move < 0]
        return tuple(sorted(rows, key=lambda row: (row.move, row.name)))

    @property
    def risen(self) -> tuple[PortfolioRow, ...]:
        """Rose by more than chance explains, most first."""
        rows = [row for row in self.measured if row.move > 0]
        return tuple(sorted(rows, key=lambda row: (-row.move, row.name)))

    @property
    def expected_wrong(self) -> float:
        """How many of the names called at risk are expected not to be cold."""
        return math.fsum(1.0 - row.cold for row in self.at_risk)

    @property
    def expected_cold(self) -> float:
        """How many measured relationships are expected in the two lower levels."""
        return math.fsum(row.cold for row in self.measured)
