"""A wave's coverage in sentences: the headline, the state, the steps from the list to the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext

from surveyapp.models.accounts import Side
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services.coverage_figures import Way
from surveyapp.services.coverage_money import Line, Some
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_summary import Summary
from surveyapp.services.wave_lists import side_of
from surveyapp.services.wave_people import anonymity_of
from surveyapp.web.coverage_words import count, moment, money, ngettext, short_day
from surveyapp.web.coverage_words import gettext as _
from surveyapp.web.filters import day, listed

_SMALL: Final = (
    *(lazy_gettext("no"), lazy_gettext("one"), lazy_gettext("two"), lazy_gettext("three")),
    *(lazy_gettext("four"), lazy_gettext("five"), lazy_gettext("six"), lazy_gettext("seven")),
    *(lazy_gettext("eight"), lazy_gettext("nine"), lazy_gettext("ten"), lazy_gettext("eleven")),
    lazy_gettext("twelve"),
)


def headline(summary: Summary, sight: Sight) -> str:
    """Say who has answered and what is missing most."""
    if not summary.is_told:
        return _(
            "Fewer than %(k)s people are asked. How many have answered is not shown.",
            k=sight.minimum,
        )
    return " ".join(part for part in (_answered(summary), _missing(summary)) if part)


def state(wave: Wave, summary: Summary, *, at: datetime) -> str:
    """Say how the wave stands, what it asks and of when the figures are."""
    side = _("buyer side") if side_of(wave.view) == Side.BUYER else _("supplier side")
    relationships = summary.relationships
    asked = ngettext("%(n)s relationship", "%(n)s relationships", relationships)
    return _(
        "%(state)s %(relationships)s, %(side)s, %(contract)s. Figures of %(moment)s.",
        state=_standing(wave, at=at),
        relationships=asked,
        side=side,
        contract=anonymity_of(wave).value,
        moment=moment(summary.counted_at),
    )


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step of the way, and who did not take it."""

    label: str
    people: int | None
    """None: so few are asked that the number is not shown."""
    lost: str


def steps(summary: Summary) -> list[StepWords]:
    """Return the steps from the frozen list to the answer."""
    way = summary.way
    found = [
        StepWords(_("On the frozen list"), way.people, ""),
        StepWords(_("Mail sent"), way.sent, _not_sent(way)),
    ]
    if not summary.is_told:
        return [*found, StepWords(_("Answered"), None, "")]
    idle = max(way.sent - way.started, 0)
    found.append(StepWords(_("Started"), way.started, _lost(_("not started"), idle)))
    before = way.started
    if way.saved is not None:
        nothing = max(way.started - way.saved, 0)
        found.append(StepWords(_("Saved a section"), way.saved, _lost(_("saved nothing"), nothing)))
        before = way.saved
    part_way = _("part-way") if way.saved is not None else _("started only")
    open_ = max(before - way.answered, 0)
    return [*found, StepWords(_("Answered"), way.answered, _lost(part_way, open_))]


def _not_sent(way: Way) -> str:
    lost = (
        _lost(_("bounced"), way.bounced),
        _lost(_("uncertain"), way.uncertain),
        _lost(_("waiting"), way.waiting),
        _lost(_("not sent"), way.not_sent),
    )
    return ", ".join(part for part in lost if part)


def _lost(what: str, people: int) -> str:
    return f"{count(people)} {what}" if people else ""


def _answered(summary: Summary) -> str:
    way = summary.way
    if way.answered == way.people:
        return ngettext(
            "The one person asked has answered.", "All %(n)s people have answered.", way.people
        )
    if not way.answered:
        return ngettext(
            "The one person asked has not answered yet.",
            "None of %(n)s people has answered yet.",
            way.people,
        )
    return _(
        "%(answered)s of %(people)s people have answered.",
        answered=count(way.answered),
        people=count(way.people),
    )


def _missing(summary: Summary) -> str:
    """Say how many relationships lack a decider's answer; without any, how many lack every answer."""
    if not summary.way.answered:
        return ""
    undecided = [line.undecided for line in summary.money]
    number = sum(some.relationships for some in undecided)
    if number:
        worth = _worth(summary.money, undecided)
        return ngettext(
            "In %(number)s relationship%(worth)s no decider has.",
            "In %(number)s relationships%(worth)s no decider has.",
            number,
            number=_spelt(number),
            worth=worth,
        )
    still = [line.still for line in summary.money]
    number = sum(some.relationships for some in still)
    if number:
        return ngettext(
            "In %(number)s relationship%(worth)s nobody has.",
            "In %(number)s relationships%(worth)s nobody has.",
            number,
            number=_spelt(number),
            worth=_worth(summary.money, still),
        )
    is_whole = all(not line.untold.relationships for line in summary.money)
    if is_whole and summary.relationships > 1 and summary.way.open:
        return _("Somebody has in every relationship.")
    return ""


def _worth(lines: Sequence[Line], somes: Sequence[Some]) -> str:
    """Say what relationships are worth, each currency by itself: they are never added up."""
    amounts = [
        money(some.value, line.currency)
        for line, some in zip(lines, somes, strict=True)
        if line.currency and some.value
    ]
    return " " + _("worth %(amounts)s a year", amounts=listed(amounts)) if amounts else ""


def _standing(wave: Wave, *, at: datetime) -> str:
    last = wave.last_day
    if wave.state == WaveState.CLOSED:
        return _("Closed; answers counted until the end of %(day)s.", day=day(last))
    opened = (wave.opened_at or wave.launched_at or at).date()
    now, every = (min(at.date(), last) - opened).days + 1, (last - opened).days + 1
    days = _("day %(now)s of %(all)s", now=now, all=every)
    if wave.state == WaveState.PAUSED:
        return _("Paused; open until %(day)s, %(days)s.", day=short_day(last), days=days)
    if wave.state == WaveState.LAUNCHING:
        return _("Being launched: people are still being added.")
    return _("Open until %(day)s, %(days)s.", day=short_day(last), days=days)


def _spelt(number: int) -> str:
    return str(_SMALL[number]) if number < len(_SMALL) else count(number)
