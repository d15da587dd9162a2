"""Saving while a page is being filled in: a script posts it, and says in a line what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import WaveStateError
from surveyapp.extensions import transaction
from surveyapp.questionnaires.definition import File
from surveyapp.services import merging, responses
from surveyapp.services.responses import Answering, StalePage
from surveyapp.web.filters import moment
from surveyapp.web.forms.questionnaire import SectionForm
from surveyapp.web.guards import public
from surveyapp.web.respond import cookies, holding, late_pages, page_tokens
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.page_tokens import BadPageToken, PageToken
from surveyapp.web.respond.states import CannotAnswer, LinkNeeded, answering_or_refusal


@dataclass(frozen=True, slots=True)
class Said:
    """What a quiet save answers: whether to go on with it, the line to show, the page's new token."""

    state: Literal["saved", "stopped"]
    text: str
    token: str = ""

    def response(self, slug: str) -> Response:
        """Write it down; what was saved prolongs the browser's pass."""
        body = jsonify(state=self.state, text=self.text, token=self.token)
        return cookies.let_in(body, slug) if self.token else body


@blueprint.post("/<slug>/<section_id>/quiet")
@public("the form's signed token is the key to keep a page, the browser's pass to save it")
def save_quietly(slug: str, section_id: str) -> Response:
    """Save what can be taken of a page; whatever else happens is said, never an error page."""
    try:
        return _save(slug, section_id).response(slug)
    except BadPageToken:
        text = _("This page has been open for a long time. Press “Save and continue”.")
    except LinkNeeded:
        text = _("Not saved: open the link in your mail again, then go on here.")
    except (CannotAnswer, WaveStateError):
        text = _(
            "Not saved: this can no longer be answered. Open your link again to see how it stands."
        )
    except StalePage:
        text = _(
            "Another window saved other answers on this page. Press “Save and continue” to see both."
        )
    return Said("stopped", text).response(slug)


def _save(slug: str, section_id: str) -> Said:
    signed = request.form.get(page_tokens.FIELD, "")
    token = page_tokens.read(signed, slug=slug, section_id=section_id)
    token = page_tokens.with_also(token, request.form.getlist(page_tokens.ALSO))
    if not cookies.is_let_in(slug):
        holding.keep(token, request.form, at=utcnow())
        return Said("stopped", _("Kept, but not saved yet: open the link in your mail again."))
    answering = answering_or_refusal(slug, even_paused=True, even_answered=True)
    if answering.status == "answered":
        return _come_late(answering, token)
    if answering.status == "paused":
        holding.keep(token, request.form, at=utcnow())
        return Said("stopped", _("Kept, but not saved yet: the questionnaire is paused."))
    return _take(answering, token)


def _come_late(answering: Answering, token: PageToken) -> Said:
    if late_pages.keep_quietly(answering, token, request.form):
        text = _(
            "Kept, but not counted: your answers were sent before. Press “Save and continue” to see both."
        )
    else:
        text = _("Not saved: your answers were sent before, and what is sent stands.")
    return Said("stopped", text)


def _take(answering: Answering, token: PageToken) -> Said:
    form = SectionForm(
        answering.questionnaire,
        answering.questionnaire.section(token.section_id),
        answering.answers,
        answering.sources,
        shown=token.shown,
        typed=request.form,
        files=answering.files,
    )
    # files are handed in by the page's own buttons only
    files = {field.unit.id for field in form if isinstance(field.unit.item, File)}
    sent = {key: value for key, value in form.answers().items() if key not in files}
    at = utcnow()
    with transaction() as session:
        saved = responses.save_section(
            session,
            token.slug,
            token.section_id,
            sent,
            version=token.version,
            at=at,
            page=token.opened,
            is_passed=False,
        )
    return Said("saved", _in_words(form, saved.saved_at), _token_after(token, saved.version, sent))


def _in_words(form: SectionForm, saved_at: datetime) -> str:
    text = _("Saved at %(time)s.", time=moment(saved_at))
    if wrong := len(form.problems()):
        left = ngettext(
            "One answer is not saved: it needs a look.",
            "%(num)d answers are not saved: they need a look.",
            wrong,
        )
        return f"{text} {left}"
    return str(text)


def _token_after(token: PageToken, version: int, sent: merging.Answers) -> str:
    """Sign what the page shows now, as that is what its next changes are told from."""
    base = {**(token.base or {}), **{key: merging.mark(value) for key, value in sent.items()}}
    return page_tokens.make(
        token.slug,
        token.section_id,
        version=version,
        shown=token.shown,
        base={key: found for key, found in base.items() if found},
        page=token.page,
    )
