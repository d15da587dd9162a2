"""Pages posted after the answers were sent: kept where they may still become a correction, else shown back."""

import json
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import WaveStateError
from surveyapp.extensions import db, transaction
from surveyapp.questionnaires.values import Answers, Value
from surveyapp.services import contract, merging, responses, submissions
from surveyapp.services.responses import Answering
from surveyapp.web.forms.fields import PREFIX, AnswerField, as_typed, value_of
from surveyapp.web.forms.questionnaire import SectionForm, Typed
from surveyapp.web.respond import addresses, cookies, holding, sent_pages
from surveyapp.web.respond.page_tokens import PageToken
from surveyapp.web.respond.section_page import frame
from surveyapp.web.respond.states import CannotAnswer
from surveyapp.web.respond.words import in_words


@dataclass(frozen=True, slots=True)
class Line:
    """One answer that was typed and not sent, in words; empty for none."""

    question: str
    typed: str
    sent: str


@dataclass(frozen=True, slots=True)
class LatePage:
    """One kept page of a section, as far as it says something else than what was sent."""

    title: str
    at: datetime
    lines: list[Line]


def is_late(answering: Answering) -> bool:
    """Tell whether a page that comes now is too late to be saved."""
    return answering.status in {"answered", "closed"}


def take(answering: Answering, token: PageToken, typed: Typed) -> Response | tuple[str, int]:
    """Say what becomes of a page that came too late; what it changed is kept or shown, never lost.

    Raises CannotAnswer when it says nothing that was not sent.
    """
    form = _form(answering, token, typed)
    lines = _lines(form, _sent(answering))
    if not (lines or _has_files()):
        raise CannotAnswer(answering)
    if not (lines and _is_kept_now(answering, token, form)):
        return _show(answering, lines), 410 if answering.status == "closed" else 409
    if cookies.is_let_in(token.slug):
        return redirect(addresses.receipt(answering, has_lost_files=_has_files()), 303)
    return holding.say_kept(answering, at=utcnow()), 202


def _is_kept_now(answering: Answering, token: PageToken, form: SectionForm) -> bool:
    """Keep a page where that can be done; tell whether."""
    if not is_kept(answering):
        return False
    try:
        keep(token, form)
    except WaveStateError:  # it closed since the first look
        return False
    return True


def keep_quietly(answering: Answering, token: PageToken, typed: Typed) -> bool:
    """Keep what a script posted, where it may become a correction; tell whether."""
    form = _form(answering, token, typed)
    return bool(_lines(form, _sent(answering))) and _is_kept_now(answering, token, form)


def is_kept(answering: Answering) -> bool:
    """Tell whether a late page is kept: what was sent may be corrected, now or once the wave goes on."""
    return submissions.takes_late_pages(answering.assignment, answering.questionnaire, at=utcnow())


def keep(token: PageToken, form: SectionForm) -> None:
    """Keep a page beside what was sent, which stays as it is."""
    with transaction() as session:
        responses.hold_page(
            session,
            token.slug,
            token.section_id,
            {field.unit.id: field.raw for field in form},
            version=token.version,
            at=utcnow(),
        )


def waiting(answering: Answering) -> list[LatePage]:
    """List the kept pages that say something else than what was sent, in the order of the sections."""
    sent = _sent(answering)
    pages = []
    for section in answering.questionnaire.sections:
        if held := holding.newest(answering, section.id):
            form = holding.form_of(answering, section.id, held)
            if lines := _lines(form, sent):
                pages.append(LatePage(section.title, held.held_at, lines))
    return pages


def _show(answering: Answering, lines: list[Line]) -> str:
    """Show what was typed, once: it is kept nowhere. Whoever has no pass is shown no question's text."""
    is_known = cookies.is_let_in(answering.assignment.slug)
    if not is_known:
        lines = [
            Line(_("Answer %(number)d", number=number), line.typed, "")
            for number, line in enumerate(lines, start=1)
        ]
    return render_template(
        "respond/late.html",
        **frame(answering),
        lines=lines,
        has_sent=is_known and answering.status == "answered" and sent_pages.has_copy(answering),
        is_fixed=not contract.keeps_corrections(answering.questionnaire),
        had_files=_has_files(),
    )


def _form(answering: Answering, token: PageToken, typed: Typed) -> SectionForm:
    """Read the page; what it left as it was made says what was sent meanwhile."""
    section = answering.questionnaire.section(token.section_id)
    sent = _sent(answering)

    def read(posted: Typed) -> SectionForm:
        return SectionForm(
            answering.questionnaire,
            section,
            sent,
            answering.sources,
            shown=token.shown,
            typed=posted,
            files=answering.files,
        )

    form = read(typed)
    merged = merging.merge(form.answers(), sent, token.opened, is_own=False)
    brought: Typed = MultiDict(typed)
    for answer_id in merged.elsewhere:
        again = as_typed(sent.get(answer_id))
        brought.setlist(PREFIX + answer_id, again if isinstance(again, list) else [again])
    return read(brought) if merged.elsewhere else form


def _lines(form: SectionForm, sent: Answers) -> list[Line]:
    return [
        Line(form.question(field.unit), _typed(field), _words(field, sent.get(field.unit.id)))
        for field in form
        if field.errors or value_of(field) != sent.get(field.unit.id)
    ]


def _typed(field: AnswerField) -> str:
    """Say what was typed; what is no answer stands as it came."""
    if not field.errors:
        return _words(field, value_of(field))
    return ", ".join(map(str, field.raw)) if isinstance(field.raw, list) else str(field.raw or "")


def _words(field: AnswerField, value: Value | None) -> str:
    return "" if value is None else in_words(field.unit, value)


def _sent(answering: Answering) -> dict[str, Value]:
    """Return what was sent last; where nothing was, what is saved."""
    last = submissions.last(db.session(), answering.assignment)
    if last is None:
        return dict(answering.answers)
    found: dict[str, Value] = json.loads(last.answers_json)
    return found


def _has_files() -> bool:
    return any(came.filename for came in request.files.values())
