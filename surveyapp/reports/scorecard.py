"""The scorecard as its templates see it: sentences and charts of one context, on any medium."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from surveyapp.reports import page_heads, sentences
from surveyapp.reports.charts.curve import seq_curve
from surveyapp.reports.charts.dots import dot_axis, dot_row
from surveyapp.reports.charts.levels import level_bar
from surveyapp.reports.charts.people import squares
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import ClimateRow, CoverageRow
from surveyapp.reports.detail import DetailPage

_WIDTH: Final = 178.0
"""Millimetres between the margins, on A4 and letter alike."""
_MOST_ROWS: Final = 7
"""Rows of climate and of coverage on the first page; the rest stands on the second."""


def _distance(row: ClimateRow) -> float:
    return abs(row.score.value - row.reference) if row.score is not None else 0.0


class ScorecardPage(DetailPage):
    """What the templates of the scorecard say and draw."""

    @property
    def facts(self) -> str:
        """What is known of the relationship, each part after a dot: value, renewal, narrowing."""
        card, parts = self.context, list(self.context.narrowed_by)
        if card.annual_value is not None:
            money = self.numbers.money(card.annual_value)
            parts.append(self.numbers.say("%(money)s a year", money=money))
        if card.renewal_on is not None:
            day = self.numbers.day(card.renewal_on)
            parts.append(self.numbers.say("renewal %(day)s", day=day))
        return "".join(f" · {part}" for part in parts)

    def head_share(self, title: str, parts: Sequence[str]) -> int | None:
        """How much of the line above a page its title takes; None where that may need two lines."""
        return page_heads.share(title, parts, self.data_note, width=_WIDTH)

    @property
    def known_people(self) -> str:
        """SEQ among the people there are; empty where their number is not known."""
        known = self.context.known_people
        if known is None:
            return ""
        return self.numbers.say(
            "Among the %(people)s people known at the buyer SEQ is %(score)s (%(interval)s).",
            people=known.people,
            score=self.numbers.score(known.score.value),
            interval=self.numbers.interval(known.score),
        )

    @property
    def headline(self) -> str:
        """The finding on top."""
        return sentences.headline(self.context, self.numbers)

    @property
    def call(self) -> str:
        """At risk, not at risk, cannot tell yet; or no score."""
        return sentences.call(self.context, self.numbers)

    @property
    def level(self) -> str:
        """The level in words."""
        return sentences.level(self.context, self.numbers)

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
        return sentences.climate_finding(self.context, self.numbers)

    @property
    def caveats(self) -> list[str]:
        """What a reader must know before trusting the page, most important first."""
        is_assumed = self.context.method.is_assumed and self.context.seq is not None
        told = [self.numbers.term(sentences.ASSUMED)] if is_assumed else []
        told += [self.anchor] if self.anchor else []
        careless = self.context.method.careless_left_out
        if careless:
            told.append(
                self.numbers.say_count(
                    "Left out as careless: %(count)s set of answers.",
                    "Left out as careless: %(count)s sets of answers.",
                    careless,
                    count=careless,
                )
            )
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
        name = self.numbers.say("%(count)s other functions", count=len(rest))
        return self._together(rest, name)

    @property
    def own_limits(self) -> list[str]:
        """Whose part of SEQ is filled from the reference."""
        told = sentences.silent_deciders(self.context, self.numbers)
        no_facts = (
            ""
            if self.context.facts
            else self.numbers.say(
                "No facts are known of this relationship: perception stands alone."
            )
        )
        return [limit for limit in (told, no_facts) if limit]

    @property
    def has_answers_by_dimension(self) -> bool:
        """Whether it is known how many of each function answered on each dimension."""
        fits = [len(row.by_dimension) == len(self.context.climate) for row in self.context.coverage]
        return any(fits) and bool(self.context.climate) and len(self.context.climate) <= _MOST_ROWS

    @property
    def level_shares(self) -> list[str]:
        """Probability of each level in hundredths, as text."""
        return self.numbers.shares_in_hundred(self.context.chances or ())

    @property
    def coverage_by_dimension(self) -> list[CoverageRow]:
        """Functions with their answers by dimension; those with too few share the last row."""
        told = [row for row in self.context.coverage if row.by_dimension]
        rest = [row for row in self.context.coverage if not row.by_dimension]
        return [*told, self._together(rest, self._named(rest))] if rest else told

    def _named(self, rows: list[CoverageRow]) -> str:
        if len(rows) > _MOST_ROWS:
            return self.numbers.say("%(count)s other functions", count=len(rows))
        return ", ".join(self.numbers.term(row.function) for row in rows)

    @staticmethod
    def _together(rows: list[CoverageRow], name: str) -> CoverageRow:
        return CoverageRow(
            function=name,
            invited=sum(row.invited for row in rows),
            answered=sum(row.answered for row in rows),
            deciders_invited=sum(row.deciders_invited for row in rows),
            deciders_answered=sum(row.deciders_answered for row in rows),
        )

    def against_reference(self, row: ClimateRow) -> str:
        """Colder, warmer, or no difference we can tell: a code, to be said by ``numbers.term``."""
        return sentences.against_reference(row)

    def curve(self, canvas: Canvas) -> Markup:
        """SEQ on the curve of the reference set, the last wave below it."""
        card, numbers = self.context, self.numbers
        if card.seq is None:
            label = sentences.why_no_bar(card.standing, card.method.minimum_answers, numbers)
            title = numbers.say("The levels on the curve of the reference set; %(why)s.", why=label)
        else:
            score, interval = numbers.score(card.seq.value), numbers.interval(card.seq)
            label = numbers.say("Now: %(score)s (%(interval)s)", score=score, interval=interval)
            title = numbers.say(
                "SEQ %(score)s on the curve of the reference set, 90%% bar %(interval)s; %(call)s.",
                score=score,
                interval=interval,
                call=numbers.term(card.call or ""),
            )
        if self.last_wave:
            title = f"{title} {self.last_wave}."
        return seq_curve(
            self.levels,
            card.seq,
            canvas,
            title=title,
            label=label,
            percent=numbers.percent,
            of_reference=numbers.say("of reference"),
            before=card.last_wave.now_seen if card.last_wave else None,
            before_labels=self.last_wave_labels,
        )

    def level_bar(self, canvas: Canvas) -> Markup:
        """Probability of each level; nothing when there is no score."""
        if self.context.chances is None:
            return Markup("")
        names, say = self.levels.names, self.numbers.say
        chances = [say("%(share)s in 100", share=share) for share in self.level_shares]
        told = ", ".join(f"{n} {c}" for n, c in zip(names, chances, strict=True))
        title = say("Chance of each level: %(levels)s.", levels=told)
        return level_bar(
            names, self.context.chances, chances, canvas, title=title, each=say("each")
        )

    def buyer_bar(self, row: ClimateRow, canvas: Canvas, height: float) -> Markup:
        """The bar of one dimension, the buyer's view alone."""
        return dot_row(
            row.score,
            row.reference,
            canvas,
            height=height,
            title=self.told(row),
            why=self.why(row),
        )

    def climate_bar(self, row: ClimateRow, canvas: Canvas, height: float) -> Markup:
        """The bar of one dimension, the supplier's own view below it."""
        if row.own is None:
            return self.buyer_bar(row, canvas, height)
        own = self.numbers.say(
            "Supplier on itself: %(score)s, 90%% bar %(interval)s.",
            score=self.numbers.score(row.own.value),
            interval=self.numbers.interval(row.own),
        )
        return dot_row(
            row.score,
            row.reference,
            canvas,
            height=height,
            title=f"{self.told(row)} {own}",
            why=self.why(row),
            own=row.own,
        )

    def seq_bar(self, canvas: Canvas, height: float) -> Markup:
        """SEQ as one row of a table."""
        seq = self.context.seq
        if seq is None:
            return Markup("")
        title = self.numbers.say(
            "%(name)s: %(score)s, 90%% bar %(interval)s.",
            name="SEQ",
            score=self.numbers.score(seq.value),
            interval=self.numbers.interval(seq),
        )
        return dot_row(seq, 50.0, canvas, height=height, title=title, why="")

    def climate_axis(self, canvas: Canvas) -> Markup:
        """The numbers below the climate bars."""
        title = self.numbers.say("Axis from 25 to 75; 50 is the mean of the reference set.")
        return dot_axis(canvas, title=title)

    def people(self, row: CoverageRow, canvas: Canvas) -> Markup:
        """One square per person asked."""
        title = self.numbers.say(
            "%(function)s: %(answered)s of %(invited)s answered.",
            function=self.numbers.term(row.function),
            answered=row.answered,
            invited=row.invited,
        )
        return squares(row.invited, row.answered, canvas, title=title)
