"""What every report page offers its templates."""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from markupsafe import Markup

from surveyapp.reports.charts.key import TITLES, Mark, sample_mark
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import Levels, PortfolioContext, ScorecardContext
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.reference_sentences import fifty

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
        if closed_on is None:
            return self.numbers.say("still open")
        return self.numbers.say("closed %(day)s", day=self.numbers.day(closed_on))

    @property
    def opened_and_closed(self) -> str:
        """From when to when people could answer, as far as it is known."""
        opened_on = self.context.opened_on
        if opened_on is None:
            return self.closed
        opened = self.numbers.say("opened %(day)s", day=self.numbers.day(opened_on))
        return f"{opened}, {self.closed}"

    @property
    def reference(self) -> str:
        """What a score of 50 means."""
        method = self.context.method
        if method.reference is not None:
            return fifty(method.reference, method.reference_name, self.numbers)
        if self.numbers.language.startswith("en"):
            return method.reference_sentence
        return self.numbers.say(
            "50 is the mean of the reference set %(name)s.", name=method.reference_name
        )

    @property
    def levels(self) -> Levels:
        """The levels, named in the reader's language."""
        levels = self.context.levels
        return replace(levels, names=tuple(self.numbers.term(name) for name in levels.names))

    @property
    def data_note(self) -> str | None:
        """What is framed on every page, in the reader's language where it is known."""
        note = self.context.data_note
        return self.numbers.term(note) if note else None

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
        levels = self.levels
        shares = [self.numbers.percent(share) for share in levels.reference_shares]
        first, *middle, last = zip(shares, levels.names, strict=True)
        say = self.numbers.say
        between = "".join(say(", the next %(share)s %(name)s", share=s, name=n) for s, n in middle)
        lowest = say(
            "the lowest %(share)s of true scores in the reference are %(name)s",
            share=first[0],
            name=first[1],
        )
        top = say(", the top %(share)s %(name)s.", share=last[0], name=last[1])
        return f"{lowest}{between}{top}"

    @property
    def own_limits(self) -> list[str]:
        """What these numbers cannot tell, beside what no number of this method can."""
        return []

    @property
    def marks(self) -> list[tuple[Mark, str]]:
        """The marks this report draws, each with what it means."""
        say = self.numbers.say
        return [
            (
                "estimate",
                say("an estimate and its 90%% bar: nine in ten such bars hold the true value"),
            ),
            *self._own_marks,
            ("beyond", say("the bar goes on beyond the axis")),
            (
                "outside",
                say("the score itself lies beyond the axis; its number stands beside it"),
            ),
            ("norm", say("the mean of the reference set")),
            (
                "nothing",
                say("hidden so that nobody can be recognised, or no answers that can be scored"),
            ),
        ]

    @property
    def _own_marks(self) -> list[tuple[Mark, str]]:
        """Marks that only this page draws."""
        return []

    def mark(self, mark: Mark, canvas: Canvas) -> Markup:
        """A sample of one mark, to explain it."""
        return sample_mark(mark, canvas, self.numbers.term(TITLES[mark]))
