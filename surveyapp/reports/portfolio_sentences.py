"""The sentences of a portfolio report, made from its numbers by the rules stated at each function."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from surveyapp.reports.context import Money, PortfolioContext, PortfolioRow
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.sentences import short_name

_MOST_NAMED: Final = 5


def headline(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many are expected to be cold, what that puts at risk, and for how many we cannot tell.

    The expectation is the sum of the chances of the two lower levels, never a count of labels.
    """
    measured = portfolio.measured
    if not measured:
        return f"No answers to show yet from {_count(portfolio, len(portfolio.relationships))}."
    expected = numbers.about(portfolio.expected_cold)
    total = numbers.count(len(measured))
    warm = portfolio.levels.names[2]
    verb = "to be colder than"
    first = f"We expect {expected} of {total} {portfolio.noun} {verb} {warm}."
    return f"{first} {_money(portfolio, numbers) or _names(portfolio, numbers)}"


def _money(portfolio: PortfolioContext, numbers: Numbers) -> str:
    currency = portfolio.currency
    if currency is None:
        return ""
    values = [row.annual_value.amount for row in portfolio.measured if row.annual_value]
    stakes = [row.money_at_risk or Decimal(0) for row in portfolio.measured]
    at_stake = numbers.amount(sum(stakes, Decimal(0)), currency)
    total = numbers.amount(sum(values, Decimal(0)), currency)
    return f"That puts about {at_stake} of {total} a year at risk."


def _names(portfolio: PortfolioContext, numbers: Numbers) -> str:
    named = len(portfolio.at_risk)
    open_calls = sum(row.call == "cannot tell yet" for row in portfolio.measured)
    told = f"{numbers.count(named)} can be named" if named else "No name can be given yet"
    if open_calls == 0:
        return f"{told}."
    return f"{told}; for {numbers.count(open_calls)} we cannot tell yet."


def _count(portfolio: PortfolioContext, count: int) -> str:
    numbers = Numbers(portfolio.locale)
    noun = portfolio.noun.removesuffix("s") if count == 1 else portfolio.noun
    return f"{numbers.count(count)} {noun}"


def at_risk_note(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How the list is ordered and how many of its names to expect wrong."""
    count = len(portfolio.at_risk)
    if count == 0:
        return "No relationship reaches 80 in 100 for the two lower levels."
    order = "Ordered by the chance of the two lower levels."
    if portfolio.currency is not None:
        order = "Ordered by money a year times the chance of the two lower levels."
    return f"{order} {expected_wrong(portfolio, numbers)}"


def expected_wrong(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How far the list of names may be trusted."""
    count = len(portfolio.at_risk)
    if count == 1:
        return f"The chance that this name is wrong is {numbers.chance(portfolio.expected_wrong)}."
    if round(portfolio.expected_wrong) == 0:
        return f"Expect fewer than one of these {count} names to be wrong."
    wrong = numbers.count(round(portfolio.expected_wrong))
    return f"Expect {wrong} of these {numbers.count(count)} names to be wrong."


def silence(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many have no answers, and the money they stand for when it is known."""
    silent = portfolio.silent
    if not silent:
        return f"Every one of the {_count(portfolio, len(portfolio.relationships))} has answered."
    return _without_score(portfolio, silent, "nobody answered, so no score", numbers)


def unscored(portfolio: PortfolioContext, numbers: Numbers) -> str:
    """How many answered nothing that can be scored; empty when none did."""
    if not portfolio.unscored:
        return ""
    why = "people answered, but nothing that can be scored"
    return _without_score(portfolio, portfolio.unscored, why, numbers)


def _without_score(
    portfolio: PortfolioContext, rows: Sequence[PortfolioRow], why: str, numbers: Numbers
) -> str:
    """How many, the money they stand for, the names of a few, and why they have no score."""
    values = [row.annual_value.amount for row in rows if row.annual_value]
    money = ""
    if portfolio.currency is not None and values:
        total = Money(amount=sum(values, Decimal(0)), currency=portfolio.currency)
        money = f", {numbers.money(total)} a year"
    count = f"{_count(portfolio, len(rows))}{money}"
    if len(rows) > _MOST_NAMED:
        return f"{count}: {why}."
    names = numbers.listed([short_name(row.name) for row in rows])
    return f"{count}: {names}. {why[0].upper()}{why[1:]}."


def confidentiality(portfolio: PortfolioContext) -> str:
    """How many are hidden, and why; empty when none is."""
    count = len(portfolio.suppressed)
    if count == 0:
        return ""
    minimum = portfolio.method.minimum_answers
    verb = "is" if count == 1 else "are"
    return f"{_count(portfolio, count)} {verb} not shown: fewer than {minimum} answers."
