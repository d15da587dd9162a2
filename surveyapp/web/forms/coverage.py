"""Filters of the coverage lists, and the choice of whom to remind."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from surveyapp.models.accounts import Function
from surveyapp.services.coverage_money import Grouping
from surveyapp.services.coverage_relationships import Heard, Narrowing
from surveyapp.services.coverage_reminders import Whom
from surveyapp.web import coverage_words
from surveyapp.web.forms.choices import options, options_of
from surveyapp.web.forms.console import ConsoleForm


class NarrowingForm(ConsoleForm):
    """Which relationships a list shows. What is not offered counts as all."""

    heard = SelectField(_("Who has answered"), validate_choice=False)
    segment = SelectField(_("Segment"), validate_choice=False)
    region = SelectField(_("Region"), validate_choice=False)
    service_team = SelectField(_("Service team"), validate_choice=False)
    product_line = SelectField(_("Product line"), validate_choice=False)

    def offer(self, choices: Mapping[Grouping, Sequence[str]], heard: Sequence[Heard]) -> None:
        """Offer what the relationships in sight have."""
        every = [("", str(_("All")))]
        self.heard.choices = options(
            [*every, *((each, str(coverage_words.HEARD[each])) for each in heard)]
        )
        for grouping, values in choices.items():
            self[_name(grouping)].choices = options([*every, *((value, value) for value in values)])

    def narrowing(self, *, otherwise: Heard | None = None) -> Narrowing:
        """Return what was asked for; a value that is not offered narrows nothing."""
        among = {
            grouping: self[_name(grouping)].data
            for grouping in Grouping
            if self[_name(grouping)].data in _values(self[_name(grouping)])
        }
        heard = Heard(self.heard.data) if self.heard.data in _values(self.heard) else otherwise
        return Narrowing(heard=heard, among=among)

    def filters(self) -> list[SelectField]:
        """Return the fields that offer something to choose from."""
        return [field for field in self if len(_values(field)) > 0]


class MoneyForm(ConsoleForm):
    """By what the money is grouped."""

    by = SelectField(_("By"), validate_choice=False)

    def offer(self) -> None:
        """Offer every grouping."""
        self.by.choices = options(
            (each.value, str(label)) for each, label in coverage_words.GROUPINGS.items()
        )

    def grouping(self) -> Grouping:
        """Return what was asked for; segments without a word."""
        return Grouping(self.by.data) if self.by.data in _values(self.by) else Grouping.SEGMENT


class ReminderForm(ConsoleForm):
    """To which part of a wave a reminder goes; set by the link, sent along unseen."""

    whom = SelectField(_("To"), [InputRequired()], choices=options_of(Whom))
    function = SelectField(_("Function"), choices=options_of(Function), validate_choice=False)
    relationship = StringField(_("Relationship"))

    def chosen_function(self) -> Function | None:
        """Return the function that was named, if it is one."""
        names = {each.value: each for each in Function}
        return names.get(self.function.data or "")


def _name(grouping: Grouping) -> str:
    return grouping.value.replace(" ", "_")


def _values(field: SelectField) -> list[str]:
    """Return what a field offers beside everything."""
    return [value for value, *_rest in field.iter_choices() if value]
