"""Values of a workbook's cells as the text a person sees, so that CSV and workbooks read alike."""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BREAKS = {0x09, 0x0A, 0x0D}
_FIRST_PRINTED = 0x20
_SURROGATES = range(0xD800, 0xE000)

Plain = str | int | float | bool | datetime | date | time | timedelta | None


def as_text(value: Plain) -> str:
    """Return a value as text: 1200.0 is 1200, a date is year-month-day, TRUE is TRUE.

    Raises
    ------
    ValueError
        A number that is none.
    """
    match value:
        case None:
            return ""
        case str():
            return _ESCAPED.sub(_letter, value)
        case float():
            return _number(value)
        case datetime():
            is_day = value.time() == time()
            return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
        case _:
            return str(value).upper() if isinstance(value, bool) else str(value)


def _number(value: float) -> str:
    """Write fifteen digits, as spreadsheet programs show them; the rest is noise of binary fractions."""
    if not math.isfinite(value):
        raise ValueError("This number is too large. Write one that a spreadsheet shows.")
    digits = format(Decimal(format(value, ".15g")), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _letter(escaped: re.Match[str]) -> str:
    """Undo the format's way to write a letter by number, but for what no text may hold."""
    number = int(escaped[1], 16)
    is_text = number >= _FIRST_PRINTED and number not in _SURROGATES
    return chr(number) if is_text or number in _BREAKS else escaped[0]
