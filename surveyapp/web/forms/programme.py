"""The form for a programme's rules."""

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from surveyapp.models.accounts import Function
from surveyapp.services import account_cells as cells
from surveyapp.services.languages import language_tag
from surveyapp.services.programme_rules import MOST_DAYS, RuleFacts
from surveyapp.web.forms.cells import CellField, EditForm
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.relationships import FUNCTIONS


class TicksField(SelectMultipleField):
    """Several of a list, each with a tick box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _days(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit()) or int(cell[:9]) > MOST_DAYS:
        raise ValueError(f"Write a number of days from 0 to {MOST_DAYS}.")
    return int(cell)


class RulesForm(EditForm):
    """What holds for the whole programme."""

    name = CellField(_("Name"), parser=cells.text(300), required=_("Write the programme's name."))
    owner = CellField(
        _("Who asks"),
        parser=cells.text(300),
        description=_(
            "The organisation that respondents read in mails and at the head of their pages. Left empty,"
            " the programme's name stands there."
        ),
    )
    locale = CellField(
        _("Language"),
        parser=language_tag,
        required=_("Write a language tag such as en or de-CH."),
        description=_("Of documents, and of people whose own language is not known."),
    )
    data_note = CellField(
        _("Note about the data"),
        parser=cells.text(300),
        description=_("Stands on every page and document when the data are not the real thing."),
    )
    guard_days = CellField(
        _("Days between two waves for one person"),
        parser=_days,
        required=_("Write a number of days; 0 for no limit."),
        description=_(
            "Whoever was asked less than so many days ago is left off a new wave; 0 for no limit."
            " A wave may say otherwise."
        ),
        render_kw={"inputmode": "numeric"},
    )
    buyer = TicksField(_("Functions expected at the buyer"), choices=options(FUNCTIONS))
    supplier = TicksField(_("Functions expected at the supplier"), choices=options(FUNCTIONS))

    def facts(self) -> RuleFacts:
        """Return what was filled in."""
        return RuleFacts(
            name=self.name.value,
            owner=self.owner.value,
            locale=self.locale.value,
            data_note=self.data_note.value,
            guard_days=self.guard_days.value,
            buyer=tuple(each for each in Function if each.value in (self.buyer.data or ())),
            supplier=tuple(each for each in Function if each.value in (self.supplier.data or ())),
        )
