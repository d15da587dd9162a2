"""The sentences of a portfolio report, made from its numbers by the rules stated at each function."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from surveyapp.reports.context import Money, PortfolioContext, PortfolioRow
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.sentences import short_name

LONGEST_LISTED: Final = 32
"""Signs of a name in a list of names inside a sentence."""
_MOST_NAMED: Final = 5
_NAMED_HALF: Final = 2
"""So many names that hold half of the money are named; more would make a headline a list."""
_FEW: Final = 8
_FEW_OF_ALL: Final = 0.25
"""Money is said to sit in few names when so many, and no more than this share of all, hold half of it."""


def headline(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many are expected to be cold, what that puts at risk, and for how many we cannot tell.

    The expectation is the sum of the chances of the two lower levels, never a count of labels.
    """
    measured = portfolio.measured
    if not measured:
        return numbers.say(
            "No answers to show yet from %(all)s.",
            all=counted(portfolio, len(portfolio.relationships), numbers),
        )
    if len(measured) == 1:
        return _one(portfolio, measured[0], numbers)
    first = numbers.say(
        "We expect %(expected)s of %(all)s to be colder than %(level)s.",
        expected=numbers.about(portfolio.expected_cold),
        all=counted(portfolio, len(measured), numbers),
        level=numbers.term(portfolio.levels.names[2]),
    )
    return f"{first} {_money(portfolio, numbers) or _names(portfolio, numbers)}"


def _one(portfolio: PortfolioContext, row: PortfolioRow, numbers: Numbers) -> str:
    chance = numbers.say(
        "%(chance)s that it is no warmer than %(level)s",
        chance=numbers.chance(row.cold),
        level=numbers.term(portfolio.levels.names[1]),
    )
    return numbers.say("%(name)s: %(chance)s.", name=short_name(row.name), chance=chance)


def _money(portfolio: PortfolioContext, numbers: Numbers) -> str:
    currency = portfolio.currency
    if currency is None:
        return ""
    values = [row.annual_value.amount for row in portfolio.measured if row.annual_value]
    stakes = [row.money_at_risk or Decimal(0) for row in portfolio.measured]
    few = _few_names(stakes, len(values))
    return numbers.say(
        "That puts about %(stake)s of %(total)s a year at risk%(few)s.",
        stake=numbers.amount(sum(stakes, Decimal(0)), currency),
        total=numbers.amount(sum(values, Decimal(0)), currency),
        few=_where_half(portfolio, few, numbers),
    )


def _where_half(portfolio: PortfolioContext, few: int, numbers: Numbers) -> str:
    """Say where more than half of the money at risk sits, as the table below has another order.

    It lists those called at risk first, then others with much at stake.
    """
    if few == 0:
        return ""
    rows = sorted(portfolio.measured, key=lambda row: row.money_at_risk or Decimal(0), reverse=True)
    called = sum(row in portfolio.at_risk for row in rows[:few])
    if few > _NAMED_HALF and called in {0, few}:
        return numbers.say(", more than half of it in %(count)s names", count=few)
    if few > _NAMED_HALF:
        return numbers.say(
            ", more than half of it in %(count)s names, %(called)s of them called at risk",
            count=few,
            called=called,
        )
    names = numbers.listed([short_name(row.name) for row in rows[:few]])
    return numbers.say(", more than half of it at %(name)s", name=names)


def _few_names(stakes: Sequence[Decimal], priced: int) -> int:
    """The fewest names that hold more than half of the money at risk; 0 where these are not few."""
    half, held = sum(stakes, Decimal(0)) / 2, Decimal(0)
    for count, stake in enumerate(sorted(stakes, reverse=True), start=1):
        held += stake
        if held > half:
            return count if count <= min(_FEW, priced * _FEW_OF_ALL) else 0
    return 0


def _names(portfolio: PortfolioContext, numbers: Numbers) -> str:
    named = len(portfolio.at_risk)
    open_calls = sum(row.call == "cannot tell yet" for row in portfolio.measured)
    told = (
        numbers.say("%(count)s can be named", count=numbers.count(named))
        if named
        else numbers.say("No name can be given yet")
    )
    if open_calls == 0:
        return f"{told}."
    rest = numbers.say("for %(count)s we cannot tell yet", count=numbers.count(open_calls))
    return f"{told}; {rest}."


def counted(portfolio: PortfolioContext, count: int, numbers: Numbers) -> str:
    """So many of what the reader calls them: "39 customers"."""
    number = numbers.count(count)
    match portfolio.noun:
        case "customers":
            return numbers.say_count(
                "%(count)s customer", "%(count)s customers", count, count=number
            )
        case "suppliers":
            return numbers.say_count(
                "%(count)s supplier", "%(count)s suppliers", count, count=number
            )
        case "relationships":
            return numbers.say_count(
                "%(count)s relationship", "%(count)s relationships", count, count=number
            )
        case other:
            return f"{number} {other}"


def people(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many were asked and answered, where that may be told."""
    rows = [row for row in portfolio.relationships if row.is_counted]
    return numbers.say(
        "%(answered)s of %(invited)s people answered",
        answered=numbers.count(sum(row.answered for row in rows)),
        invited=numbers.count(sum(row.invited for row in rows)),
    )


def at_risk_note(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How the list is ordered and how many of its names to expect wrong."""
    if not portfolio.at_risk:
        return numbers.say("No relationship reaches 80 in 100 for the two lower levels.")
    order = (
        numbers.say("Ordered by the chance of the two lower levels.")
        if portfolio.currency is None
        else numbers.say("Ordered by money a year times the chance of the two lower levels.")
    )
    return f"{order} {expected_wrong(portfolio, numbers)}"


def expected_wrong(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How far the list of names may be trusted."""
    count = len(portfolio.at_risk)
    wrong = round(portfolio.expected_wrong)
    names = numbers.count(count)
    if count == 1:
        chance = numbers.chance(portfolio.expected_wrong)
        return numbers.say("The chance that this name is wrong is %(chance)s.", chance=chance)
    if wrong == 0:
        return numbers.say(
            "Expect fewer than one of these %(names)s names to be wrong.", names=names
        )
    return numbers.say(
        "Expect %(wrong)s of these %(names)s names to be wrong.",
        wrong=numbers.count(wrong),
        names=names,
    )


def silence(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many have no answers, and the money they stand for when it is known.

    Empty where the contract hides small numbers: among these somebody may be silent, too.
    """
    silent = portfolio.silent
    if not silent and portfolio.suppressed:
        return ""
    if not silent:
        asked = counted(portfolio, len(portfolio.relationships), numbers)
        return numbers.say("Nobody is silent: %(all)s answered.", all=asked)
    why = numbers.say_count(
        "Nobody answered, so it has no score.",
        "Nobody answered, so they have no score.",
        len(silent),
    )
    return _without_score(portfolio, silent, why, numbers)


def unscored(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many answered nothing that can be scored; empty when none did."""
    if not portfolio.unscored:
        return ""
    why = numbers.say("People answered, but nothing that can be scored.")
    return _without_score(portfolio, portfolio.unscored, why, numbers)


def _without_score(
    portfolio: PortfolioContext, rows: Sequence[PortfolioRow], why: str, numbers: Numbers
) -> str:
    """How many, the money they stand for, the names of a few, and why they have no score."""
    values = [row.annual_value.amount for row in rows if row.annual_value]
    told = counted(portfolio, len(rows), numbers)
    if portfolio.currency is not None and values:
        total = Money(amount=sum(values, Decimal(0)), currency=portfolio.currency)
        told = f"{told}, {numbers.say('%(money)s a year', money=numbers.money(total))}"
    names = listed([short_name(row.name, LONGEST_LISTED) for row in rows], numbers)
    stop = "" if names.endswith(".") else "."
    return f"{told}: {names}{stop} {why}"


def listed(names: Sequence[str], numbers: Numbers, *, most: int = _MOST_NAMED) -> str:
    """The first names as a list in words, and how many more there are: "A, B and 3 more"."""
    if len(names) <= most:
        return numbers.listed(names)
    rest = numbers.say("%(count)s more", count=numbers.count(len(names) - most + 1))
    return numbers.listed([*names[: most - 1], rest])


def confidentiality(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many are hidden, and why; empty when none is."""
    if not portfolio.suppressed:
        return ""
    return numbers.say(
        "Not shown: %(all)s with fewer than %(minimum)s answers.",
        all=counted(portfolio, len(portfolio.suppressed), numbers),
        minimum=portfolio.method.minimum_answers,
    )


def deciders(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many of those who decide have answered, and where none has; empty where nobody decides."""
    found = portfolio.deciders
    if found is None or found.asked == 0:
        return ""
    told = numbers.say(
        "%(answered)s of %(asked)s deciders answered",
        answered=numbers.count(found.answered),
        asked=numbers.count(found.asked),
    )
    if found.silent_relationships == 0:
        return f"{told}."
    where = counted(portfolio, found.silent_relationships, numbers)
    return numbers.say("%(told)s; no decider spoke for %(where)s.", told=told, where=where)


def facts(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """For how many there is no current fact; empty where the programme keeps none."""
    known = [row.current_facts for row in portfolio.relationships if row.current_facts is not None]
    if not known:
        return ""
    without = sum(count == 0 for count in known)
    if without == 0:
        return numbers.say("Facts are current for all of them.")
    return numbers.say(
        "No current facts: %(without)s of %(all)s. Perception stands alone there.",
        without=numbers.count(without),
        all=counted(portfolio, len(known), numbers),
    )
