"""The portfolio report as its templates see it: sentences and charts of one context."""

from decimal import Decimal
from typing import Final

from markupsafe import Markup

from surveyapp.reports import portfolio_sentences as sentences
from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.bars import share_bar
from surveyapp.reports.charts.dots import dot_row
from surveyapp.reports.charts.mix import MixRow, mix_bars
from surveyapp.reports.charts.portfolio import Bar, portfolio_curve
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import PortfolioContext, PortfolioRow
from surveyapp.reports.page import ReportPage
from surveyapp.reports.sentences import ASSUMED, why_no_bar

_MOST_NAMES: Final = 8
"""Rows of the at-risk table on the first page."""
_MOST_NOTES: Final = 2
_MOST_LABELS: Final = 12
"""Names in the chart; the others are in the table."""


class PortfolioPage(ReportPage[PortfolioContext]):
    """What the templates of the portfolio report say and draw."""

    @property
    def headline(self) -> str:
        """The finding on top."""
        return sentences.headline(self.context, self.numbers)

    @property
    def at_risk_note(self) -> str:
        """Order of the list and how many names to expect wrong."""
        return sentences.at_risk_note(self.context, self.numbers)

    @property
    def silence(self) -> str:
        """Who has no answers."""
        return sentences.silence(self.context, self.numbers)

    @property
    def unscored(self) -> str:
        """Who answered nothing that can be scored."""
        return sentences.unscored(self.context, self.numbers)

    @property
    def confidentiality(self) -> str:
        """Who is hidden, and why."""
        return sentences.confidentiality(self.context)

    @property
    def assumed(self) -> str:
        """The warning of a run on assumed spreads, or nothing."""
        return ASSUMED if self.context.method.is_assumed else ""

    @property
    def people(self) -> str:
        """How many were asked and answered."""
        rows = self.context.relationships
        answered = self.numbers.count(sum(row.answered for row in rows))
        return (
            f"{answered} of {self.numbers.count(sum(row.invited for row in rows))} people answered"
        )

    @property
    def at_risk_shown(self) -> tuple[PortfolioRow, ...]:
        """The first rows of the at-risk list."""
        return self.context.at_risk[:_MOST_NAMES]

    def fitting(self, row: PortfolioRow, canvas: Canvas) -> str:
        """The name, shortened to one line of a table column."""
        return lettering.shortened(row.name, canvas.text, canvas.width, lettering.SEMIBOLD)

    @property
    def notes_shown(self) -> tuple[str, ...]:
        """Notes for the first page; the others stand with the method."""
        return self.context.notes[:_MOST_NOTES]

    @property
    def own_limits(self) -> list[str]:
        """Notes that do not fit the first page."""
        return list(self.context.notes[_MOST_NOTES:])

    @property
    def ordered(self) -> tuple[PortfolioRow, ...]:
        """Every relationship for the table: measured coldest first, then those without a score."""
        portfolio = self.context
        without = (*portfolio.suppressed, *portfolio.unscored, *portfolio.silent)
        return (*reversed(portfolio.measured), *without)

    def why(self, row: PortfolioRow) -> str:
        """Why a relationship has no score."""
        return why_no_bar(row.standing, self.context.method.minimum_answers, self.numbers)

    def curve(self, canvas: Canvas, rows_height: float) -> Markup:
        """Every measured relationship under the curve."""
        portfolio = self.context
        listed = portfolio.at_risk
        named = {id(row) for row in listed[:_MOST_LABELS]}
        bars = [
            Bar(row.name, row.seq, is_at_risk=row.call == "at risk", is_named=id(row) in named)
            for row in portfolio.measured
            if row.seq is not None
        ]
        title = f"{len(bars)} {portfolio.noun} by SEQ, warmest first, each with its 90% bar. "
        names = ", ".join(row.name for row in listed[:_MOST_LABELS])
        title += f"{len(listed)} at risk: {names}." if listed else "No name is called at risk."
        return portfolio_curve(
            portfolio.levels,
            bars,
            canvas,
            rows_height=rows_height,
            title=title,
            percent=self.numbers.percent,
            more=lambda count: f"and {self.numbers.count(count)} more in the table",
        )

    def stake(self, row: PortfolioRow, canvas: Canvas) -> Markup:
        """Money at risk of one name, beside the largest on the list."""
        largest = max(other.money_at_risk or Decimal(0) for other in self.context.at_risk)
        stake = row.money_at_risk
        if stake is None or row.annual_value is None or not largest:
            return Markup("")
        written = self.numbers.amount(stake, row.annual_value.currency)
        return share_bar(float(stake / largest), canvas, title=f"{written} at risk.")

    def stake_text(self, row: PortfolioRow) -> str:
        """Money at risk of one name, as text."""
        if row.annual_value is None or row.money_at_risk is None:
            return ""
        return self.numbers.amount(row.money_at_risk, row.annual_value.currency)

    def row_bar(self, row: PortfolioRow, canvas: Canvas, height: float) -> Markup:
        """The bar of one relationship in the table."""
        title = f"{row.name}: {self.why(row)}."
        if row.seq is not None:
            score, interval = self.numbers.score(row.seq.value), self.numbers.interval(row.seq)
            title = f"{row.name}: {score}, 90% bar {interval}."
        return dot_row(row.seq, 50.0, canvas, height=height, title=title, why=self.why(row))

    def mix(self, canvas: Canvas) -> Markup:
        """Mean probability of each level beside the reference set."""
        portfolio, numbers = self.context, self.numbers
        if portfolio.mix is None:
            return Markup("")
        shares = portfolio.levels.reference_shares
        now = numbers.shares_in_hundred(portfolio.mix)
        names = portfolio.levels.names
        told = ", ".join(f"{name} {share}" for name, share in zip(names, now, strict=True))
        return mix_bars(
            names,
            [
                MixRow(portfolio.wave, portfolio.mix, tuple(now)),
                MixRow("Reference set", shares, tuple(numbers.shares_in_hundred(shares))),
            ],
            canvas,
            title=f"Level mix of {portfolio.wave}, mean probability in 100: {told}.",
        )
