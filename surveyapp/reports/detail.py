"""The later pages of a scorecard as its templates see them: climate in detail, facts, silence."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from surveyapp.reports import detail_sentences as sentences
from surveyapp.reports.actions import Action, actions
from surveyapp.reports.charts.agreement import agreement_mark
from surveyapp.reports.charts.dots import dot_row
from surveyapp.reports.charts.gaps import gap_axis, gap_row
from surveyapp.reports.charts.key import Mark
from surveyapp.reports.charts.quadrant import Corner, quadrant
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.sparkline import State, sparkline
from surveyapp.reports.context import (
    ClimateRow,
    Fact,
    FunctionRow,
    Interval,
    ItemLine,
    ScorecardContext,
)
from surveyapp.reports.page import ReportPage
from surveyapp.reports.sentences import why_no_bar

_CORNERS: Final[Mapping[Corner, str]] = {
    "top left": "Loved but failing",
    "top right": "Liked and delivering",
    "bottom left": "Disliked and failing",
    "bottom right": "Delivering but disliked",
}


class DetailPage(ReportPage[ScorecardContext]):
    """What the templates say and draw beside the estimates."""

    @property
    def actions(self) -> list[Action]:
        """At most three things to do, each with its reason."""
        return actions(self.context, self.numbers)

    @property
    def last_wave(self) -> str:
        """SEQ of the last wave."""
        return sentences.last_wave(self.context, self.numbers)

    @property
    def last_wave_labels(self) -> list[str]:
        """The same for the chart, the longest first: the first that finds room is written."""
        last = self.context.last_wave
        if last is None:
            return []
        score = self.numbers.score(last.now_seen.value)
        short = self.numbers.say("%(wave)s: %(score)s", wave=last.name, score=score)
        unchanged = f"{short}, {self.numbers.say('no change we can tell')}"
        return [short] if last.is_beyond_chance else [unchanged, short]

    @property
    def blind_spots(self) -> str:
        """Where the two sides differ, else how climate stands against the reference."""
        return sentences.blind_spots(self.context, self.numbers)

    @property
    def climate_headline(self) -> str:
        """What changed and where people are split."""
        return sentences.climate_headline(self.context, self.numbers)

    @property
    def facts_headline(self) -> str:
        """Which facts are late, and how they stand beside the feeling."""
        return sentences.facts_headline(self.context, self.numbers)

    @property
    def stale_note(self) -> str:
        """Which facts do not count."""
        return sentences.stale_note(self.context, self.numbers)

    @property
    def quadrant_note(self) -> str:
        """Which corners are possible."""
        return sentences.quadrant_note(self.context, self.numbers)

    @property
    def has_gaps(self) -> bool:
        """Whether the supplier's own view stands beside the buyer's."""
        return any(row.own for row in self.context.climate)

    @property
    def has_change(self) -> bool:
        """Whether there is a wave to compare with."""
        return any(row.change for row in self.context.climate)

    @property
    def has_agreement(self) -> bool:
        """Whether it is known how far people lie apart."""
        return any(row.agreement for row in self.context.climate)

    @property
    def split_names(self) -> str:
        """Dimensions people are split on."""
        split = [row for row in self.context.climate if row.agreement and row.agreement.is_split]
        return self.numbers.listed([self.numbers.term(row.label) for row in split])

    @property
    def hidden_functions(self) -> str:
        """Functions with answers that are not shown alone."""
        hidden = [row for row in self.context.by_function if row.standing == "suppressed"]
        return self.numbers.listed([self.numbers.term(row.function) for row in hidden])

    @property
    def _own_marks(self) -> list[tuple[Mark, str]]:
        say, card = self.numbers.say, self.context
        marks: list[tuple[Mark, str]] = []
        if self.has_gaps:
            marks.append(("supplier", say("the supplier's view of the same thing")))
        if self.has_change:
            marks.append(("change", say("a change larger than chance, from then to now")))
        if self.has_gaps or card.last_wave is not None:
            marks.append(("no change", say("a difference or change we cannot tell from chance")))
        if any(fact.is_stale for fact in card.facts):
            marks.append(("stale", say("a fact too old to count")))
        return marks

    def why(self, row: ClimateRow | ItemLine | FunctionRow) -> str:
        """Why a row has no number."""
        return why_no_bar(row.standing, self.context.method.minimum_answers, self.numbers)

    def told(self, row: ClimateRow | ItemLine) -> str:
        """A bar in words, for those who do not see it."""
        name = self.numbers.term(row.label)
        if row.score is None:
            return f"{name}: {self.why(row)}."
        return self.numbers.say(
            "%(name)s: %(score)s, 90%% bar %(interval)s; mean of reference %(reference)s.",
            name=name,
            score=self.numbers.score(row.score.value),
            interval=self.numbers.interval(row.score),
            reference=self.numbers.score(row.reference),
        )

    def detail_bar(self, row: ClimateRow | ItemLine, canvas: Canvas, height: float) -> Markup:
        """A dimension or one of its items, with its change where it is larger than chance."""
        title = self.told(row)
        if row.change is not None:
            told = sentences.change(row.change, self.numbers)
            title = f"{title} {told[0].upper()}{told[1:]}."
        return dot_row(
            row.score,
            row.reference,
            canvas,
            height=height,
            title=title,
            why=self.why(row),
            change=row.change,
            is_small=isinstance(row, ItemLine),
        )

    def change(self, row: ClimateRow | ItemLine) -> str:
        """The change of a row in words."""
        return sentences.change(row.change, self.numbers) if row.change else ""

    def gap(self, row: ClimateRow) -> str:
        """The gap between the two sides in words."""
        return sentences.gap(row.gap, self.numbers) if row.gap else ""

    def gap_bar(self, row: ClimateRow, canvas: Canvas, height: float) -> Markup:
        """The supplier's view minus the buyer's."""
        name = self.numbers.term(row.label)
        title = self.numbers.say("%(name)s: no gap to show.", name=name)
        if row.gap is not None:
            title = f"{name}: {self.gap(row)}."
        return gap_row(row.gap, canvas, height=height, title=title)

    def gap_axis(self, canvas: Canvas) -> Markup:
        """The numbers below the gaps."""
        return gap_axis(canvas, title=self.numbers.say("Axis from 25 lower to 25 higher."))

    def agreement(self, row: ClimateRow, canvas: Canvas, height: float) -> Markup:
        """Spread found beside the usual one."""
        if row.agreement is None:
            return Markup("")
        title = f"{self.numbers.term(row.label)}: {self.agreed(row)}."
        return agreement_mark(row.agreement, canvas, height=height, title=title)

    def agreed(self, row: ClimateRow) -> str:
        """Usual or split."""
        if row.agreement is None:
            return ""
        return self.numbers.term("split" if row.agreement.is_split else "usual")

    def function_bar(self, row: FunctionRow, canvas: Canvas, height: float) -> Markup:
        """SEQ as one function sees it."""
        name, why = self.numbers.term(row.function), self.why(row)
        title = f"{name}: {why}."
        if row.score is not None:
            title = self.numbers.say(
                "%(name)s: %(score)s, 90%% bar %(interval)s.",
                name=name,
                score=self.numbers.score(row.score.value),
                interval=self.numbers.interval(row.score),
            )
        return dot_row(row.score, 50.0, canvas, height=height, title=title, why=why)

    def fact_line(self, fact: Fact, canvas: Canvas, height: float) -> Markup:
        """The last eight quarters."""
        state: State = "stale" if fact.is_stale else "late" if fact.is_late else "current"
        known = [self.numbers.fact(fact, value) for value in fact.series if value is not None]
        title = self.numbers.say("%(name)s: no value in the last eight quarters.", name=fact.name)
        if known:
            title = f"{fact.name}: {', '.join(known)}."
        return sparkline(
            fact.series, fact.target, state=state, title=title, width=canvas.width, height=height
        )

    def target(self, fact: Fact) -> str:
        """The target in words."""
        return sentences.target(fact, self.numbers)

    def against_target(self, fact: Fact) -> str:
        """Met, missed, late, or not counted."""
        return sentences.against_target(fact, self.numbers)

    def quadrant(self, canvas: Canvas) -> Markup:
        """Perception beside facts."""
        card, say = self.context, self.numbers.say
        if card.quadrant is None or card.seq is None:
            return Markup("")
        return quadrant(
            card.quadrant,
            Interval(value=card.seq.value, low=card.seq.low, high=card.seq.high),
            canvas,
            corners={place: self.numbers.term(name) for place, name in _CORNERS.items()},
            across=say("Facts, warmer to the right"),
            up=say("Perception (SEQ), warmer above"),
            title=self.quadrant_note,
        )
