"""What templates may say about times and lists, in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from surveyapp.clock import today


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.add_template_filter(clock_time)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(listed)
    app.add_template_filter(number_list)


def clock_time(at: datetime) -> str:
    """Say a time of day. The server cannot know the reader's zone, so it names its own."""
    return f"{format_time(at, 'HH:mm', locale=reader_locale())} UTC"


def day(on: date | datetime) -> str:
    """Say a day with its month in words, so that 3/4 and 4/3 cannot be mixed up."""
    return format_date(on, "long", locale=reader_locale())


def moment(at: datetime) -> str:
    """Say when: the time alone today, with its day before."""
    if at.date() == today():
        return clock_time(at)
    return str(_("%(time)s on %(day)s", time=clock_time(at), day=day(at)))


def number_list(numbers: Iterable[int]) -> str:
    """Join numbers as a sentence does, runs of three and more shortened: 1 to 4 and 7."""
    # within a run, number minus position stays the same
    runs = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    words: list[str] = []
    for _shift, pairs in runs:
        run = [number for _position, number in pairs]
        if len(run) > 2:  # noqa: PLR2004 two neighbours read better apart
            words.append(_("%(first)s to %(last)s", first=run[0], last=run[-1]))
        else:
            words += [str(number) for number in run]
    return listed(words)


def listed(words: list[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return format_list(words, locale=reader_locale())


def plain_number(number: float) -> str:
    """Write a number as it may be typed: with the reader's decimal sign, without grouping."""
    return format_decimal(
        number, locale=reader_locale(), decimal_quantization=False, group_separator=False
    )


def reader_locale() -> str:
    """Return the locale to format in."""
    # British English puts no comma before "and", and the day before the month
    found = str(get_locale() or "en")
    return "en_GB" if found == "en" else found
