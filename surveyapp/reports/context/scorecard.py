"""What the scorecard of one relationship says."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from surveyapp.reports.context.climate import ClimateRow
from surveyapp.reports.context.detail import (
    Fact,
    FunctionRow,
    KnownPeople,
    LastWave,
    Quadrant,
    Signature,
    SilentDecider,
)
from surveyapp.reports.context.document import Document
from surveyapp.reports.context.parts import (
    Call,
    CoverageRow,
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


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardContext(Document):
    """Everything the scorecard of one relationship says, on paper and on the web."""

    programme: str
    buyer: str
    supplier: str
    wave: str
    opened_on: date | None
    closed_on: date | None
    """None while the wave is open."""
    made_at: datetime
    standing: Standing
    call: Call | None
    """None unless the standing is shown."""
    label: str
    """The level in words, by the rules of ``scoring.levels.label``."""
    seq: Score | None
    chances: tuple[float, ...] | None
    """Probability of each level; None unless the standing is shown."""
    levels: Levels
    below_midpoint: float | None
    """The absolute anchor: P(true attitude below the middle of the answer scale)."""
    climate: tuple[ClimateRow, ...]
    coverage: tuple[CoverageRow, ...]
    method: Method
    narrowed_by: tuple[str, ...] = ()
    """Product line, service team, region; those that are set."""
    annual_value: Money | None = None
    renewal_on: date | None = None
    view: View = "buyer on supplier"
    subject: Literal["buyer", "supplier"] = "buyer"
    """The side a reader tells relationships apart by: the headline carries its name."""
    locale: str = "en_GB"
    data_note: str | None = None
    """Framed on every page, for example "Real answers, 2001 survey"."""
    notes: tuple[str, ...] = ()
    """Further sentences about these data, each complete."""
    known_people: KnownPeople | None = None
    """SEQ among the stakeholders there are; None where they are not known."""
    last_wave: LastWave | None = None
    by_function: tuple[FunctionRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    quadrant: Quadrant | None = None
    silent_deciders: tuple[SilentDecider, ...] = ()
    """Named only as far as the contract allows; the numbers stand in the coverage."""
    supplier_invited: int = 0
    """People of the supplier's side; 0 when that side was not asked."""
    supplier_answered: int = 0
    signature: Signature | None = None

    def __post_init__(self) -> None:
        require_aware(self.made_at, "made_at")
        shown = self.standing == "shown"
        parts = (self.seq, self.call, self.chances)
        consistent = all((part is not None) == shown for part in parts)
        require(when=consistent, message="SEQ, call and chances belong to a shown scorecard only")
        parts_beside = (self.last_wave, self.quadrant, self.known_people)
        beside = shown or all(part is None for part in parts_beside)
        require(when=beside, message="last wave and quadrant belong to a shown scorecard only")
        widths = {len(row.by_dimension) for row in self.coverage}
        require(
            when=widths <= {0, len(self.climate)},
            message="answers by dimension are counted for every climate row or for none",
        )
        possible = 0 <= self.supplier_answered <= self.supplier_invited
        require(when=possible, message="more of the supplier's people answered than were asked")
        if self.chances is not None:
            require_distribution(self.chances, "chances")
            matches = len(self.chances) == len(self.levels.names)
            require(when=matches, message="chances must have one entry per level")

    @property
    def invited(self) -> int:
        """People asked."""
        return sum(row.invited for row in self.coverage)

    @property
    def answered(self) -> int:
        """People who answered."""
        return sum(row.answered for row in self.coverage)

    @property
    def deciders(self) -> tuple[int, int]:
        """Deciders who answered, deciders asked."""
        answered = sum(row.deciders_answered for row in self.coverage)
        return answered, sum(row.deciders_invited for row in self.coverage)

    @property
    def has_detail(self) -> bool:
        """Whether climate has more to show than its estimates: items, change, agreement."""
        return any(row.items or row.change or row.agreement for row in self.climate)
