"""The programme's mail: what is in doubt or failed, and the outbox of the default transport."""

import uuid
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.delivery.files import FileTransport
from surveyapp.errors import NotFound
from surveyapp.extensions import db, state, transaction
from surveyapp.models.mail import MailState
from surveyapp.services import mail_lists
from surveyapp.web import guards, mail_words
from surveyapp.web.forms.mail import MailForm
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.navigation import Entry

blueprint = Blueprint("mail", __name__, url_prefix="/p/<programme>/mail")

_TABS: Final = (MailState.UNCERTAIN, MailState.FAILED, MailState.BOUNCED, MailState.QUEUED)
_WRITTEN: Final = (MailState.SENT, MailState.UNCERTAIN)
_LONGEST_SEARCH: Final = 200
_HEADERS: Final = ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail from the outbox as the console shows it: never its HTML."""

    headers: list[tuple[str, str]]
    text: str


@blueprint.get("")
@requires("mail.read")
def index() -> str:
    """Count the mail by state and list what needs somebody, or what waits."""
    shown = _asked_state()
    session, programme = db.session(), guards.programme()
    counts = mail_lists.counts(session, programme)
    return render_template(
        "mail/index.html",
        shown=shown,
        counts=counts,
        tabs=[_tab(each, counts[each], shown) for each in _TABS],
        page=mail_lists.listed(
            session, programme, [shown], order=asked_order("-when"), number=asked_page(), to=_to()
        ),
        form=MailForm(request.args),
        quiet=mail_lists.kept_quiet(session, programme, [shown]) if shown == "queued" else 0,
        words=mail_words,
        server=state().settings.smtp,
        has_people="people.show" in current_app.view_functions,
    )


@blueprint.post("/<uuid:mail_id>/resend")
@requires("mail.resend")
def resend(mail_id: uuid.UUID) -> Response:
    """Send a message again."""
    with transaction() as session:
        found = mail_lists.find(session, guards.programme(), mail_id)
        was = found.state
        mail_lists.resend(session, found, by=guards.actor().by, at=utcnow())
    flash(_("The message is on its way again."))
    return redirect(url_for("mail.index", state=was.value), 303)


@blueprint.post("/<uuid:mail_id>/settle")
@requires("mail.resend")
def settle(mail_id: uuid.UUID) -> Response:
    """Count a message in doubt as sent."""
    with transaction() as session:
        found = mail_lists.find(session, guards.programme(), mail_id)
        mail_lists.settle(session, found, by=guards.actor().by, at=utcnow())
    flash(_("The message counts as sent."))
    return redirect(url_for("mail.index"), 303)


# live links open everybody's questionnaire: only for those who may send them again
@blueprint.get("/outbox")
@requires("mail.resend")
def outbox() -> str:
    """List the mails that are files here, newest first."""
    session, programme = db.session(), guards.programme()
    return render_template(
        "mail/outbox.html",
        page=mail_lists.listed(
            session, programme, _WRITTEN, order=asked_order("-sent"), number=asked_page(), to=_to()
        ),
        form=MailForm(request.args),
        quiet=mail_lists.kept_quiet(session, programme, _WRITTEN),
        words=mail_words,
        server=state().settings.smtp,
        folder=state().settings.outbox,
    )


@blueprint.get("/outbox/<uuid:mail_id>")
@requires("mail.resend")
def letter(mail_id: uuid.UUID) -> str:
    """Show one mail of the outbox: its headers and its text."""
    entry = mail_lists.entry(db.session(), guards.programme(), mail_id)
    if entry.state not in _WRITTEN:
        raise NotFound("It was not written.")
    return render_template("mail/letter.html", entry=entry, letter=_read(mail_id), words=mail_words)


def _read(mail_id: uuid.UUID) -> Letter | None:
    found = FileTransport(state().settings.outbox).read(str(mail_id))
    if found is None:
        return None
    body = found.get_body(("plain",))
    headers = [(name, str(found[name])) for name in _HEADERS if name in found]
    return Letter(headers, str(body.get_content()) if body else "")


def _to() -> str:
    """Read whose mail is looked for."""
    return request.args.get("to", "")[:_LONGEST_SEARCH]


def _asked_state() -> MailState:
    asked = request.args.get("state", "")
    return MailState(asked) if asked in _TABS else MailState.UNCERTAIN


def _tab(each: MailState, count: int, shown: MailState) -> Entry:
    label = f"{mail_words.state(each)}: {format_decimal(count)}"
    return Entry(label, url_for("mail.index", state=each.value), each == shown)
