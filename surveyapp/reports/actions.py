"""What to do about a relationship: at most three things, each by a stated rule, with its reason.

The rules stand in ``RULES``, the most pressing first. A rule reads the context alone and gives a
thing to do and why, or nothing; the first three that give something are printed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from surveyapp.reports.context import ClimateRow, Fact, ScorecardContext
from surveyapp.reports.numbers import Numbers

MOST: Final = 3
_BEFORE_RENEWAL: Final = timedelta(days=365)
"""A decider who is silent matters most within a year of the renewal."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do."""

    rule: str
    """Name of its rule in ``RULES``."""
    what: str
    why: str
    who: str = ""
    """People it is about, as far as the reader may know them."""


Told = tuple[str, str, str] | None
"""What, why and who; None where the rule finds nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is to be done."""

    name: str
    when: str
    """The condition in words, as the documentation has it."""
    tell: Callable[[ScorecardContext, Numbers], Told]


def actions(card: ScorecardContext, numbers: Numbers) -> list[Action]:
    """Return what is to be done, the most pressing first."""
    found = []
    for rule in RULES:
        told = rule.tell(card, numbers)
        if told is not None:
            what, why, who = told
            found.append(Action(rule.name, what, why, who))
    return found[:MOST]


def _silent_decider(card: ScorecardContext, numbers: Numbers) -> Told:
    answered, asked = card.deciders
    silent = asked - answered
    if silent == 0 or not _is_before_renewal(card):
        return None
    until = _renewal(card, numbers)
    what = numbers.say_count(
        "Hear the silent decider%(until)s.",
        "Hear the %(count)s silent deciders%(until)s.",
        silent,
        count=silent,
        until=until,
    )
    why = numbers.say(
        "%(answered)s of %(asked)s deciders answered; their part is a guess.",
        answered=answered,
        asked=asked,
    )
    known = [
        f"{each.name} ({numbers.term(each.function)})" if each.name else numbers.term(each.function)
        for each in card.silent_deciders
    ]
    return what, why, numbers.listed(known) if known else ""


def _renewal(card: ScorecardContext, numbers: Numbers) -> str:
    if card.renewal_on is None:
        return ""
    return numbers.say(" before the renewal on %(day)s", day=numbers.day(card.renewal_on))


def _is_before_renewal(card: ScorecardContext) -> bool:
    """Within a year of it, or where no renewal is known."""
    made_on: date = card.made_at.date()
    return card.renewal_on is None or made_on <= card.renewal_on <= made_on + _BEFORE_RENEWAL


def _late_fact(card: ScorecardContext, numbers: Numbers) -> Told:
    late = [fact for fact in card.facts if fact.is_late and fact.target is not None]
    if not late:
        return None
    worst = max(late, key=lambda fact: fact.missed_running)
    what = numbers.say("Agree a recovery plan for %(fact)s.", fact=_inside(worst, numbers))
    why = numbers.say(
        "%(value)s against a target of %(target)s, missed %(count)s quarters running.",
        value=numbers.fact(worst, worst.value),
        target=numbers.fact(worst, worst.target),
        count=worst.missed_running,
    )
    others = [fact.name for fact in late if fact is not worst]
    also = numbers.say("Also late: %(names)s", names=numbers.listed(others)) if others else ""
    return what, why, also


def _inside(fact: Fact, numbers: Numbers) -> str:
    """The name of a fact inside a sentence, in quotation marks where it is several words."""
    return numbers.quoted(fact.name) if " " in fact.name else fact.name


def _fallen(card: ScorecardContext, numbers: Numbers) -> Told:
    fell = [row for row in card.climate if row.change and row.change.is_beyond_chance]
    fell = [row for row in fell if row.change and row.change.size < 0]
    if not fell:
        return None
    worst = min(fell, key=lambda row: row.change.size if row.change else 0.0)
    if worst.change is None or worst.score is None:
        return None
    return (
        numbers.say("Ask what changed on %(name)s.", name=numbers.term(worst.label)),
        numbers.say(
            "It fell by %(size)s to %(now)s, more than chance explains.",
            size=numbers.size(worst.change.size),
            now=numbers.score(worst.score.value),
        ),
        "",
    )


def _blind_spot(card: ScorecardContext, numbers: Numbers) -> Told:
    blind = [row for row in card.climate if row.gap and row.gap.low > 0]
    if not blind:
        return None
    widest = max(blind, key=lambda row: row.gap.value if row.gap else 0.0)
    if widest.score is None or widest.own is None:
        return None
    name = numbers.term(widest.label)
    why = numbers.say(
        "%(buyer)s sees %(seen)s, %(supplier)s believes %(believed)s: a blind spot.",
        buyer=card.buyer,
        seen=numbers.score(widest.score.value),
        supplier=card.supplier,
        believed=numbers.score(widest.own.value),
    )
    return numbers.say("Talk about %(name)s with both sides.", name=name), why, ""


def _cold(card: ScorecardContext, numbers: Numbers) -> Told:
    cold = [row for row in card.climate if row.score and row.score.high < row.reference]
    if not cold:
        return None
    coldest = min(cold, key=_value)
    if coldest.score is None:
        return None
    why = numbers.say(
        "It is %(now)s, and its whole bar (%(interval)s) lies below the reference.",
        now=numbers.score(coldest.score.value),
        interval=numbers.interval(coldest.score),
    )
    what = numbers.say("Find out what is behind %(name)s.", name=numbers.term(coldest.label))
    return what, why, ""


def _value(row: ClimateRow) -> float:
    return row.score.value if row.score else 0.0


def _split(card: ScorecardContext, numbers: Numbers) -> Told:
    split = [row for row in card.climate if row.agreement and row.agreement.is_split]
    if not split:
        return None
    names = numbers.listed([numbers.term(row.label) for row in split])
    return (
        numbers.say("Read the functions on %(names)s, not the mean.", names=names),
        numbers.say("People at %(buyer)s disagree.", buyer=card.buyer),
        "",
    )


def _stale(card: ScorecardContext, numbers: Numbers) -> Told:
    stale = [fact for fact in card.facts if fact.is_stale and fact.is_scored]
    if not stale:
        return None
    oldest = max(stale, key=lambda fact: fact.age_days or 0)
    what = numbers.say("Bring %(fact)s up to date.", fact=_inside(oldest, numbers))
    why = numbers.say("It is %(age)s old and not counted.", age=numbers.age(oldest.age_days or 0))
    return what, why, ""


def _silence(card: ScorecardContext, numbers: Numbers) -> Told:
    if card.standing != "silent" or card.invited == 0:
        return None
    if card.closed_on is None:
        what = numbers.say("Remind the people who were asked.")
    else:
        what = numbers.say("Find out why nobody answered.")
    return (
        what,
        numbers.say(
            "%(answered)s of %(invited)s answered.",
            answered=numbers.count(card.answered),
            invited=numbers.count(card.invited),
        ),
        "",
    )


RULES: Final = (
    Rule(
        "silent decider",
        "a decider was asked and has not answered; the renewal is unknown or within a year",
        _silent_decider,
    ),
    Rule("late fact", "a current fact missed its target three quarters running", _late_fact),
    Rule("fallen", "a dimension fell by more than chance explains", _fallen),
    Rule("blind spot", "the supplier sees itself warmer, its whole gap bar above 0", _blind_spot),
    Rule("cold", "a dimension's whole bar lies below the reference", _cold),
    Rule("split", "people disagree on a dimension, by the split rule", _split),
    Rule("stale fact", "a fact that informs scores is too old to count", _stale),
    Rule("silence", "people were asked and nobody has answered", _silence),
)
"""Every rule, the most pressing first."""
