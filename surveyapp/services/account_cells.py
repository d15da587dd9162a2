"""Cells of account sheets to values: each parser says in its error what the cell should hold."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from babel.numbers import is_currency

from surveyapp.questionnaires.suggestions import did_you_mean

Value = str | Decimal | date | StrEnum | None
Parser = Callable[[str], Value]
"""Takes a filled, trimmed cell; raises ValueError with a sentence for the person who wrote it."""

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_EMAIL_LENGTH = 320
_HIDDEN = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Takes no room or turns the reading direction. Joiners stay: some scripts need them."""
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?")
"""Fifteen digits at most: more would not come back from SQLite as they were."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def text(most: int) -> Parser:
    """One line of text of at most so many characters; it is never read as a formula."""

    def parse(cell: str) -> str:
        if len(cell) > most:
            raise ValueError(f"This has {len(cell)} characters; at most {most} fit. Shorten it.")
        if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in cell):
            raise ValueError("This holds a line break or a control character. Write one line.")
        if hidden := next((letter for letter in cell if letter in _HIDDEN), None):
            raise ValueError(
                f"This holds an invisible character (U+{ord(hidden):04X}), so it would not be found"
                " again. Type it anew."
            )
        return cell

    return parse


def one_of(enum: type[StrEnum]) -> Parser:
    """One of the words the product knows, in any case."""
    words = [member.value for member in enum]

    def parse(cell: str) -> StrEnum:
        word = " ".join(cell.casefold().replace("_", " ").replace("-", " ").split())
        if word not in words:
            hint = did_you_mean(word, words)
            raise ValueError(f"{cell!r} is not known.{hint} Use one of: {', '.join(words)}.")
        return enum(word)

    return parse


def email(cell: str) -> str:
    """A bare address, as in ``jo@example.com``."""
    if len(cell) > _EMAIL_LENGTH or not _EMAIL.fullmatch(cell):
        raise ValueError(
            f"{cell[:80]!r} is not an e-mail address. Write only the address, as in jo@example.com."
        )
    return cell


def amount(cell: str) -> Decimal:
    """An amount of money without thousands separators."""
    if not _AMOUNT.fullmatch(cell):
        raise ValueError(
            f"{cell!r} is not an amount. Write digits with a point before cents and nothing else,"
            " as in 125000 or 125000.50, up to 13 digits."
        )
    return Decimal(cell)


def currency(cell: str) -> str:
    """A three-letter currency code."""
    code = cell.upper()
    if not is_currency(code):
        raise ValueError(f"{cell!r} is not a currency. Write its three-letter code, as in EUR.")
    return code


def day(cell: str) -> date:
    """A date as year-month-day: the only order that nobody reads two ways."""
    try:
        if _DATE.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError as error:
        raise ValueError(f"{cell!r} is not in the calendar.") from error
    raise ValueError(f"{cell!r} is not a date. Write year-month-day, as in 2026-03-31.")
