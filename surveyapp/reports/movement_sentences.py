"""What a portfolio report says of change since the last wave and of groups of relationships."""

from collections.abc import Sequence
from typing import Final

from surveyapp.reports.context import (
    Interval,
    Movement,
    PortfolioContext,
    PortfolioRow,
    Rollup,
    RollupRow,
)
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.portfolio_sentences import LONGEST_LISTED, listed
from surveyapp.reports.sentences import short_name

_MEAN: Final = 50.0
_MINUS: Final = "\u2212"
_MOST_GROUPS: Final = 3


def whole(movement: Movement, numbers: Numbers) -> str:
    """How all relationships together moved, with the bar of that."""
    change = movement.change
    if not movement.is_beyond_chance:
        return numbers.say(
            "All together: no change we can tell (%(low)s to %(high)s).",
            low=signed(change.low, numbers),
            high=signed(change.high, numbers),
        )
    least, most = sorted((abs(change.low), abs(change.high)))
    low = numbers.size(least)
    values = {
        "size": numbers.size(change.value),
        "low": numbers.say("under 1") if low == "0" else low,
        "high": numbers.size(most),
    }
    if change.value < 0:
        return numbers.say("All together fell by %(size)s (%(low)s to %(high)s).", **values)
    return numbers.say("All together rose by %(size)s (%(low)s to %(high)s).", **values)


def signed(value: float, numbers: Numbers) -> str:
    """A difference with its sign; 0 has none."""
    size = numbers.size(value)
    return size if size == "0" else f"{_MINUS if value < 0 else '+'}{size}"


def moved(rows: Sequence[PortfolioRow], numbers: Numbers) -> str:
    """Names with where they stood and stand: "Orrinford Plastics 50 to 42"; bounded."""
    told = [
        numbers.say(
            "%(name)s %(before)s to %(now)s",
            name=short_name(row.name, LONGEST_LISTED),
            before=numbers.score(row.change.before),
            now=numbers.score(row.seq.value),
        )
        for row in rows
        if row.change is not None and row.seq is not None
    ]
    return listed(told, numbers)


def unmoved(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """For how many no change can be told, and how many have no former wave to compare with."""
    movement = portfolio.movement
    if movement is None:
        return ""
    changed = len(portfolio.fallen) + len(portfolio.risen)
    still = sum(row.change is not None for row in portfolio.measured) - changed
    new = len(portfolio.measured) - still - changed
    told = []
    if still:
        told.append(
            numbers.say("For %(count)s there is no change we can tell.", count=numbers.count(still))
        )
    if new:
        told.append(
            numbers.say(
                "Not measured in %(wave)s: %(count)s.",
                wave=movement.since,
                count=numbers.count(new),
            )
        )
    return " ".join(told)


def group_name(row: RollupRow, numbers: Numbers) -> str:
    """What a row of a roll-up is called."""
    if row.groups > 1:
        return numbers.say("%(count)s smaller groups together", count=numbers.count(row.groups))
    return row.name or numbers.term("Not stated")


def against_mean(score: Interval) -> str:
    """Colder or warmer when the whole bar lies on one side of the reference mean, else nothing."""
    if not score.is_off(_MEAN):
        return ""
    return "colder" if score.high < _MEAN else "warmer"


def groups_finding(rollups: Sequence[Rollup], numbers: Numbers) -> str:
    """Which groups differ from the reference: up to three by name, else how many."""
    colder, warmer = (_standing_out(rollups, word, numbers) for word in ("colder", "warmer"))
    told = []
    if colder:
        told.append(
            numbers.say_count(
                "%(names)s is colder",
                "%(names)s are colder",
                len(colder),
                names=_few(colder, numbers),
            )
        )
    if warmer:
        told.append(
            numbers.say_count(
                "%(names)s is warmer",
                "%(names)s are warmer",
                len(warmer),
                names=_few(warmer, numbers),
            )
        )
    if not told:
        return numbers.say("No group differs from the reference that we can tell.")
    return numbers.say("%(finding)s than the reference.", finding="; ".join(told))


def _standing_out(rollups: Sequence[Rollup], word: str, numbers: Numbers) -> list[str]:
    return [
        _inside(short_name(row.name or group_name(row, numbers)), numbers)
        for rollup in rollups
        for row in rollup.rows
        if row.score is not None and row.groups == 1 and against_mean(row.score) == word
    ]


def _inside(name: str, numbers: Numbers) -> str:
    """The name of a group inside a sentence, in quotation marks where it would read as part of it."""
    return numbers.quoted(name) if name[:1].islower() else name


def _few(names: Sequence[str], numbers: Numbers) -> str:
    if len(names) <= _MOST_GROUPS:
        return numbers.listed(names)
    return numbers.say("%(count)s groups", count=numbers.count(len(names)))


def groups_note(rollups: Sequence[Rollup], numbers: Numbers) -> str:
    """What a roll-up is, and how many of its bars to expect wrong."""
    bars = sum(row.score is not None for rollup in rollups for row in rollup.rows)
    told = numbers.say(
        "Mean SEQ of the measured relationships, each counted once. Tick: mean of the reference."
    )
    wrong = round(bars * 0.1)
    if wrong == 0:
        return told
    rest = numbers.say(
        "Of these %(bars)s bars expect %(wrong)s to miss the true mean.", bars=bars, wrong=wrong
    )
    return f"{told} {rest}"
