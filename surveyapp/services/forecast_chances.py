"""The daily chances of answering by days since the last mail, as far as waves have shown them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

_BINS: Final = (0, 1, 2, 3, 5, 8, 15)
"""Days since the last mail at which a bin of equal chances begins."""
MOST_MAILS: Final = 4
"""The invitation and three reminders; later reminders count as the last of these."""
_AGES: Final = (0.0, 1.0, 2.0, 3.5, 6.0, 9.0, 12.0)
"""The typical day of each bin; chances fall no further after the last."""
_FADES: Final = tuple(number / 100 for number in range(30, 101, 2))
"""What a chance may shrink to from one day to the next."""
_FADE: Final = (0.75, 0.25)
"""What it is taken to shrink to until the wave shows it, and how sure that is (of its logarithm)."""
_WEAKER: Final = 0.6
"""How a reminder's chances are taken to relate to those of the mail before, until the wave shows it."""
_FIRST: Final = 0.05
"""The chance on the day of the first mail, until the wave shows it."""
_WEIGHT: Final = 4.0
"""Answers that what is assumed weighs as much as."""
_EARLIER_WEIGHT: Final = 12.0
"""At most so many answers of earlier waves count; this wave's own soon outweigh them."""
_WEEKEND: Final = 0.4
"""How much a day of a weekend counts beside a weekday, until waves show it."""
_WEEKEND_WEIGHT: Final = 8.0
_ROUNDS: Final = 3
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Spell:
    """People between one mail and what ended their waiting: an answer, the next mail, or yesterday."""

    mail: int
    """0 the invitation, 1 the first reminder and so on."""
    from_on: date
    until_on: date
    """The last day that counts."""
    is_answered: bool
    people: int


@dataclass(slots=True)
class Cell:
    """Answers and days waited in one bin after one mail."""

    answers: float = 0.0
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Chance:
    """A daily chance of answering, as far as it is known."""

    mean: float
    variance: float


@dataclass(slots=True)
class Counts:
    """What spells add up to."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def cell(self, mail: int, number: int) -> Cell:
        """Return a bin's counts after a mail; of one nobody reached, zeros."""
        return self.cells.setdefault((mail, number), Cell())


def counted(spells: Iterable[Spell], weekend: float) -> Counts:
    """Add up answers and days waited, a weekend's days at their weight."""
    counts = Counts()
    for spell in spells:
        mail = min(spell.mail, MOST_MAILS - 1)
        for number in range((spell.until_on - spell.from_on).days + 1):
            cell = counts.cell(mail, bin_of(number))
            cell.days += spell.people * length_of(spell.from_on + timedelta(days=number), weekend)
        if spell.is_answered:
            last = counts.cell(mail, bin_of((spell.until_on - spell.from_on).days))
            last.answers += spell.people
    return counts


def chances_of(own: Counts, earlier: Counts) -> dict[tuple[int, int], Chance]:
    """Weigh what the wave shows with what is assumed: a gamma prior for each rate of answering."""
    joined = _joined(own, earlier)
    found: dict[tuple[int, int], Chance] = {}
    weaker = _WEAKER
    for mail in range(MOST_MAILS):
        cells = [joined.cell(mail, number) for number in range(len(_BINS))]
        if mail:
            before = [found[mail - 1, number].mean for number in range(len(_BINS))]
            expected = sum(cell.days * chance for cell, chance in zip(cells, before, strict=True))
            answers = sum(cell.answers for cell in cells)
            weaker = (_WEIGHT * weaker + answers) / (_WEIGHT + expected)
            assumed = [chance * weaker for chance in before]
        else:
            assumed = _fading(cells)
        for number, (cell, chance) in enumerate(zip(cells, assumed, strict=True)):
            answers, days = _WEIGHT + cell.answers, _WEIGHT / chance + cell.days
            found[mail, number] = Chance(answers / days, answers / days**2)
    return found


def _joined(own: Counts, earlier: Counts) -> Counts:
    """Add what earlier waves showed, as if it rested on a few answers in each bin."""
    joined = Counts()
    for mail in range(MOST_MAILS):
        for number in range(len(_BINS)):
            mine, theirs = own.cell(mail, number), earlier.cell(mail, number)
            scale = min(1.0, _EARLIER_WEIGHT / theirs.answers) if theirs.answers else 0.0
            cell = joined.cell(mail, number)
            cell.answers = mine.answers + theirs.answers * scale
            cell.days = mine.days + theirs.days * scale
    return joined


def _fading(cells: Sequence[Cell]) -> list[float]:
    """Fit chances that fall by the same share each day, for bins that nobody has reached yet."""
    answers = sum(cell.answers for cell in cells)
    usual, spread = _FADE
    best, chances = -math.inf, [0.0]
    for fade in _FADES:
        shape = [fade**age for age in _AGES]
        days = sum(cell.days * share for cell, share in zip(cells, shape, strict=True))
        level = (answers + 1) / (days + 1 / _FIRST)
        likelihood = answers * math.log(level) - level * days
        likelihood += sum(
            cell.answers * math.log(share) for cell, share in zip(cells, shape, strict=True)
        )
        likelihood -= (math.log(fade / usual) / spread) ** 2 / 2
        if likelihood > best:
            best, chances = likelihood, [level * share for share in shape]
    return chances


def weekend_factor(spells: Sequence[Spell]) -> float:
    """Return how much a day of a weekend counts beside a weekday.

    Days are compared with a smooth curve, not with their own bin: where every mail went on a Monday
    a weekend always falls into the same bin, which would take its quiet for the chance itself.
    """
    factor = _WEEKEND
    for _round in range(_ROUNDS):
        counts = counted(spells, factor)
        curves = [
            _fading([counts.cell(mail, number) for number in range(len(_BINS))])
            for mail in range(MOST_MAILS)
        ]
        seen, expected = _weekends(spells, curves)
        factor = (seen + _WEEKEND * _WEEKEND_WEIGHT) / (expected + _WEEKEND_WEIGHT)
    return min(factor, 1.0)


def _weekends(spells: Sequence[Spell], curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the answers of weekends, and how many the curves expect of weekdays in their place."""
    seen = expected = 0.0
    for spell in spells:
        curve = curves[min(spell.mail, MOST_MAILS - 1)]
        for number in range((spell.until_on - spell.from_on).days + 1):
            if (spell.from_on + timedelta(days=number)).weekday() >= _SATURDAY:
                expected += spell.people * curve[bin_of(number)]
        if spell.is_answered and spell.until_on.weekday() >= _SATURDAY:
            seen += spell.people
    return seen, expected


def bin_of(days: int) -> int:
    """Return the bin of so many days since a mail."""
    return sum(1 for begins in _BINS[1:] if days >= begins)


def length_of(day: date, weekend: float) -> float:
    """Return how much a day counts; a weekend's as much as answers come in on it."""
    return weekend if day.weekday() >= _SATURDAY else 1.0
