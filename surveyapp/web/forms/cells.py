"""Fields judged by the parsers of imported cells, and forms that tell what changed meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wtforms import Field, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput, EmailInput

from surveyapp.errors import Invalid
from surveyapp.services.editing import ChangedMeanwhile, Fact, Facts, as_text
from surveyapp.web.forms.console import ConsoleForm


class CellField(StringField):
    """A line of text with the rules that the same cell of an imported sheet has."""

    def __init__(
        self,
        label: Any = None,  # noqa: ANN401 a lazy text
        *,
        parser: Callable[[str], Any],
        required: Any = "",  # noqa: ANN401 a lazy text
        empty: Any = "",  # noqa: ANN401 what an empty cell stands for
        **kwargs: Any,  # noqa: ANN401 WTForms' own, passed on
    ) -> None:
        super().__init__(label, **kwargs)
        self.parser, self.required, self.empty = parser, required, empty
        self.value: Any = empty
        """What the text stands for, once it was validated."""

    def process_data(self, value: Fact) -> None:
        """Show a stored value the way it would have been typed."""
        self.data = as_text(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was typed, without the space around it."""
        if valuelist:
            self.data = str(valuelist[0]).strip()

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401, ARG002 signature of the base class
        """Parse it, as an import would."""
        if not self.data:
            if self.required:
                raise StopValidation(str(self.required))
            self.value = self.empty
            return
        try:
            self.value = self.parser(self.data)
        except ValueError as error:
            raise StopValidation(str(error)) from error


class DayField(CellField):
    """A day, picked in the browser's calendar or typed as 2026-10-23."""

    widget = DateInput()


class AddressField(CellField):
    """An e-mail address."""

    widget = EmailInput()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose stored value is not what this person wants it to be."""

    label: str
    stored: str
    wanted: str


class EditForm(ConsoleForm):
    """A form that changes something that is there; ``seen`` marks the state it was filled from."""

    seen = HiddenField()

    @classmethod
    def of(cls, facts: Facts, **kwargs: Any) -> Any:  # noqa: ANN401 the class itself
        """Return the form showing what is stored."""
        shown = {
            name: list(fact) if isinstance(fact, tuple) else as_text(fact)
            for name, fact in facts.as_mapping().items()
        }
        return cls(formdata=None, data={**shown, "seen": facts.token}, **kwargs)

    def take(self, error: ChangedMeanwhile, **shown: str) -> list[Difference]:
        """Return what differs, and let the form overwrite what its reader now sees.

        ``shown`` are texts for fields that are not called as the fact they show.
        """
        self.seen.data = error.token
        stored = {name: fact for name, fact in error.stored.items() if name in self} | shown
        return [
            difference
            for name, fact in stored.items()
            if (difference := _difference(self[name], fact))
        ]


def blame(form: ConsoleForm, error: Invalid, **elsewhere: str) -> None:
    """Put what a service found wrong beside the field it names; ``elsewhere`` renames fields."""
    for problem in error.problems:
        name = elsewhere.get(problem.place, problem.place)
        if name in form:
            form[name].errors = [*form[name].errors, problem.message]
        else:
            form.form_errors.append(problem.message)
    if not error.problems:
        form.form_errors.append(str(error))


def _difference(field: Field, stored: Fact) -> Difference | None:
    before = list(stored) if isinstance(stored, tuple) else as_text(stored)
    if before == (field.data or type(before)()):
        return None
    label = str(field.label.text)
    return Difference(label, _shown(field, before), _shown(field, field.data))


def _shown(field: Field, data: Any) -> str:  # noqa: ANN401 a text or several
    if isinstance(field, SelectField | SelectMultipleField):
        wanted = data if isinstance(data, list) else [data or ""]
        choices: list[Any] = list(field.choices or ())
        names = {choice.value: str(choice.label) for choice in choices}
        return ", ".join(names.get(each, each) for each in wanted)
    return data or ""
