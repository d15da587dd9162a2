"""An answer in the reader's language, for the review page and for notes about saved answers."""

from surveyapp.questionnaires import telling
from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.web.filters import reader_locale


def in_words(unit: Unit, value: Value) -> str:
    """Say an answer with its labels, never with codes."""
    return telling.in_words(unit, value, reader_locale())
