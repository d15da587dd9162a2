"""Forms for a programme's members."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from surveyapp.models.people import Role
from surveyapp.web.forms.choices import options_of
from surveyapp.web.forms.console import ConsoleForm


class RoleForm(ConsoleForm):
    """What somebody is in the programme."""

    role = SelectField(_("Role"), choices=options_of(Role))


class MemberForm(ConsoleForm):
    """Somebody who joins."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Write the person's e-mail address.")), Length(max=320)],
    )
    name = StringField(
        _("Name"),
        [InputRequired(_("Write the person's name.")), Length(max=300)],
        description=_("Somebody who has an account already keeps the name they gave themselves."),
    )
    role = SelectField(_("Role"), choices=options_of(Role), default=Role.ANALYST.value)
