"""The drawings of a wave's coverage, each for a wide screen and for a phone."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from surveyapp.reports.charts import answers
from surveyapp.reports.charts.answers import Fan, Tick
from surveyapp.reports.charts.scales import Canvas, phone, screen
from surveyapp.services.coverage_groups import Group
from surveyapp.services.coverage_outlook import Outlook
from surveyapp.services.coverage_summary import Summary
from surveyapp.web import coverage_words as words

_STEP: Final = Canvas(250.0, 13.0)
_GROUP: Final = Canvas(130.0, 13.0)
_WIDE: Final = screen(545.0)
_ORDINALS: Final[Mapping[int, LazyString]] = {
    1: lazy_gettext("first reminder"),
    2: lazy_gettext("second reminder"),
    3: lazy_gettext("third reminder"),
}


def step_bar(some: int, people: int, *, is_last: bool = False) -> Markup:
    """Draw how many of all have taken a step."""
    share = some / people if people else 0.0
    colour = "ink" if is_last else "field"
    return answers.whole_bar(share, _STEP, title=words.percent(share), colour=colour)


def group_bar(group: Group) -> Markup:
    """Draw how much of a group has answered, and is part-way where that is told."""
    part_way = (group.part_way or 0) / group.asked if group.asked else 0.0
    title = words.percent(group.share)
    return answers.whole_bar(group.share, _GROUP, title=title, colour="ink", part_way=part_way)


def by_day(summary: Summary) -> Markup:
    """Draw the answers of each day and what to expect by the close."""
    outlook = summary.outlook
    if outlook is None or not summary.way.answered:
        return Markup("")
    return _curve(summary, outlook, _WIDE) + _curve(summary, outlook, phone())


def totals(outlook: Outlook, *, until: date) -> list[tuple[date, int, int]]:
    """Return each day with its answers and all so far, quiet days too."""
    days = [
        outlook.opened_on + timedelta(days=number)
        for number in range((min(until, outlook.last_on) - outlook.opened_on).days + 1)
    ]
    each = [outlook.answered_by_day.get(day, 0) for day in days]
    return list(zip(days, each, accumulate(each), strict=True))


def _curve(summary: Summary, outlook: Outlook, canvas: Canvas) -> Markup:
    now_on = min(summary.counted_at.date(), outlook.last_on)
    length = (outlook.last_on - outlook.opened_on).days + 1
    points = [(0.0, 0.0)]
    for number, (_day, _answers, in_all) in enumerate(totals(outlook, until=now_on), start=1):
        points.append((float(number), float(in_all)))
    answered = words.count(summary.way.answered)
    now = str(gettext("%(answered)s on %(day)s", answered=answered, day=words.short_day(now_on)))
    fan = _fan(outlook)
    title = f"{now}; {fan.label}" if fan else now
    return answers.curve(
        points,
        canvas,
        days=float(length),
        title=str(gettext("Answers in all, day by day: %(title)s", title=title)),
        now=now,
        ticks=_ticks(outlook, length),
        fan=fan,
    )


def _fan(outlook: Outlook) -> Fan | None:
    expected = outlook.forecast
    if expected is None:
        return None
    path = tuple(
        (float((day - outlook.opened_on).days + 1), value) for day, value in expected.by_day
    )
    label = gettext(
        "%(expected)s (%(low)s to %(high)s)",
        expected=words.count(expected.expected),
        low=words.count(expected.low),
        high=words.count(expected.high),
    )
    return Fan(expected.expected, expected.low, expected.high, path, str(label))


def _ticks(outlook: Outlook, length: int) -> list[Tick]:
    """Name the first and last day and the reminders."""
    reminders = [
        Tick(float((day - outlook.opened_on).days), str(_ORDINALS.get(number, gettext("reminder"))))
        for number, day in enumerate(outlook.reminded_on, start=1)
    ]
    coming = [
        Tick(float((day - outlook.opened_on).days), str(gettext("next reminder")))
        for day in outlook.reminders_on
    ]
    return [
        Tick(0.0, words.tick_day(outlook.opened_on), is_marked=False),
        *reminders,
        *coming,
        Tick(float(length), words.tick_day(outlook.last_on), is_marked=False),
    ]
