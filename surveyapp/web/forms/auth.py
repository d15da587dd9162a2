"""Forms for signing in and for one's own account."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from surveyapp.services import passwords
from surveyapp.web.forms.console import ConsoleForm

_PASSWORD_HINT = _(
    "At least %(shortest)s characters. Any characters; a few words together are easy to remember.",
    shortest=passwords.SHORTEST,
)


class SignInForm(ConsoleForm):
    """Address and password."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Write your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Write your password.")), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class ForgottenForm(ConsoleForm):
    """The address a link is sent to."""

    email = EmailField(
        _("E-mail address"),
        [InputRequired(_("Write your e-mail address.")), Length(max=320)],
        render_kw={"autocomplete": "username"},
    )


class NewPasswordForm(ConsoleForm):
    """A password somebody chooses."""

    password = PasswordField(
        _("New password"),
        [InputRequired(_("Write a password."))],
        description=_PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    """A password somebody chooses in place of one they know."""

    current = PasswordField(
        _("Password now"),
        [InputRequired(_("Write the password you have now."))],
        render_kw={"autocomplete": "current-password"},
    )


class NameForm(ConsoleForm):
    """How somebody is called."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Write your name.")), Length(max=300)],
        render_kw={"autocomplete": "name"},
    )
