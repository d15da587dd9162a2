"""Forms for people."""

from flask_babel import lazy_gettext as _

from surveyapp.services import account_cells as cells
from surveyapp.services.languages import language_tag
from surveyapp.web.forms.cells import AddressField, CellField, EditForm
from surveyapp.web.forms.console import ConsoleForm


class PersonForm(EditForm):
    """A person at an organisation; the organisation is written by its name or reference."""

    name = CellField(_("Name"), parser=cells.text(300), required=_("Write the person's name."))
    email = AddressField(
        _("E-mail address"),
        parser=cells.email,
        required=_("Write the address that invitations go to."),
    )
    organisation = CellField(
        _("Organisation"),
        parser=cells.text(300),
        required=_("Write the name or the reference of the organisation the person works at."),
        description=_("Its name or its reference."),
        render_kw={"list": "organisations", "autocomplete": "off"},
    )
    locale = CellField(
        _("Language"),
        parser=language_tag,
        description=_(
            "A tag such as en or de-CH: mails and questions come in it where there is a"
            " translation. Left empty, the programme's holds."
        ),
    )


class ReasonForm(ConsoleForm):
    """Why something is noted about a person; the audit trail keeps it."""

    reason = CellField(_("Reason"), parser=cells.text(300), required=_("Write the reason."))
