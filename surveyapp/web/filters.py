"""What templates may say about times and lists, in the reader's language."""

from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.lists import format_list
from flask import Flask
from flask_babel import get_locale


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.add_template_filter(clock_time)
    app.add_template_filter(day)
    app.add_template_filter(listed)


def clock_time(at: datetime) -> str:
    """Say a time of day. The server cannot know the reader's zone, so it names its own."""
    return f"{format_time(at, 'HH:mm', locale=_locale())} UTC"


def day(on: date | datetime) -> str:
    """Say a day with its month in words, so that 3/4 and 4/3 cannot be mixed up."""
    return format_date(on, "d MMMM y", locale=_locale())


def listed(words: list[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return format_list(words, locale=_locale())


def _locale() -> str:
    # British English puts no comma before "and", and the day before the month
    found = str(get_locale() or "en")
    return "en_GB" if found == "en" else found
