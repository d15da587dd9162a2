"""Cells of observation files to values: periods and numbers, each refusal with its remedy."""

import calendar
import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiUnit
from surveyapp.services.kpi_definitions import LARGEST

_MONTHS_A_QUARTER: Final = 3
_MONTHS_A_HALF: Final = 6
_YEAR: Final = re.compile(r"(\d{4})")
_QUARTER: Final = re.compile(r"(?:(\d{4})[ -]?Q([1-4])|Q([1-4])[ /-]?(\d{4}))", re.IGNORECASE)
_HALF: Final = re.compile(r"(\d{4})[ -]?H([12])", re.IGNORECASE)
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?)(\s?%)?")
_EARLIEST: Final = 1900


class Period(NamedTuple):
    """The days a value is about, both ends included."""

    from_on: date
    until_on: date

    def overlaps(self, other: "Period") -> bool:
        """Tell whether a day is in both."""
        return self.from_on <= other.until_on and other.from_on <= self.until_on

    def __str__(self) -> str:
        return f"{self.from_on} to {self.until_on}"


def period(cell: str) -> Period:
    """Read 2026Q3, 2026-09, 2026H1 or 2026. Raises ValueError with a sentence."""
    if found := _QUARTER.fullmatch(cell):
        year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
        return _months(cell, year, (quarter - 1) * _MONTHS_A_QUARTER + 1, _MONTHS_A_QUARTER)
    if found := _HALF.fullmatch(cell):
        return _months(cell, int(found[1]), (int(found[2]) - 1) * _MONTHS_A_HALF + 1, 6)
    if found := _MONTH.fullmatch(cell):
        return _months(cell, int(found[1]), int(found[2]), 1)
    if found := _YEAR.fullmatch(cell):
        return _months(cell, int(found[1]), 1, 12)
    if _DAY.fullmatch(cell):
        raise ValueError(
            f"{cell} is a day, not a period. Write the month as {cell[:7]}, or the first and the"
            " last day in columns called from and until."
        )
    raise ValueError(
        f"{cell!r} is not a period. Write a quarter as 2026Q3, a month as 2026-09, a half as"
        " 2026H1 or a year as 2026."
    )


@lru_cache(maxsize=4096)
def quarter_of(day: date) -> Period:
    """Return the calendar quarter a day is in."""
    first = (day.month - 1) // _MONTHS_A_QUARTER * _MONTHS_A_QUARTER + 1
    return _months(str(day), day.year, first, _MONTHS_A_QUARTER)


def _months(cell: str, year: int, month: int, count: int) -> Period:
    if year < _EARLIEST:
        raise ValueError(f"{cell!r} lies before {_EARLIEST}. Correct the year.")
    last = month + count - 1
    return Period(date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1]))


def number(cell: str) -> float:
    """Read a number without thousands separators. Raises ValueError with a sentence."""
    found = _NUMBER.fullmatch(cell)
    if found is None or found[2]:
        raise ValueError(
            f"{cell[:40]!r} is not a number. Write digits with a point, as in 1250.5, and nothing else."
        )
    return _finite(float(found[1]))


def value(cell: str, definition: KpiDefinition) -> float:
    """Read a value in a KPI's unit: a share may be written as 0.93 or 93 %."""
    found = _NUMBER.fullmatch(cell)
    if definition.unit is KpiUnit.SHARE and found and found[2]:
        return fitting(float(found[1]) / 100, definition)
    return fitting(number(cell), definition)


def fitting(value: float, definition: KpiDefinition) -> float:
    """Return a value that its unit allows. Raises ValueError with a sentence."""
    if definition.unit is KpiUnit.SHARE and not 0 <= value <= 1:
        raise ValueError(
            f"{value:g} is no share: {definition.name} lies between 0 and 1. Write 0.93 or 93 %."
        )
    if definition.unit is KpiUnit.COUNT and value < 0:
        raise ValueError(f"{value:g} is no count: {definition.name} cannot be under 0.")
    return _finite(value)


def told(
    kpi: KpiDefinition, written: str, numerator: str, denominator: str
) -> tuple[float, float | None, float | None]:
    """Read value, numerator and denominator, of which two give the third.

    Raises ValueError with a sentence.
    """
    if not denominator:
        if numerator:
            raise ValueError("There is a numerator without a denominator. Write both.")
        if kpi.aggregation is KpiAggregation.RATE:
            raise ValueError(
                f"{kpi.name} is a rate: write numerator and denominator, or value and denominator,"
                " so that few cases count less than many."
            )
        return value(written, kpi), None, None
    below = number(denominator)
    if below <= 0:
        raise ValueError("The denominator must be over 0. Without any case, leave the row out.")
    if not numerator:
        if not written:
            raise ValueError("There is a denominator alone. Write value or numerator as well.")
        read = value(written, kpi)
        return read, read * below, below
    above = number(numerator)
    read = fitting(above / below, kpi)
    if written and abs(value(written, kpi) - read) > _rounding(written):
        raise ValueError(
            f"{written} is not {numerator} / {denominator} = {read:.4g}. Correct one of them."
        )
    return read, above, below


def _rounding(written: str) -> float:
    """Half a unit of the last digit somebody wrote, and a little."""
    digits = written.rstrip(" %").partition(".")[2].casefold().partition("e")[0]
    step: float = 10.0 ** -len(digits) * (0.01 if "%" in written else 1.0)
    return step * 0.51


def _finite(value: float) -> float:
    if abs(value) > LARGEST:
        raise ValueError(f"{value:g} is too large to be kept exactly. Use a larger unit.")
    return value
