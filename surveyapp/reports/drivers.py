"""What goes with SEQ, as the templates of the portfolio report say and draw it."""

from collections.abc import Sequence
from itertools import starmap
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.shares import share_row
from surveyapp.reports.context import Driver, Drivers
from surveyapp.reports.groups import GroupsPage
from surveyapp.reports.numbers import Numbers

_ROOM: Final = 1.04
"""Of the axis beyond the longest bar, so that it does not end at the edge."""


class DriversPage(GroupsPage):
    """Shares of the climate dimensions; a context without drivers has no such part."""

    @property
    def drivers_finding(self) -> str:
        """Which dimensions stand out, that none does, or why nothing can be told."""
        drivers = self.context.drivers
        return _finding(drivers, self.numbers) if drivers else ""

    @property
    def drivers_note(self) -> str:
        """What the shares are of, and what they rest on."""
        drivers = self.context.drivers
        if drivers is None or not drivers.rows:
            return ""
        return self.numbers.say(
            "Share of what these dimensions explain together, in 100, with its 90%% bar; the tick is an equal share. Together they go with %(explained)s of SEQ's differences between relationships. From %(count)s relationships with two people or more.",
            explained=self.numbers.chance(drivers.explained),
            count=self.numbers.count(drivers.relationships),
        )

    @property
    def drivers_limit(self) -> str:
        """What the shares do not say."""
        return self.numbers.say(
            "Climate dimensions mostly go together closely, so shares tend to be near equal and their bars wide. What goes with SEQ need not cause it: a third thing may move both."
        )

    @property
    def driver_rows(self) -> Sequence[tuple[Driver, str, str, str]]:
        """Each dimension, largest share first: its label, share and bar in hundredths."""
        drivers = self.context.drivers
        if drivers is None:
            return ()
        shares = self.numbers.shares_in_hundred([row.share.value for row in drivers.ordered])
        return list(starmap(self._told, zip(drivers.ordered, shares, strict=True)))

    def _told(self, row: Driver, share: str) -> tuple[Driver, str, str, str]:
        low, high = (self.numbers.in_hundred(each) for each in (row.share.low, row.share.high))
        bar = self.numbers.say("%(low)s to %(high)s", low=low, high=high)
        return row, self.numbers.term(row.label), share, bar

    def driver_bar(self, row: Driver, canvas: Canvas, height: float) -> Markup:
        """The share of one dimension with its bar."""
        drivers = self.context.drivers
        if drivers is None:
            return Markup("")
        _, label, share, bar = self._told(row, self.numbers.in_hundred(row.share.value))
        title = self.numbers.say(
            "%(name)s: %(score)s, 90%% bar %(interval)s.", name=label, score=share, interval=bar
        )
        most = min(max(each.share.high for each in drivers.rows) * _ROOM, 1.0)
        return share_row(row.share, drivers.even, most, canvas, height=height, title=title)


def _finding(drivers: Drivers, numbers: Numbers) -> str:
    if drivers.why_not == "too few":
        return numbers.say(
            "What goes with SEQ cannot be told yet. That takes %(enough)s relationships in which two people or more answered; there are %(count)s.",
            enough=numbers.count(drivers.enough),
            count=numbers.count(drivers.relationships),
        )
    if drivers.why_not == "nothing told":
        flat = [numbers.term(each) for each in drivers.flat]
        if not flat:
            return numbers.say(
                "What goes with SEQ cannot be told: relationships hardly differ in SEQ, or in one of these dimensions."
            )
        return numbers.say(
            "What goes with SEQ cannot be told: relationships hardly differ in %(names)s.",
            names=numbers.listed(flat),
        )
    told = []
    if drivers.leading:
        names = numbers.listed([numbers.term(row.label) for row in drivers.leading])
        told.append(
            numbers.say_count(
                "%(names)s goes with SEQ by more than an equal share.",
                "%(names)s go with SEQ by more than an equal share each.",
                len(drivers.leading),
                names=names,
            )
        )
    if drivers.trailing:
        names = numbers.listed([numbers.term(row.label) for row in drivers.trailing])
        told.append(
            numbers.say_count(
                "%(names)s goes with it by less.",
                "%(names)s go with it by less.",
                len(drivers.trailing),
                names=names,
            )
            if drivers.leading
            else numbers.say_count(
                "%(names)s goes with SEQ by less than an equal share.",
                "%(names)s go with SEQ by less than an equal share each.",
                len(drivers.trailing),
                names=names,
            )
        )
    if told:
        return " ".join(told)
    return numbers.say(
        "All %(count)s dimensions go with SEQ, and no order can be told: every bar holds an equal share.",
        count=numbers.count(len(drivers.rows)),
    )
