"""The portfolio report as its templates see it: sentences and charts of one context."""

import math
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from surveyapp.reports import portfolio_sentences as sentences
from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.bars import share_bar
from surveyapp.reports.charts.dots import dot_row
from surveyapp.reports.charts.key import Mark
from surveyapp.reports.charts.mix import MixRow, mix_bars
from surveyapp.reports.charts.portfolio import Bar, portfolio_curve
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import PortfolioRow
from surveyapp.reports.drivers import DriversPage
from surveyapp.reports.sentences import ASSUMED, why_no_bar

_MOST_NAMES: Final = 8
"""Rows of the at-risk table on the first page."""
_KEPT: Final = 2
_SLACK: Final = 1.06
"""Lines break between words, so they are seldom full."""
_MOST_CAVEATS: Final = 4
"""Sentences to read before acting on the first page; the others stand with the method."""
_MOST_LABELS: Final = 12
"""Names in the chart; the others are in the table."""
MOST_ROWS: Final = 66
"""Relationships with a bar of their own on paper: the coldest, on two pages at most."""
_MOST_LISTED: Final = 160
"""Further ones by name and number."""


class PortfolioPage(DriversPage):
    """What the templates of the portfolio report say and draw."""

    @property
    def headline(self) -> str:
        """The finding on top."""
        return sentences.headline(self.context, self.numbers)

    @property
    def partnership_finding(self) -> str:
        """What suppliers say of working with the buyers; empty where it is not known."""
        found = self.context.partnership
        if found is None:
            return ""
        return self.numbers.say_count(
            "Working with the buyer: %(score)s (%(interval)s), as %(people)s people at one supplier "
            "rate it. 50 is the mean of what suppliers say.",
            "Working with the buyer: %(score)s (%(interval)s), as %(people)s people at %(count)s "
            "suppliers rate it. 50 is the mean of what suppliers say.",
            found.suppliers,
            score=self.numbers.score(found.score.value),
            interval=self.numbers.interval(found.score),
            people=found.people,
        )

    @property
    def noun(self) -> str:
        """What the reader calls the relationships."""
        return self.numbers.term(self.context.noun)

    @property
    def count(self) -> str:
        """How many there are."""
        return sentences.counted(self.context, len(self.context.relationships), self.numbers)

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
        return sentences.confidentiality(self.context, self.numbers)

    @property
    def people(self) -> str:
        """How many were asked and answered."""
        return sentences.people(self.context, self.numbers)

    @property
    def caveats(self) -> list[str]:
        """What to know before acting on this report, the most important first."""
        portfolio, numbers = self.context, self.numbers
        told = [
            numbers.term(ASSUMED) if portfolio.method.is_assumed else "",
            sentences.deciders(portfolio, numbers),
            sentences.facts(portfolio, numbers),
            *portfolio.notes,
        ]
        return [sentence for sentence in told if sentence]

    @property
    def caveats_shown(self) -> list[str]:
        """Those on the first page."""
        return self.caveats[:_MOST_CAVEATS]

    @property
    def own_limits(self) -> list[str]:
        """Those that do not fit the first page."""
        return self.caveats[_MOST_CAVEATS:]

    def at_risk_shown(self, most: int = _MOST_NAMES) -> tuple[PortfolioRow, ...]:
        """The first rows of the at-risk list, with room for two of those that follow."""
        kept = min(len(self.context.at_stake), _KEPT) if most >= 2 * _KEPT else 0
        return self.context.at_risk[: most - kept]

    def at_stake_shown(self, most: int = _MOST_NAMES) -> tuple[PortfolioRow, ...]:
        """Not called at risk, but with most money at stake: as far as the list has room."""
        return self.context.at_stake[: most - len(self.at_risk_shown(most))]

    def lines(self, sentences_told: list[str], canvas: Canvas) -> int:
        """How many lines of a column the sentences take, rather one too many than one too few."""
        widths = (lettering.text_width(each, canvas.text) for each in sentences_told if each)
        return sum(math.ceil(width * _SLACK / canvas.width) for width in widths)

    def fitting(self, row: PortfolioRow, canvas: Canvas) -> str:
        """The name, shortened to one line of a table column."""
        return lettering.shortened(row.name, canvas.text, canvas.width, lettering.SEMIBOLD)

    @property
    def ordered(self) -> tuple[PortfolioRow, ...]:
        """Every relationship for the table: measured coldest first, then those without a score."""
        portfolio = self.context
        without = (*portfolio.suppressed, *portfolio.unscored, *portfolio.silent)
        return (*reversed(portfolio.measured), *without)

    @property
    def in_table(self) -> tuple[PortfolioRow, ...]:
        """Those with a row of their own on paper."""
        return tuple(row for row in self.ordered if row.standing != "silent")[:MOST_ROWS]

    @property
    def in_list(self) -> tuple[PortfolioRow, ...]:
        """Those that follow by name and number."""
        beyond = tuple(row for row in self.ordered if row.standing != "silent")[MOST_ROWS:]
        return beyond[:_MOST_LISTED]

    @property
    def silent_shown(self) -> tuple[PortfolioRow, ...]:
        """Names without answers, as many as are listed on paper."""
        return self.context.silent[: max(_MOST_LISTED - len(self.in_list), MOST_ROWS)]

    def more(self, count: int) -> str:
        """How many do not stand on paper; empty when all do."""
        if count <= 0:
            return ""
        return self.numbers.say(
            "And %(count)s more, on the results page.", count=self.numbers.count(count)
        )

    @property
    def not_listed(self) -> str:
        """How many with answers stand neither in the table nor in the list."""
        spoken = sum(row.standing != "silent" for row in self.context.relationships)
        return self.more(spoken - len(self.in_table) - len(self.in_list))

    @property
    def not_listed_silent(self) -> str:
        """How many without answers are not named."""
        return self.more(len(self.context.silent) - len(self.silent_shown))

    def why(self, row: PortfolioRow) -> str:
        """Why a relationship has no score."""
        return why_no_bar(row.standing, self.context.method.minimum_answers, self.numbers)

    @property
    def _own_marks(self) -> list[tuple[Mark, str]]:
        if self.context.movement is None:
            return []
        return [("change", self.numbers.say("a change larger than chance, from then to now"))]

    def curve(self, canvas: Canvas, rows_height: float) -> Markup:
        """Every measured relationship under the curve."""
        portfolio, numbers = self.context, self.numbers
        moved = sorted(
            (*portfolio.fallen, *portfolio.risen), key=lambda row: (-abs(row.move), row.name)
        )
        named = {id(row) for row in [*portfolio.at_risk, *moved][:_MOST_LABELS]}
        bars = [
            Bar(
                row.name,
                row.seq,
                is_at_risk=row.call == "at risk",
                is_named=id(row) in named,
                before=row.change.before if row.change and row.move else None,
            )
            for row in portfolio.measured
            if row.seq is not None
        ]
        return portfolio_curve(
            self.levels,
            bars,
            canvas,
            rows_height=rows_height,
            title=self._curve_title(len(bars)),
            percent=numbers.percent,
            more=lambda count: numbers.say(
                "and %(count)s more in the table", count=numbers.count(count)
            ),
            of_reference=numbers.say("of reference"),
        )

    def _curve_title(self, measured: int) -> str:
        portfolio, numbers = self.context, self.numbers
        title = numbers.say(
            "%(all)s by SEQ, warmest first, each with its 90%% bar.",
            all=sentences.counted(portfolio, measured, numbers),
        )
        if not portfolio.at_risk:
            return f"{title} {numbers.say('No name is called at risk.')}"
        names = sentences.listed(
            [row.name for row in portfolio.at_risk], numbers, most=_MOST_LABELS
        )
        count = numbers.count(len(portfolio.at_risk))
        return f"{title} {numbers.say('%(count)s at risk: %(names)s.', count=count, names=names)}"

    def stake(self, row: PortfolioRow, canvas: Canvas) -> Markup:
        """Money at risk of one name, beside the largest on the list."""
        listed = (*self.context.at_risk, *self.context.at_stake)
        largest = max(other.money_at_risk or Decimal(0) for other in listed)
        stake = row.money_at_risk
        if stake is None or row.annual_value is None or not largest:
            return Markup("")
        return share_bar(
            float(stake / largest),
            canvas,
            title=self.numbers.say("%(money)s at risk.", money=self.stake_text(row)),
            colour="act" if row.call == "at risk" else "field",
        )

    def stake_text(self, row: PortfolioRow) -> str:
        """Money at risk of one name, as text."""
        if row.annual_value is None or row.money_at_risk is None:
            return ""
        return self.numbers.amount(row.money_at_risk, row.annual_value.currency)

    def row_bar(self, row: PortfolioRow, canvas: Canvas, height: float) -> Markup:
        """The bar of one relationship in the table."""
        title = f"{row.name}: {self.why(row)}."
        if row.seq is not None:
            title = self.numbers.say(
                "%(name)s: %(score)s, 90%% bar %(interval)s.",
                name=row.name,
                score=self.numbers.score(row.seq.value),
                interval=self.numbers.interval(row.seq),
            )
        return dot_row(row.seq, 50.0, canvas, height=height, title=title, why=self.why(row))

    @property
    def _is_frozen_from_last(self) -> bool:
        movement, reference = self.context.movement, self.context.method.reference
        if movement is None or reference is None or reference.origin != "own":
            return False
        return reference.source == movement.since

    def mix(self, canvas: Canvas) -> Markup:
        """Mean probability of each level beside the last wave and the reference set.

        The wave a set was frozen from is not drawn: its mix is what the cuts made of it, no finding.
        """
        portfolio, numbers = self.context, self.numbers
        if portfolio.mix is None:
            return Markup("")
        now = numbers.shares_in_hundred(portfolio.mix)
        names = self.levels.names
        rows = [MixRow(portfolio.wave, portfolio.mix, tuple(now))]
        if portfolio.movement is not None and not self._is_frozen_from_last:
            before = portfolio.movement.mix
            texts = tuple(numbers.shares_in_hundred(before))
            rows.append(MixRow(portfolio.movement.since, before, texts))
        shares = portfolio.levels.reference_shares
        reference = tuple(numbers.shares_in_hundred(shares))
        rows.append(MixRow(numbers.say("Reference set"), shares, reference))
        told = ", ".join(f"{name} {share}" for name, share in zip(names, now, strict=True))
        title = numbers.say(
            "Level mix of %(wave)s, mean probability in 100: %(levels)s.",
            wave=portfolio.wave,
            levels=told,
        )
        return mix_bars(names, rows, canvas, title=title)
