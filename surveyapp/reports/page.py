"""What every report page offers its templates."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from markupsafe import Markup

from surveyapp.reports.charts.key import Mark, sample_mark
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.numbers import Numbers

Context = TypeVar("Context", ScorecardContext, PortfolioContext)


@dataclass(frozen=True)
class ReportPage(Generic[Context]):
    """The sentences and charts of one context, on paper and on screens."""

    context: Context

    @property
    def is_portfolio(self) -> bool:
        """Whether the page is about many relationships."""
        return isinstance(self.context, PortfolioContext)

    @property
    def numbers(self) -> Numbers:
        """Formatting in the context's locale."""
        return Numbers(self.context.locale)

    @property
    def closed(self) -> str:
        """When the wave closed, or that it has not."""
        closed_on = self.context.closed_on
        return f"closed {self.numbers.day(closed_on)}" if closed_on else "still open"

    @property
    def opened_and_closed(self) -> str:
        """From when to when people could answer, as far as it is known."""
        opened_on = self.context.opened_on
        if opened_on is None:
            return self.closed
        return f"opened {self.numbers.day(opened_on)}, {self.closed}"

    @property
    def cuts(self) -> str:
        """The cut points in words."""
        return self.numbers.listed([self.numbers.score(cut) for cut in self.context.levels.cuts])

    @property
    def weights(self) -> str:
        """The weights of SEQ in words, in hundredths."""
        return self.numbers.weights(self.context.method.weights)

    @property
    def level_shares_told(self) -> str:
        """What share of the reference set each level holds, as a sentence."""
        levels = self.context.levels
        shares = [self.numbers.percent(share) for share in levels.reference_shares]
        first, *middle, last = zip(shares, levels.names, strict=True)
        between = "".join(f", the next {share} {name}" for share, name in middle)
        lowest = f"the lowest {first[0]} of true scores in the reference are {first[1]}"
        return f"{lowest}{between}, the top {last[0]} {last[1]}."

    @property
    def own_limits(self) -> list[str]:
        """What these numbers cannot tell, beside what no number of this method can."""
        return []

    def mark(self, mark: Mark, canvas: Canvas) -> Markup:
        """A sample of one mark, to explain it."""
        return sample_mark(mark, canvas)
