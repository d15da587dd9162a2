"""One dimension of climate on a scorecard."""

from dataclasses import dataclass

from surveyapp.reports.context.detail import Agreement, Change, Interval, ItemLine
from surveyapp.reports.context.parts import Score, Standing, require, strict


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateRow:
    """One climate dimension; the score is there exactly when it is shown."""

    dimension: str
    """Id in the questionnaire."""
    label: str
    """At most 40 characters."""
    standing: Standing
    score: Score | None = None
    reference: float = 50.0
    """Mean of the reference set, T."""
    reference_points: float | None = None
    """The same mean in 0-100 points."""
    change: Change | None = None
    """Since the last wave; None without one."""
    own: Score | None = None
    """The supplier's view of itself."""
    gap: Interval | None = None
    """The supplier's view minus the buyer's, in T."""
    agreement: Agreement | None = None
    items: tuple[ItemLine, ...] = ()

    def __post_init__(self) -> None:
        consistent = (self.score is not None) == (self.standing == "shown")
        require(when=consistent, message=f"{self.dimension}: a score belongs to a shown row only")
        hidden = (self.change, self.gap, self.agreement)
        bare = self.standing == "shown" or all(part is None for part in hidden)
        require(when=bare, message=f"{self.dimension}: a hidden row hides what is made from it")
        pair = self.gap is None or self.own is not None
        require(when=pair, message=f"{self.dimension}: a gap needs the supplier's own view")
