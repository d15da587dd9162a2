"""Finding rows by what somebody typed: every word somewhere, in whatever case, on both databases."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, or_, true
from sqlalchemy.orm import InstrumentedAttribute

Text = ColumnElement[str] | InstrumentedAttribute[str]


def has_words(typed: str, columns: Sequence[Text]) -> ColumnElement[bool]:
    """Say which rows hold every typed word in one of the columns. Nothing typed finds everything."""
    return and_(true(), *(or_(*_contains(word, columns)) for word in normal(typed).split()))


def is_same(typed: str, column: Text) -> ColumnElement[bool]:
    """Say where a column holds exactly what was typed, in whatever case."""
    text = normal(typed)
    for special in ("/", "%", "_"):
        text = text.replace(special, f"/{special}")
    return or_(*(column.ilike(spelling, escape="/") for spelling in _spellings(text)))


def rank(typed: str, columns: Sequence[Text]) -> ColumnElement[int]:
    """Sort better matches first: a column starts with it, a word does, it stands anywhere."""
    text = normal(typed)
    starts = [
        column.istartswith(spelling, autoescape=True)
        for spelling in _spellings(text)
        for column in columns
    ]
    return case((or_(*starts), 0), (or_(*_contains(f" {text}", columns)), 1), else_=2)


def normal(typed: str) -> str:
    """Return what was typed with single spaces and composed letters, as stored texts have them."""
    return unicodedata.normalize("NFC", " ".join(typed.replace("\0", "").split()))


def _contains(text: str, columns: Sequence[Text]) -> list[ColumnElement[bool]]:
    return [
        column.icontains(spelling, autoescape=True)
        for spelling in _spellings(text)
        for column in columns
    ]


def _spellings(text: str) -> list[str]:
    """Spell other letters than a to z in every case they may be stored in.

    SQLite, and PostgreSQL in the C locale, compare only a to z without regard to case: spellings
    that differ in nothing else would find the same again.
    """
    spelled = [text, text.lower(), text.upper(), text.title()]
    return list({each.encode().lower(): each for each in reversed(spelled)}.values())
