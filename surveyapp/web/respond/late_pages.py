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
from surveyapp.services import answer_copies, contract, merging, responses, submissions
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
    is_severed: bool = False
    """What was sent here is no longer kept beside a name: nobody can say what it was."""


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

    Whoever has no pass is told nothing of what was sent, not even whether it says the same: what
    their page changed is told from what it was made with.

    Raises CannotAnswer when it says nothing new.
    """
    is_known = cookies.is_let_in(token.slug)
    form = _form(answering, token, typed)
    lines = _differing(answering, form) if is_known else _touched(answering, token, typed)
    if not (lines or _has_files()):
        raise CannotAnswer(answering)
    if not (lines and _is_kept_now(answering, token, form)):
        return _show(answering, lines), 410 if answering.status == "closed" else 409
    if is_known:
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
    return bool(_differing(answering, form)) and _is_kept_now(answering, token, form)


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
    pages = []
    for section in answering.questionnaire.sections:
        if held := holding.newest(answering, section.id):
            # beside what was sent: the draft may have been erased since
            form = holding.form_of(answering, section.id, held, stored=_sent(answering))
            if lines := _differing(answering, form):
                pages.append(LatePage(section.title, held.held_at, lines))
    return pages


def _show(answering: Answering, lines: list[Line]) -> str:
    """Show what was typed, once: it is kept nowhere."""
    is_known = cookies.is_let_in(answering.assignment.slug)
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
    sent = _sent(answering)
    form = _as_it_came(answering, token, typed, sent)
    merged = merging.merge(form.answers(), sent, token.opened, is_own=False)
    if not merged.elsewhere:
        return form
    brought: Typed = MultiDict(typed)
    for answer_id in merged.elsewhere:
        again = as_typed(sent.get(answer_id))
        brought.setlist(PREFIX + answer_id, again if isinstance(again, list) else [again])
    return _as_it_came(answering, token, brought, sent)


def _as_it_came(
    answering: Answering, token: PageToken, typed: Typed, stored: Answers
) -> SectionForm:
    return SectionForm(
        answering.questionnaire,
        answering.questionnaire.section(token.section_id),
        stored,
        answering.sources,
        shown=token.shown,
        typed=typed,
        files=answering.files,
    )


def _differing(answering: Answering, form: SectionForm) -> list[Line]:
    """List what says something else than what was sent, beside it: for whoever has the pass."""
    sent = _sent(answering)
    severed = answer_copies.left_out(answering.wave, answering.questionnaire)
    return [
        Line(
            form.question(field.unit),
            _typed(field),
            _words(field, sent.get(field.unit.id)),
            is_severed=field.unit.item.id in severed,
        )
        for field in form
        if field.errors or value_of(field) != sent.get(field.unit.id)
    ]


def _touched(answering: Answering, token: PageToken, typed: Typed) -> list[Line]:
    """List what the page changed since it was made: for anybody, so without any question's text.

    No stored answer goes into it, and options stand by their codes: their labels may quote one.
    """
    made_with = token.base or {}
    form = _as_it_came(answering, token, typed, {})
    changed = [
        field
        for field in form
        if field.errors or merging.mark(value_of(field)) != made_with.get(field.unit.id, "")
    ]
    return [
        Line(_("Answer %(number)d", number=number), _as_it_stands(field), "")
        for number, field in enumerate(changed, start=1)
    ]


def _typed(field: AnswerField) -> str:
    """Say what was typed; what is no answer stands as it came."""
    return _as_it_stands(field) if field.errors else _words(field, value_of(field))


def _as_it_stands(field: AnswerField) -> str:
    raw = as_typed(field.raw) if isinstance(field.raw, dict) else field.raw
    return ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw or "")


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
