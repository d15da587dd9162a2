"""The form for a programme's rules."""

from collections.abc import Callable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from surveyapp.models.accounts import Function
from surveyapp.services import account_cells as cells
from surveyapp.services.disclosure_rules import MOST
from surveyapp.services.languages import language_tag
from surveyapp.services.programme_rules import MINIMUMS, MOST_DAYS, RuleFacts
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


def _minimum(name: str) -> Callable[[str], int]:
    floor = MINIMUMS[name]

    def parse(cell: str) -> int:
        is_number = cell.isascii() and cell.isdigit()
        if not is_number or not floor <= int(cell[:9]) <= MOST:
            raise ValueError(
                gettext("Write a number from %(least)s to %(most)s.", least=floor, most=MOST)
            )
        return int(cell)

    return parse


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
    minimum_confidential = CellField(
        _("People behind a number of a confidential wave"),
        parser=_minimum("minimum_confidential"),
        required=_("Write a number; 3 is the least."),
        description=_(
            "Scores, counts and cuts that rest on fewer are not shown. A higher number holds at once for"
            " every wave; a lower one only for waves launched later."
        ),
        render_kw={"inputmode": "numeric"},
    )
    minimum_suppliers = CellField(
        _("Supplier organisations behind a number that buyers read"),
        parser=_minimum("minimum_suppliers"),
        required=_("Write a number; 3 is the least."),
        description=_("Where suppliers say in confidence what they think of the buyer."),
        render_kw={"inputmode": "numeric"},
    )
    minimum_anonymous = CellField(
        _("People behind a number of an anonymous wave"),
        parser=_minimum("minimum_anonymous"),
        required=_("Write a number; 5 is the least."),
        render_kw={"inputmode": "numeric"},
    )
    minimum_comments = CellField(
        _("People who wrote a comment, before any is shown"),
        parser=_minimum("minimum_comments"),
        required=_("Write a number; 5 is the least."),
        description=_("In confidential and anonymous waves."),
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
            **{name: self[name].value for name in MINIMUMS},
        )
