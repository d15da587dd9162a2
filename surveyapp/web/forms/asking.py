"""Forms about those who are asked: what they read first, and how an interviewer hears them."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField, TextAreaField

from surveyapp.web.forms.choices import options
from surveyapp.web.forms.console import ConsoleForm


class SinceForm(ConsoleForm):
    """What happened since people were last asked."""

    text = TextAreaField(
        _("What happened since they were last asked"),
        description=_(
            "In the readers' language. A blank line begins a paragraph, a line that begins with - is"
            " a point of a list, **two stars** make words bold. Empty says nothing."
        ),
        render_kw={"rows": 12},
    )


class AssistForm(ConsoleForm):
    """How an interviewer hears the answers."""

    mode = SelectField(
        _("How do you speak?"),
        choices=options([("phone", _("By phone")), ("meeting", _("In a meeting"))]),
    )
