"""A form field for each kind of item. Fields ask and keep what was typed; they judge nothing."""

from typing import Any, Final, Protocol

from flask_babel import gettext as _
from wtforms import (  # type: ignore[attr-defined]  # the stubs describe 3.2, without SelectChoice
    Field,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.questionnaires.definition import (
    Date,
    Grid,
    LongText,
    MultipleChoice,
    Number,
    Rating,
    Recommendation,
    ShortText,
    SingleChoice,
)

PREFIX: Final = "q_"
"""Set before every item id: a field called ``data`` or ``errors`` would overwrite the form's own."""


class AnswerField(Protocol):
    """What the pages know of a field: WTForms' own surface, and the question it asks."""

    unit: Unit
    name: str
    errors: list[str]
    data: Any
    raw: Any


class _Asks(Field):
    """A field that belongs to one question."""

    unit: Unit

    def __init__(self, unit: Unit, **kwargs: Any) -> None:  # noqa: ANN401 WTForms' own, passed on
        super().__init__(label=unit.text, validators=[_is_an_answer], **kwargs)
        self.unit = unit

    @property
    def raw(self) -> object:
        """What was typed or ticked, as the questionnaire's ``parse`` takes it."""
        return self.data

    def process_data(self, value: Value | None) -> None:
        """Show a stored answer the way it would have been typed."""
        self.data = as_typed(value)


class OneField(_Asks, RadioField):
    """One point of a scale, or one of several options; "no basis" stands among them."""


class ManyField(_Asks, SelectMultipleField):
    """Any number of options, as boxes to tick."""

    widget = ListWidget()
    option_widget = CheckboxInput()

    def process_data(self, value: Value | None) -> None:
        """Show a stored answer as ticks."""
        typed = as_typed(value)
        self.data = typed if isinstance(typed, list) else [typed] if typed else []


class LineField(_Asks, StringField):
    """One line: short text, number or date."""


class LinesField(_Asks, TextAreaField):
    """Some lines of text."""


def field_for(unit: Unit) -> Field:
    """Return the unbound field that asks this question."""
    field = _FIELDS[type(unit.item)]
    if issubclass(field, OneField | ManyField):
        # an answer outside the choices is judged with all the others, by _is_an_answer
        return field(unit, choices=_choices(unit), validate_choice=False)
    return field(unit)


def value_of(field: AnswerField) -> Value | None:
    """Read a field's answer. Raises AnswerError; a validated field does not."""
    return answers.parse(field.unit, field.raw)


def as_typed(value: Value | None) -> str | list[str]:
    """Turn a stored answer into what a form would have sent for it."""
    if value is None:
        return ""
    if answers.is_escape(value):
        return value["escape"]
    return value if isinstance(value, list) else str(value)


def _choices(unit: Unit) -> list[SelectChoice]:
    labels = dict(unit.labels)
    points = [SelectChoice(str(point), labels.get(point, str(point))) for point in unit.points]
    options = [SelectChoice(option.code, option.label) for option in unit.options]
    way_out = [SelectChoice(unit.escape.code, unit.escape.label)] if unit.escape else []
    return points + options + way_out


def _is_an_answer(_form: object, field: AnswerField) -> None:
    sentence = answers.problem(field.unit, field.raw, translate=_)
    if sentence:
        raise ValidationError(sentence)


_FIELDS: Final[dict[type, type[_Asks]]] = {
    Rating: OneField,
    Grid: OneField,
    Recommendation: OneField,
    SingleChoice: OneField,
    MultipleChoice: ManyField,
    Number: LineField,
    Date: LineField,
    ShortText: LineField,
    LongText: LinesField,
}
