"""What states and steps of mail are called on pages."""

from flask_babel import gettext as _

from surveyapp.models.mail import MailState


def state(each: MailState) -> str:
    """Name a state as a heading or tab does."""
    names = {
        MailState.QUEUED: _("Waiting"),
        MailState.CLAIMED: _("Going out now"),
        MailState.SENT: _("Sent"),
        MailState.UNCERTAIN: _("In doubt"),
        MailState.BOUNCED: _("Came back"),
        MailState.DROPPED: _("Not needed"),
        MailState.FAILED: _("Failed"),
    }
    return str(names[each])


def step(name: str) -> str:
    """Name what a message is."""
    names = {
        "invitation": _("Invitation"),
        "test-invitation": _("Test of the invitation"),
        "test-reminder": _("Test of the reminder"),
        "set-password": _("Link for a password"),
    }
    if name.startswith("reminder-"):
        return str(_("Reminder %(number)s", number=name.removeprefix("reminder-")))
    return str(names.get(name, name))


def meaning(each: MailState) -> str:
    """Say what a list holds and what to do about it."""
    meanings = {
        MailState.UNCERTAIN: _(
            "The message was handed over, and no answer came: it may have arrived or not."
            " It is never sent twice by itself. Decide: send it again, or count it as sent."
        ),
        MailState.FAILED: _(
            "The server did not take these, in five tries or for good. Read what it said,"
            " then try again."
        ),
        MailState.BOUNCED: _(
            "Nobody can be reached at these addresses, and no more mail goes there."
            " Mend the address; then the message can be sent."
        ),
        MailState.QUEUED: _(
            "These go out by themselves: at once, later when the server asked to wait, or when a"
            " paused wave goes on."
        ),
    }
    return str(meanings[each])


def nothing(each: MailState) -> str:
    """Say what an empty list means."""
    empty = {
        MailState.UNCERTAIN: _("No message is in doubt."),
        MailState.FAILED: _("No message has failed."),
        MailState.BOUNCED: _("No mail has come back."),
        MailState.QUEUED: _("No message is waiting."),
    }
    return str(empty[each])
