"""How many answers a wave may have by its close: chances to answer by days since the last mail.

Somebody who was mailed answers on a day with a chance that falls as days pass and starts anew with a
reminder, each reminder moving fewer people than the mail before. The chances are estimated from the
wave so far, leaning on earlier waves of the programme where there are any. Counts in, counts out.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Final

from surveyapp.services.forecast_chances import (
    MOST_MAILS,
    Chance,
    Spell,
    bin_of,
    chances_of,
    counted,
    length_of,
    weekend_factor,
)

CONFIDENCE: Final = 0.80
FIRST_DAYS: Final = 3
"""Before so many days have passed since the opening nothing is expected."""
FIRST_ANSWERS: Final = 20
"""Nor before so many answers are in."""
_HALF_WIDTH: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_UNLIKE: Final = 0.30
"""Share by which the days to come may be unlike those past, beyond chance."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """People who have not answered now, by their last mail."""

    mail: int
    mailed_on: date
    people: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Answers expected by the close, and between which numbers they lie with the stated confidence."""

    expected: int
    low: int
    high: int
    by_day: tuple[tuple[date, float], ...]
    """Expected answers at the end of each day from today to the last."""


def is_too_early(*, opened_on: date, on: date, answers: int) -> bool:
    """Tell whether so little is known that no number should be named."""
    return (on - opened_on).days < FIRST_DAYS or answers < FIRST_ANSWERS


def forecast(
    spells: Sequence[Spell],
    waiting: Sequence[Waiting],
    *,
    answered: int,
    reminders_on: Iterable[date],
    on: date,
    last_on: date,
    rest_of_today: float,
    earlier: Sequence[Spell] = (),
) -> Forecast:
    """Say how many will have answered at the end of ``last_on``.

    Parameters
    ----------
    spells, earlier
        Days waited and answers of this wave up to yesterday, and of earlier waves of the programme.
    waiting
        Who has not answered and can: their mail arrived.
    answered
        Answers by now.
    reminders_on
        Days of reminders still to come; each reaches everybody who waits.
    rest_of_today
        Share of today that is left, from 0 to 1.
    """
    weekend = weekend_factor([*spells, *earlier])
    chances = chances_of(counted(spells, weekend), counted(earlier, weekend))
    outlook = _Outlook(chances, weekend, frozenset(reminders_on))
    mean, chance_variance, gradient = 0.0, 0.0, dict[tuple[int, int], float]()
    days = (last_on - on).days + 1
    path = [0.0] * max(days, 0)
    for group in waiting:
        staying = outlook.staying(group, on=on, days=days, rest_of_today=rest_of_today)
        for number, share in enumerate(staying.left):
            path[number] += group.people * (1 - share)
        left = staying.left[-1] if staying.left else 1.0
        mean += group.people * (1 - left)
        chance_variance += group.people * left * (1 - left)
        for key, exposed in staying.exposed.items():
            gradient[key] = gradient.get(key, 0.0) + group.people * left * exposed
    unknown = _unknown(gradient, chances)
    variance = chance_variance + unknown + (_UNLIKE * mean) ** 2
    low, high = _range(mean, variance, most=sum(group.people for group in waiting))
    return Forecast(
        expected=answered + round(mean),
        low=answered + min(math.floor(low), round(mean)),
        high=answered + max(math.ceil(high), round(mean)),
        by_day=tuple(
            (on + timedelta(days=number), answered + more) for number, more in enumerate(path)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Staying:
    """Who of a group is still silent after each day, and how long it was exposed to each chance."""

    left: list[float]
    exposed: dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class _Outlook:
    """The chances of the days to come."""

    chances: Mapping[tuple[int, int], Chance]
    weekend: float
    reminders_on: frozenset[date]

    def staying(self, group: Waiting, *, on: date, days: int, rest_of_today: float) -> _Staying:
        left, share = 1.0, list[float]()
        exposed: dict[tuple[int, int], float] = {}
        mail, mailed_on = group.mail, group.mailed_on
        for number in range(days):
            day = on + timedelta(days=number)
            if day in self.reminders_on:
                mail, mailed_on = mail + 1, day
            key = (min(mail, MOST_MAILS - 1), bin_of((day - mailed_on).days))
            length = (rest_of_today if number == 0 else 1.0) * length_of(day, self.weekend)
            left *= math.exp(-self.chances[key].mean * length)
            exposed[key] = exposed.get(key, 0.0) + length
            share.append(left)
        return _Staying(share, exposed)


def _unknown(
    gradient: Mapping[tuple[int, int], float], chances: Mapping[tuple[int, int], Chance]
) -> float:
    """Return the variance from not knowing the chances; those after one mail are wrong together."""
    by_mail: dict[int, float] = {}
    for (mail, number), change in gradient.items():
        error = change * math.sqrt(chances[mail, number].variance)
        by_mail[mail] = by_mail.get(mail, 0.0) + error
    return sum(error**2 for error in by_mail.values())


def _range(mean: float, variance: float, *, most: int) -> tuple[float, float]:
    """Return the range of a count that cannot be negative: quantiles of a gamma (Wilson & Hilferty)."""
    if mean <= 0:
        return 0.0, 0.0
    shape = mean**2 / variance
    bend = 1 / (9 * shape)

    def quantile(z: float) -> float:
        return mean * max(1 - bend + z * math.sqrt(bend), 0.0) ** 3

    return quantile(-_HALF_WIDTH), min(quantile(_HALF_WIDTH), most)
