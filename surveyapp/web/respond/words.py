"""An answer the way a person would say it, for the review page and for notes about saved answers."""

from datetime import date

from babel.lists import format_list
from babel.numbers import format_decimal

from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.questionnaires.definition import Date, Number, Ranking
from surveyapp.questionnaires.values import is_file
from surveyapp.web.filters import day, reader_locale


def in_words(unit: Unit, value: Value) -> str:
    """Say an answer with its labels, never with codes."""
    if isinstance(value, dict):
        return value["name"] if is_file(value) else unit.escape.label if unit.escape else ""
    labels = {option.code: option.label for option in unit.options}
    match value:
        case int() | float():
            return _point(unit, int(value)) if unit.points else _number(unit, value)
        case list() if isinstance(unit.item, Ranking):
            return ", ".join(f"{place}. {labels[code]}" for place, code in enumerate(value, 1))
        case list():
            return format_list([labels[code] for code in value], locale=reader_locale())
        case str() if isinstance(unit.item, Date):
            return day(date.fromisoformat(value))
        case _:
            return labels.get(str(value), str(value))


def _point(unit: Unit, point: int) -> str:
    label = dict(unit.labels).get(point)
    return f"{point}: {label}" if label else str(point)


def _number(unit: Unit, value: float) -> str:
    number = format_decimal(value, locale=reader_locale(), decimal_quantization=False)
    named = isinstance(unit.item, Number) and unit.item.unit
    return f"{number} {named}" if named else number
