"""Forms for drafting, launching and running a wave."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from surveyapp.clock import today
from surveyapp.models.accounts import Function, Influence
from surveyapp.services.wave_choices import Kinds, Library
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_lists import Rule
from surveyapp.services.wave_names import function_name
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.console import ConsoleForm

_AMOUNT: Final = re.compile(r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?|\d{1,15}(?:\.\d{1,2})?")
"""As people write money in English, with commas between thousands or without."""
_LATEST: Final = date(2999, 12, 31)
FUNCTIONS: Final = [(each.value, function_name(each)) for each in Function]
CUTS: Final = [(each.value, each.value.capitalize()) for each in Cut]
INFLUENCES: Final = [(each.value, each.value.capitalize()) for each in Influence]


class TicksField(SelectMultipleField):
    """Several of a list, each with a tick box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DayField(DateField):
    """A day, picked in the browser's calendar or typed as 2026-10-23."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day; what is none is said in words that help."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(
                gettext("This is no day. Write it as year-month-day, such as 2026-10-23.")
            ) from error

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 as the base class has it
        """Refuse days no calendar of ours reaches."""
        super().pre_validate(form)
        if self.data is not None and self.data > _LATEST:
            raise ValidationError(gettext("That is too far away."))


class AmountField(StringField):
    """An amount of money a year."""

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 as the base class has it
        """Refuse what is no amount, and say what one looks like."""
        super().pre_validate(form)
        if self._typed and not _AMOUNT.fullmatch(self._typed):
            raise ValidationError(gettext("Write a plain amount, such as 250000 or 250,000.00."))

    @property
    def amount(self) -> Decimal | None:
        """What was typed, as a number; None for nothing."""
        return Decimal(self._typed.replace(",", "")) if self._typed else None

    @property
    def _typed(self) -> str:
        return (self.data or "").replace(" ", "")


def _in_future(_form: ConsoleForm, field: Field) -> None:
    if field.data is not None and field.data < today():
        raise ValidationError(gettext("That day is past. Choose today or a later day."))


class DraftForm(ConsoleForm):
    """A wave before its launch: what is asked, of whom, until when. Call ``offer`` before anything."""

    library: Library

    name = StringField(
        _("Name"),
        [DataRequired(_("Give the wave a name.")), Length(max=300)],
        description=_("As you and your colleagues read it, such as Autumn 2026."),
    )
    slug = StringField(
        _("Short name"),
        [Optional(), Length(max=64)],
        description=_(
            "Stands in the addresses of its pages: a-z, 0-9 and hyphens. Left empty, it is made from"
            " the name. It cannot be changed later."
        ),
    )
    asks = StringField(_("What is asked"))
    segments = TicksField(_("Segment"))
    product_lines = TicksField(_("Product line"))
    service_teams = TicksField(_("Service team"))
    regions = TicksField(_("Region"))
    minimum_value = AmountField(
        _("Smallest annual value"),
        description=_(
            "Only relationships worth at least so much a year, each in its own currency."
            " Relationships without a value are then left out."
        ),
        render_kw={"inputmode": "decimal"},
    )
    functions = TicksField(_("Function"), choices=options(FUNCTIONS))
    influences = TicksField(_("Influence"), choices=options(INFLUENCES))
    cuts = TicksField(_("Results are also told apart by"))
    closes_on = DayField(
        _("Last day for answers"),
        [InputRequired(_("Choose the last day for answers.")), _in_future],
        description=_("The whole day counts; it ends at midnight UTC."),
    )
    guard_days = IntegerField(
        _("Days between two waves"),
        [
            InputRequired(_("Write a number of days; 0 for no limit.")),
            NumberRange(0, 3650, _("Write a number from 0 to 3650.")),
        ],
        description=_(
            "Frequency guard: whoever was asked in another wave within so many days is left off."
            " 0 for no limit."
        ),
    )

    def declared(self) -> list[Cut]:
        """Return by what the results will be told apart."""
        return [each for each in Cut if each.value in (self.cuts.data or ())]

    def offer(self, library: Library, kinds: Kinds) -> None:
        """Offer the questionnaires and the kinds of relationships the programme has.

        What a wave named before stays on offer, so that it can be taken out.
        """
        self.library = library
        for field, values in (
            (self.segments, kinds.segments),
            (self.product_lines, kinds.product_lines),
            (self.service_teams, kinds.service_teams),
            (self.regions, kinds.regions),
        ):
            kept = [each for each in field.object_data or () if each not in values]
            field.choices = options(
                (value, value or gettext("without one")) for value in (*values, *kept)
            )
        some = {
            Cut.FUNCTION: True,
            Cut.SEGMENT: kinds.segments,
            Cut.PRODUCT_LINE: kinds.product_lines,
            Cut.SERVICE_TEAM: kinds.service_teams,
            Cut.REGION: kinds.regions,
        }
        kept = self.cuts.object_data or []
        self.cuts.choices = options(pair for pair in CUTS if some[Cut(pair[0])] or pair[0] in kept)

    def validate_asks(self, field: Field) -> None:
        """Refuse what is not offered; each view belongs to its questionnaire."""
        if self.library.find(field.data or "") is None:
            raise ValidationError(gettext("Choose what is asked, and of whom."))

    def can_be_counted(self) -> bool:
        """Tell whether everything that says whom the wave asks can be read."""
        steering = (
            *(self.asks, self.segments, self.product_lines, self.service_teams, self.regions),
            *(self.minimum_value, self.functions, self.influences, self.guard_days),
        )
        return not any(field.errors for field in steering)

    def rule(self) -> Rule:
        """Return whom the form names; what cannot be read must have been refused."""
        return Rule(
            segments=_chosen(self.segments),
            product_lines=_chosen(self.product_lines),
            service_teams=_chosen(self.service_teams),
            regions=_chosen(self.regions),
            minimum_value=self.minimum_value.amount,
            functions=tuple(Function(each) for each in _chosen(self.functions)),
            influences=tuple(Influence(each) for each in _chosen(self.influences)),
        )


def draft_data(rule: Rule) -> dict[str, object]:
    """Return a rule as the form's fields show it."""
    return {
        "segments": list(rule.segments),
        "product_lines": list(rule.product_lines),
        "service_teams": list(rule.service_teams),
        "regions": list(rule.regions),
        "minimum_value": "" if rule.minimum_value is None else f"{rule.minimum_value:f}",
        "functions": [each.value for each in rule.functions],
        "influences": [each.value for each in rule.influences],
    }


def _chosen(field: SelectMultipleField) -> tuple[str, ...]:
    return tuple(cast("list[str]", field.data or []))


class LaunchForm(ConsoleForm):
    """The number of people its owner saw when pressing Launch."""

    people = IntegerField(_("People"), [InputRequired()])


class ScheduleForm(ConsoleForm):
    """When the wave opens by itself."""

    opens_on = DayField(_("Day"), [InputRequired(_("Choose a day.")), _in_future])
    opens_at = TimeField(_("Time, UTC"), [InputRequired(_("Choose a time."))])


class ExtendForm(ConsoleForm):
    """A later last day."""

    closes_on = DayField(
        _("New last day for answers"),
        [InputRequired(_("Choose the new last day.")), _in_future],
        description=_("The whole day counts; it ends at midnight UTC."),
    )


class ReopenForm(ExtendForm):
    """A last day, and why answers are taken again."""

    reason = TextAreaField(
        _("Reason"),
        [DataRequired(_("Say why; it is kept on record.")), Length(max=300)],
        description=_("Kept on record, for whoever asks later why answers came after the close."),
        render_kw={"rows": 3},
    )


class ReminderForm(ConsoleForm):
    """When to remind, and whom of those who have not answered."""

    due_on = DayField(_("Day"), [InputRequired(_("Choose a day.")), _in_future])
    due_at = TimeField(_("Time, UTC"), [InputRequired(_("Choose a time."))])
    positions = TicksField(_("How far they are"))
    functions = TicksField(_("Function"), choices=options(FUNCTIONS))


class PeopleForm(ConsoleForm):
    """What the list of people is narrowed to."""

    q = StringField(_("Name, address or company"))
    position = SelectField(_("How far they are"))
    function = SelectField(_("Function"))
    reason = SelectField(_("Reason"))


class TextForm(ConsoleForm):
    """A mail's subject and text."""

    subject = StringField(_("Subject"))
    body = TextAreaField(
        _("Text"),
        description=_("A blank line begins a new paragraph."),
        render_kw={"rows": 18},
    )
