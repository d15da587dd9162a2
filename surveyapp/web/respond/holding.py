"""Pages sent after the browser's pass ran out, or while the wave is paused: kept, and shown again later."""

from datetime import datetime

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.responses import HeldPage
from surveyapp.questionnaires.values import Answers
from surveyapp.services import reader_languages, responses
from surveyapp.services.responses import Answering
from surveyapp.web import languages
from surveyapp.web.forms.fields import PREFIX, as_typed
from surveyapp.web.forms.questionnaire import SectionForm, Typed
from surveyapp.web.respond import section_page
from surveyapp.web.respond.page_tokens import PageToken
from surveyapp.web.respond.section_page import Remark
from surveyapp.web.respond.states import CannotAnswer


def hold(token: PageToken, typed: Typed) -> tuple[str, int]:
    """Keep what was sent. Nothing of it, and nothing stored, is shown: the sender is not known yet."""
    at = utcnow()
    return say_kept(keep(token, typed, at=at), at=at), 202


def say_kept(answering: Answering, *, at: datetime) -> str:
    """Say that a page is put aside, why, and how its sender gets to it."""
    return render_template(
        "respond/kept.html",
        kept_at=at,
        status=answering.status,
        had_files=any(came.filename for came in request.files.values()),
        last_day=answering.wave.last_day,
    )


def keep(token: PageToken, typed: Typed, *, at: datetime) -> Answering:
    """Keep what was sent until it is confirmed. Raises CannotAnswer when it comes too late."""
    answering = find(token, at=at)
    if answering.status not in {"open", "paused"}:
        raise CannotAnswer(answering)
    form = SectionForm(
        answering.questionnaire,
        answering.questionnaire.section(token.section_id),
        {},
        answering.sources,
        shown=token.shown,
        typed=typed,
    )
    with transaction() as session:
        responses.hold_page(
            session, token.slug, token.section_id, form.raw(), version=token.version, at=at
        )
    return answering


def find(token: PageToken, *, at: datetime) -> Answering:
    """Load what a page belongs to, whoever sent it, and speak its person's language."""
    answering = responses.answering(db.session(), token.slug, at=at)
    languages.speak_as(answering.questionnaire, reader_languages.of(answering.invitation))
    return answering


def newest(answering: Answering, section_id: str) -> HeldPage | None:
    """Return the page of this section that was kept last, if any."""
    kept = [page for page in answering.held if page.section_id == section_id]
    return max(kept, key=lambda page: page.held_at, default=None)


def show(answering: Answering, section_id: str, held: HeldPage, *, shown: frozenset[str]) -> str:
    """Show a kept page with what is stored beside it; saving it confirms it."""
    form = form_of(answering, section_id, held, shown=shown)
    remark = Remark(
        why="held", at=held.held_at, stands=section_page.differences(form, answering.answers)
    )
    return section_page.render(
        answering, form.with_brought_up(), remark=remark, problems=form.problems()
    )


def form_of(
    answering: Answering,
    section_id: str,
    held: HeldPage,
    *,
    stored: Answers | None = None,
    shown: frozenset[str] = frozenset(),
) -> SectionForm:
    """Return the form as it was sent, with what was on it and what is ``shown`` now.

    What it leaves out stands as ``stored``, without that as in the draft.
    """
    typed: Typed = MultiDict()
    for answer_id, raw in held.answers.items():
        again = as_typed(raw)
        typed.setlist(PREFIX + answer_id, again if isinstance(again, list) else [again])
    section = answering.questionnaire.section(section_id)
    sent = {item.id for item in section.items if set(item.answer_ids) & set(held.answers)}
    return SectionForm(
        answering.questionnaire,
        section,
        answering.answers if stored is None else stored,
        answering.sources,
        shown=shown | sent,
        typed=typed,
        files=answering.files,
    )
