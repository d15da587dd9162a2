"""Check that an answer can be what an expression compares it with: a point, a code, a day."""

from surveyapp.questionnaires.answers import Unit
from surveyapp.questionnaires.expressions import Constant
from surveyapp.questionnaires.items import Date, Number
from surveyapp.questionnaires.reading import AnswerError, read_date
from surveyapp.questionnaires.suggestions import did_you_mean


def misfit(unit: Unit, value: Constant) -> str | None:
    """Say why an answer to this unit can never be that value."""
    if unit.options:
        codes = [option.code for option in unit.options]
        if str(value) not in codes or not isinstance(value, str):
            return f"{unit.id} has no option {value}.{did_you_mean(str(value), codes)} Options are {', '.join(codes)}."
    if unit.points and (isinstance(value, str) or value not in unit.points):
        return (
            f"{value} is not on the scale of {unit.id} ({min(unit.points)} to {max(unit.points)})."
        )
    if isinstance(unit.item, Number) and isinstance(value, str):
        return f"{unit.id} is a number; {value!r} is a text."
    if isinstance(unit.item, Date) and not is_date(value):
        return f"{unit.id} is a date; write it as '2026-11-22'."
    return None


def is_date(value: Constant) -> bool:
    """Tell whether a text written in an expression is a day."""
    try:
        return isinstance(value, str) and read_date(value) is not None
    except AnswerError:
        return False
