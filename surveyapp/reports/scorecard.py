"""The scorecard as its templates see it: sentences and charts of one context, on any medium."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports import sentences
from surveyapp.reports.charts.curve import seq_curve
from surveyapp.reports.charts.dots import dot_axis, dot_row
from surveyapp.reports.charts.levels import level_bar
from surveyapp.reports.charts.people import squares
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import ClimateRow, CoverageRow, ScorecardContext
from surveyapp.reports.page import ReportPage

_MOST_ROWS: Final = 7
"""Rows of climate and of coverage on the first page; the rest stands on the second."""


def _distance(row: ClimateRow) -> float:
    return abs(row.score.value - row.reference) if row.score is not None else 0.0


class ScorecardPage(ReportPage[ScorecardContext]):
    """What the templates of the scorecard say and draw."""

    @property
    def facts(self) -> str:
        """What is known of the relationship, each part after a dot: value, renewal, narrowing."""
        card, parts = self.context, list(self.context.narrowed_by)
        if card.annual_value is not None:
            parts.append(f"{self.numbers.money(card.annual_value)} a year")
        if card.renewal_on is not None:
            parts.append(f"renewal {self.numbers.day(card.renewal_on)}")
        return "".join(f" · {part}" for part in parts)

    @property
    def headline(self) -> str:
        """The finding on top."""
        return sentences.headline(self.context, self.numbers)

    @property
    def call(self) -> str:
        """At risk, not at risk, cannot tell yet; or no score."""
        return sentences.call(self.context)

    @property
    def level(self) -> str:
        """The level in words."""
        return sentences.level(self.context)

    @property
    def certainty(self) -> str:
        """How well SEQ is known."""
        return sentences.certainty(self.context, self.numbers)

    @property
    def anchor(self) -> str:
        """The absolute anchor."""
        return sentences.anchor(self.context, self.numbers)

    @property
    def climate_finding(self) -> str:
        """Which dimensions differ from the reference."""
        return sentences.climate_finding(self.context)

    @property
    def caveats(self) -> list[str]:
        """What a reader must know before trusting the page, most important first."""
        told = [sentences.ASSUMED] if self.context.method.is_assumed and self.context.seq else []
        told += [self.anchor] if self.anchor else []
        careless = self.context.method.careless_left_out
        if careless:
            noun = "set" if careless == 1 else "sets"
            told.append(f"Left out as careless: {careless} {noun} of answers.")
        return [*told, *self.context.notes]

    @property
    def climate_shown(self) -> list[ClimateRow]:
        """The rows of the first page: all, or those furthest from the reference."""
        rows = self.context.climate
        if len(rows) <= _MOST_ROWS:
            return list(rows)
        kept = sorted(range(len(rows)), key=lambda index: -_distance(rows[index]))[:_MOST_ROWS]
        return [rows[index] for index in sorted(kept)]

    @property
    def _coverage_by_size(self) -> list[CoverageRow]:
        return sorted(self.context.coverage, key=lambda row: -row.invited)

    @property
    def coverage_shown(self) -> list[CoverageRow]:
        """The rows of the first page: all, or the largest functions."""
        if len(self.context.coverage) <= _MOST_ROWS:
            return list(self.context.coverage)
        return self._coverage_by_size[: _MOST_ROWS - 1]

    @property
    def coverage_rest(self) -> CoverageRow | None:
        """The functions that do not fit the first page, summed."""
        if len(self.context.coverage) <= _MOST_ROWS:
            return None
        rest = self._coverage_by_size[_MOST_ROWS - 1 :]
        return CoverageRow(
            function=f"{len(rest)} other functions",
            invited=sum(row.invited for row in rest),
            answered=sum(row.answered for row in rest),
            deciders_invited=sum(row.deciders_invited for row in rest),
            deciders_answered=sum(row.deciders_answered for row in rest),
        )

    def against_reference(self, row: ClimateRow) -> str:
        """Colder, warmer, or no difference we can tell."""
        return sentences.against_reference(row)

    def why(self, row: ClimateRow) -> str:
        """Why a row has no number."""
        return sentences.why_no_bar(row.standing, self.context.method.minimum_answers)

    def curve(self, canvas: Canvas) -> Markup:
        """SEQ on the curve of the reference set."""
        card, numbers = self.context, self.numbers
        if card.seq is None:
            label = sentences.why_no_bar(card.standing, card.method.minimum_answers)
            title = f"The levels on the curve of the reference set; {label}."
        else:
            label = f"Now: {numbers.score(card.seq.value)} ({numbers.interval(card.seq)})"
            title = (
                f"SEQ {numbers.score(card.seq.value)} on the curve of the reference set, "
                f"90% bar {numbers.interval(card.seq)}; {self.call.lower()}."
            )
        return seq_curve(
            card.levels, card.seq, canvas, title=title, label=label, percent=numbers.percent
        )

    def level_bar(self, canvas: Canvas) -> Markup:
        """Probability of each level; nothing when there is no score."""
        if self.context.chances is None:
            return Markup("")
        names = self.context.levels.names
        chances = [f"{share} in 100" for share in self.level_shares]
        told = ", ".join(f"{n} {c}" for n, c in zip(names, chances, strict=True))
        return level_bar(
            names, self.context.chances, chances, canvas, title=f"Chance of each level: {told}."
        )

    @property
    def level_shares(self) -> list[str]:
        """Probability of each level in hundredths, as text."""
        return self.numbers.shares_in_hundred(self.context.chances or ())

    def climate_bar(self, row: ClimateRow, canvas: Canvas, height: float) -> Markup:
        """The bar of one dimension."""
        why = self.why(row)
        title = f"{row.label}: {why}."
        if row.score is not None:
            score, interval = self.numbers.score(row.score.value), self.numbers.interval(row.score)
            reference = self.numbers.score(row.reference)
            title = f"{row.label}: {score}, 90% bar {interval}; mean of reference {reference}."
        return dot_row(row.score, row.reference, canvas, height=height, title=title, why=why)

    def seq_bar(self, canvas: Canvas, height: float) -> Markup:
        """SEQ as one row of a table."""
        seq = self.context.seq
        if seq is None:
            return Markup("")
        title = f"SEQ: {self.numbers.score(seq.value)}, 90% bar {self.numbers.interval(seq)}."
        return dot_row(seq, 50.0, canvas, height=height, title=title, why="")

    def climate_axis(self, canvas: Canvas) -> Markup:
        """The numbers below the climate bars."""
        return dot_axis(canvas, title="Axis from 25 to 75; 50 is the mean of the reference set.")

    def people(self, row: CoverageRow, canvas: Canvas) -> Markup:
        """One square per person asked."""
        title = f"{row.function}: {row.answered} of {row.invited} answered."
        return squares(row.invited, row.answered, canvas, title=title)

    @property
    def own_limits(self) -> list[str]:
        """Whose part of SEQ is filled from the reference."""
        told = sentences.silent_deciders(self.context)
        return [told] if told else []
