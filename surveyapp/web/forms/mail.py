"""The form of the programme's mail."""

from flask_babel import lazy_gettext as _
from wtforms import StringField

from surveyapp.web.forms.console import ConsoleForm


class MailForm(ConsoleForm):
    """What a list of mail is narrowed to."""

    to = StringField(_("Name or address"))
