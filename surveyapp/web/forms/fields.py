"""A form field for each kind of item. Fields ask and keep what was typed; they judge nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from flask_babel import gettext as _
from wtforms import (
    Field,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from surveyapp.questionnaires import answers
from surveyapp.questionnaires.answers import Unit, Value
from surveyapp.questionnaires.definition import (
    Assured,
    Date,
    File,
    Grid,
    Item,
    LongText,
    MultipleChoice,
    Number,
    Ranking,
    Rating,
    Recommendation,
    ShortText,
    SingleChoice,
)
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.questionnaires.values import is_file
from surveyapp.web.filters import plain_number

REMOVE: Final = "remove"
PREFIX: Final = "q_"
"""Set before every item id: a field called ``data`` or ``errors`` would overwrite the form's own."""

Look = Literal[
    "scale", "points", "choice", "choices", "places", "number", "date", "line", "lines", "file"
]


class AnswerField(Protocol):
    """What the pages know of a field: WTForms' own surface, and the question it asks."""

    unit: Unit
    name: str
    errors: list[str]
    data: Any
    raw: Any
    read: Any
    """The answer, once it was read without an error."""
    is_read: bool


class _Asks(Field):
    """A field that belongs to one question."""

    unit: Unit
    read: Value | None = None
    is_read = False

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


@dataclass(frozen=True, slots=True)
class Tick:
    """One point or option on the page."""

    id: str
    """The name of its element."""
    code: str
    label: str
    is_ticked: bool
    is_way_out: bool = False


class _Ticked(_Asks):
    """A field whose answer is among points and options."""

    @property
    def ticks(self) -> list[Tick]:
        """The points, the options, the way out; plainly, as WTForms makes a whole field of each."""
        unit, chosen = self.unit, self.data if isinstance(self.data, list) else [self.data]
        labels = dict(unit.labels)
        pairs = [(str(point), labels.get(point, str(point))) for point in unit.points]
        pairs += [(option.code, option.label) for option in unit.options]
        ticks = [
            Tick(f"{self.id}-{number}", code, label, code in chosen)
            for number, (code, label) in enumerate(pairs)
        ]
        if way_out := unit.escape:
            last, is_ticked = f"{self.id}-{len(pairs)}", way_out.code in chosen
            ticks.append(Tick(last, way_out.code, way_out.label, is_ticked, is_way_out=True))
        return ticks


class OneField(_Ticked, RadioField):
    """One point of a scale, or one of several options; "no basis" stands among them."""


class ManyField(_Ticked, SelectMultipleField):
    """Any number of options, as boxes to tick."""

    def process_data(self, value: Value | None) -> None:
        """Show a stored answer as ticks."""
        typed = as_typed(value)
        self.data = typed if isinstance(typed, list) else [typed] if typed else []


class PlacesField(_Asks):
    """A place for each of several options; each is sent as its place and its code, ``2:price``."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was chosen, the boxes left open aside."""
        self.data = [each for each in valuelist if each]

    def process_data(self, value: Value | None) -> None:
        """Show a stored order as places."""
        typed = as_typed(value)
        self.data = typed if isinstance(typed, list) else [typed] if typed else []

    def place_of(self, code: str) -> str:
        """Return the place an option was given, or nothing."""
        for position, each in enumerate(self.data or [], start=1):
            place, colon, named = each.partition(":")
            if code in (named, each):
                return place if colon else str(position)
        return ""


class GivenField(_Asks):
    """A file: its id is sent, and the word "remove" with it when it shall go."""

    def __init__(self, unit: Unit, files: Mapping[str, dict[str, str]], **kwargs: Any) -> None:  # noqa: ANN401 WTForms' own, passed on
        super().__init__(unit, **kwargs)
        self._files = files

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the id, unless the file shall go."""
        self.data = "" if REMOVE in valuelist else next(iter(valuelist), "")

    @property
    def raw(self) -> object:
        """The answer that names the file; the bare id when no such file is here."""
        return self._files.get(self.data, self.data)

    @property
    def given(self) -> dict[str, str] | None:
        """The file that is here, if any."""
        return self._files.get(self.data)


class LineField(_Asks, StringField):
    """One line: short text, number or date."""


class LinesField(_Asks, TextAreaField):
    """Some lines of text."""


def field_for(unit: Unit, files: Mapping[str, dict[str, str]] | None = None) -> Field:
    """Return the unbound field that asks this question."""
    field = _KINDS[type(unit.item)].field
    if issubclass(field, OneField | ManyField):
        # what can be ticked is the unit's to say; an answer outside it is judged with all the others
        return field(unit, choices=[], validate_choice=False)
    return field(unit, files=files or {}) if issubclass(field, GivenField) else field(unit)


def value_of(field: AnswerField) -> Value | None:
    """Read a field's answer. Raises AnswerError; a validated field does not."""
    return field.read if field.is_read else answers.parse(field.unit, field.raw)


def as_typed(value: Value | None) -> str | list[str]:
    """Turn a stored answer into what a form would have sent for it."""
    if value is None:
        return ""
    if answers.is_escape(value):
        return value["escape"]
    if is_file(value):
        return value["file"]
    return value if isinstance(value, list) else str(value)


def _is_an_answer(_form: object, field: AnswerField) -> None:
    try:
        field.read, field.is_read = answers.parse(field.unit, field.raw), True
    except AnswerError as error:
        raise ValidationError(error.sentence(_, plain_number)) from error


def look_of(item: Item) -> Look:
    """Return how an item of this kind stands on the page."""
    return _KINDS[type(item)].look


@dataclass(frozen=True, slots=True)
class _Kind:
    field: type[_Asks]
    look: Look


_KINDS: Final[dict[type, _Kind]] = {
    Rating: _Kind(OneField, "scale"),
    Grid: _Kind(OneField, "scale"),
    Recommendation: _Kind(OneField, "points"),
    SingleChoice: _Kind(OneField, "choice"),
    MultipleChoice: _Kind(ManyField, "choices"),
    Assured: _Kind(OneField, "choice"),
    Ranking: _Kind(PlacesField, "places"),
    Number: _Kind(LineField, "number"),
    Date: _Kind(LineField, "date"),
    ShortText: _Kind(LineField, "line"),
    LongText: _Kind(LinesField, "lines"),
    File: _Kind(GivenField, "file"),
}
"""The one table of kinds: what reads a post, and which macro draws the question."""
