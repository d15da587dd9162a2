"""Movement and roll-ups of a portfolio as its templates see them."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports import movement_sentences as sentences
from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.dots import dot_axis, dot_row
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import (
    Change,
    PortfolioContext,
    RollupKind,
    RollupRow,
)
from surveyapp.reports.page import ReportPage
from surveyapp.reports.sentences import why_no_bar

_MEAN: Final = 50.0


class GroupsPage(ReportPage[PortfolioContext]):
    """What the templates say and draw of change and of groups of relationships."""

    @property
    def moved_whole(self) -> str:
        """How all relationships together moved since the last wave."""
        movement = self.context.movement
        return sentences.whole(movement, self.numbers) if movement else ""

    @property
    def fell(self) -> str:
        """Who fell by more than chance explains, from where to where."""
        return sentences.moved(self.context.fallen, self.numbers)

    @property
    def rose(self) -> str:
        """Who rose."""
        return sentences.moved(self.context.risen, self.numbers)

    @property
    def unmoved(self) -> str:
        """For how many there is no change to tell."""
        return sentences.unmoved(self.context, self.numbers)

    @property
    def groups_finding(self) -> str:
        """Which groups differ from the reference."""
        return sentences.groups_finding(self.context.rollups, self.numbers)

    @property
    def groups_note(self) -> str:
        """What a roll-up is."""
        return sentences.groups_note(self.context.rollups, self.numbers)

    def groups_title(self, kind: RollupKind) -> str:
        """What the groups of a table share."""
        say = self.numbers.say
        match kind:
            case "segment":
                return say("By segment")
            case "product line":
                return say("By product line")
            case "service team":
                return say("By service team")
            case "region":
                return say("By region")

    def axis(self, canvas: Canvas) -> Markup:
        """The numbers over the bars of groups."""
        say = self.numbers.say
        title = say("Axis from 25 to 75; 50 is the mean of the reference set.")
        return dot_axis(canvas, title=title)

    def group_name(self, row: RollupRow) -> str:
        """What a group is called."""
        return sentences.group_name(row, self.numbers)

    def group_fitting(self, row: RollupRow, canvas: Canvas) -> str:
        """The same, shortened to one line of a column."""
        return lettering.shortened(
            self.group_name(row), canvas.text, canvas.width, lettering.SEMIBOLD
        )

    def group_why(self, row: RollupRow) -> str:
        """Why a group has no number."""
        if row.standing == "suppressed":
            return self.numbers.say("not shown: too few answers to keep them confidential")
        return why_no_bar(row.standing, self.context.method.minimum_answers, self.numbers)

    def group_bar(self, row: RollupRow, canvas: Canvas, height: float) -> Markup:
        """The mean of one group with its bar."""
        name, why = self.group_name(row), self.group_why(row)
        title = f"{name}: {why}."
        if row.score is not None:
            title = self.numbers.say(
                "%(name)s: %(score)s, 90%% bar %(interval)s.",
                name=name,
                score=self.numbers.score(row.score.value),
                interval=self.numbers.interval(row.score),
            )
        return dot_row(row.score, _MEAN, canvas, height=height, title=title, why="", is_small=True)

    def moved_by(self, change: Change | None, none: str = "", new: str = "") -> str:
        """A change in a table: its direction and size, or what stands for none or none before."""
        if change is None:
            return new
        if not change.is_beyond_chance:
            return none
        return f"{'▼' if change.size < 0 else '▲'} {self.numbers.size(change.size)}"
