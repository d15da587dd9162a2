"""Numbers as a reader of one locale writes them, never more precise than they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
)

from surveyapp.reports.context import Fact, Interval, Money, Score, Weight
from surveyapp.reports.words import Words

_HARDLY: Final = 0.01
_SHORT_FINGERPRINT: Final = 8
_GROUP: Final = 4
_FIGURES: Final = 4
"""A compact amount has no more."""
_MANY: Final = 20
_WEEK: Final = 7
_WEEKS_UP_TO: Final = 120
_MONTH: Final = 30.44


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


@dataclass(frozen=True, slots=True)
class Numbers(Words):
    """Formatting bound to one locale, for example ``en_GB``."""

    @property
    def language(self) -> str:
        """Language tag for HTML and PDF, for example ``en-GB``."""
        return str(Locale.parse(self.locale)).replace("_", "-")

    def score(self, value: float) -> str:
        """A T score with at most two digits."""
        return str(min(max(_rounded(value), 0), 99))

    def points(self, value: float) -> str:
        """Points of the answer scale, whole, inside 0 to 100."""
        return str(min(max(_rounded(value), 0), 100))

    def interval(self, score: Score | Interval) -> str:
        """The bar of a score: "40 to 54"."""
        return self.say(
            "%(low)s to %(high)s", low=self.score(score.low), high=self.score(score.high)
        )

    def points_interval(self, score: Score) -> str:
        """The same bar in points."""
        low, high = self.points(score.points_low), self.points(score.points_high)
        return self.say("%(low)s to %(high)s", low=low, high=high)

    def in_hundred(self, probability: float) -> str:
        """A probability without "in 100", for table columns; never 0 or 100."""
        if probability < _HARDLY:
            return self.say("under 1")
        if probability > 1 - _HARDLY:
            return self.say("over 99")
        return str(_rounded(probability * 100))

    def chance(self, probability: float) -> str:
        """A probability as "39 in 100", never 0 or 100."""
        return self.say("%(share)s in 100", share=self.in_hundred(probability))

    def shares_in_hundred(self, probabilities: Sequence[float]) -> list[str]:
        """Probabilities that sum to 1 as whole hundredths that sum to 100, never 0 or 100.

        Hundredths left over by rounding down go to the largest remainders.
        """
        floors = [math.floor(p * 100) for p in probabilities]
        remainders = [p * 100 - floor for p, floor in zip(probabilities, floors, strict=True)]
        order = sorted(range(len(floors)), key=lambda index: -remainders[index])
        for index in order[: 100 - sum(floors)]:
            floors[index] += 1
        return [
            str(whole) if _HARDLY <= p <= 1 - _HARDLY else self.in_hundred(p)
            for p, whole in zip(probabilities, floors, strict=True)
        ]

    def percent(self, share: float) -> str:
        """A share as a whole percentage."""
        return format_percent(share, format="#,##0%", locale=self.locale)

    def count(self, number: int) -> str:
        """A count, with the locale's separators."""
        return format_decimal(number, locale=self.locale)

    def about(self, expected: float) -> str:
        """An expected count: "10", or "10 or 11" when it is small and lies between."""
        low = math.floor(expected)
        is_between = 0.3 <= expected - low <= 0.7  # noqa: PLR2004  # nearer to neither whole number
        if is_between and low < _MANY:
            if not low:
                return self.say("up to 1")
            return self.say("%(low)s or %(high)s", low=self.count(low), high=self.count(low + 1))
        return self.count(_rounded(expected))

    def money(self, money: Money) -> str:
        """An amount, short: "€4.2M"."""
        return self.amount(money.amount, money.currency)

    def amount(self, amount: Decimal, currency: str) -> str:
        """An amount in a currency, short, in two figures at most where it is compact."""
        places = Decimal(amount).adjusted() if amount else 0
        digits = max(0, 1 - places % 3)
        written = format_compact_currency(
            amount, currency, locale=self.locale, fraction_digits=digits
        )
        if sum(sign.isdigit() for sign in written) <= _FIGURES:
            return written
        # the language has no short word for thousands: German writes 761.000 €, not 761 Tsd. €
        whole = Locale.parse(self.locale).currency_formats["standard"].pattern.replace(".00", "")
        rounded = round(Decimal(amount), 2 - places)
        return format_currency(
            rounded, currency, format=whole, locale=self.locale, currency_digits=False
        )

    def day(self, on: date) -> str:
        """A date: "30 June 2027"."""
        return format_date(on, format="long", locale=self.locale)

    def month(self, on: date) -> str:
        """A month: "Jun 2027"."""
        return format_date(on, format="MMM y", locale=self.locale)

    def moment(self, at: datetime) -> str:
        """A time: "5 November 2026, 07:40 UTC"."""
        utc = at.astimezone(UTC)
        return f"{self.day(utc.date())}, {format_time(utc, 'HH:mm', locale=self.locale)} UTC"

    def listed(self, names: Sequence[str]) -> str:
        """Names as a list in words: "A, B and C"."""
        return format_list(list(names), locale=self.locale)

    def quoted(self, name: str) -> str:
        """Put a name into the quotation marks of this language."""
        return self.say("“%(name)s”", name=name)

    def weights(self, weights: Sequence[Weight]) -> str:
        """Published weights in hundredths: "Attitude 60 and Intent 40"."""
        return self.listed(
            [f"{self.term(weight.label)} {_rounded(weight.share * 100)}" for weight in weights]
        )

    def fingerprint(self, digest: str) -> str:
        """A hash in groups of four, to be read aloud."""
        return " ".join(digest[i : i + _GROUP] for i in range(0, len(digest), _GROUP))

    def short_fingerprint(self, digest: str) -> str:
        """The first two groups of a hash."""
        return self.fingerprint(digest[:_SHORT_FINGERPRINT])

    def size(self, value: float) -> str:
        """How far two scores lie apart, whole and without a sign."""
        return str(_rounded(abs(value)))

    def fact(self, fact: Fact, value: float | None) -> str:
        """A value in the unit of a fact: "91%", "€4.2M", "3.2 days"."""
        if value is None:
            return ""
        if fact.unit == "money":
            return self.amount(Decimal(value), fact.currency)
        if fact.unit == "share":
            return format_percent(value, format="#,##0.#%", locale=self.locale)
        if fact.unit == "ratio":
            return format_decimal(value, format="#,##0.00", locale=self.locale)
        number = self._decimal(value)
        if fact.unit == "days":
            return self.say("%(number)s days", number=number)
        return self.say("%(number)s points", number=number) if fact.unit == "points" else number

    def _decimal(self, value: float) -> str:
        return format_decimal(value, format="#,##0.#", locale=self.locale)

    def age(self, days: int) -> str:
        """How old something is, in the largest unit that leaves two or more."""
        if days < 2 * _WEEK:
            return self.say_count("%(count)s day", "%(count)s days", days, count=days)
        if days < _WEEKS_UP_TO:
            return self.say("%(count)s weeks", count=days // _WEEK)
        return self.say("%(count)s months", count=_rounded(days / _MONTH))

    def short_day(self, on: date) -> str:
        """A date for a table: "30 Jun 2027"."""
        return format_date(on, format="medium", locale=self.locale)
