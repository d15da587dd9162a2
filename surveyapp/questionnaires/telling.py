"""An answer the way a person would say it: for review pages, notes and texts that name an earlier answer."""

from collections.abc import Iterator, Mapping
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import Unit, units
from surveyapp.questionnaires.definition import Date, Number, Questionnaire, Ranking
from surveyapp.questionnaires.texts import fill
from surveyapp.questionnaires.values import Answers, Sources, Value, is_file


def in_words(unit: Unit, value: Value, locale: str) -> str:
    """Say an answer with its labels, never with codes."""
    if isinstance(value, dict):
        return value["name"] if is_file(value) else unit.escape.label if unit.escape else ""
    labels = {option.code: option.label for option in unit.options}
    match value:
        case int() | float():
            return _point(unit, int(value)) if unit.points else _number(unit, value, locale)
        case list() if isinstance(unit.item, Ranking):
            return ", ".join(f"{place}. {labels[code]}" for place, code in enumerate(value, 1))
        case list():
            return format_list([labels[code] for code in value], locale=locale)
        case str() if isinstance(unit.item, Date):
            # the month in words, so that 3/4 and 4/3 cannot be mixed up
            return format_date(date.fromisoformat(value), "long", locale=locale)
        case _:
            return labels.get(str(value), str(value))


class AnswersInWords(Mapping[str, str]):
    """What ``{{ item.label }}`` stands for, by item; worked out when the first text asks for it."""

    def __init__(
        self, q: Questionnaire, names: Mapping[str, str], answers: Answers, sources: Sources
    ) -> None:
        self._given = q, names, answers, sources
        self._words: dict[str, str] | None = None

    def __getitem__(self, item_id: str) -> str:
        return self._all()[item_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, str]:
        if self._words is None:
            q, names, answers, sources = self._given
            kept = rules.path(q, answers, sources).answers
            known = units(q)
            locale = _locale(q.language)
            self._words = {
                key: _named(known[key], value, locale, names)
                if key in known
                else _plainly(value, locale)
                for key, value in kept.items()
            }
        return self._words


def _locale(language: str) -> str:
    """Return the locale to write numbers and days in, for a language of texts."""
    for tag in (language, language.partition("-")[0]):
        try:
            found = str(Locale.parse(tag, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
        # British English puts the day before the month
        return "en_GB" if found == "en" else found
    return "en_GB"


def _named(unit: Unit, value: Value, locale: str, names: Mapping[str, str]) -> str:
    is_point = isinstance(value, int | float) and unit.points
    label = dict(unit.labels).get(int(value)) if is_point else None  # type: ignore[arg-type] # a point is a number
    words = label or in_words(unit, value, locale)
    # labels are the author's and may name the companies; what people wrote stays as it is
    return fill(words, names) if unit.options or unit.points else words


def _plainly(value: Value, locale: str) -> str:
    is_number = isinstance(value, int | float)
    return _decimal(float(value), locale) if is_number else str(value)  # type: ignore[arg-type] # told apart the line before


def _point(unit: Unit, point: int) -> str:
    label = dict(unit.labels).get(point)
    return f"{point}: {label}" if label else str(point)


def _number(unit: Unit, value: float, locale: str) -> str:
    number = _decimal(value, locale)
    named = isinstance(unit.item, Number) and unit.item.unit
    return f"{number} {named}" if named else number


def _decimal(value: float, locale: str) -> str:
    return format_decimal(value, locale=locale, decimal_quantization=False)
