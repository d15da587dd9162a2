"""The way out: stop for now, review everything, send once, receipt; and who sees what, at any time."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.questionnaires import answers, rules
from surveyapp.questionnaires.answers import Missing
from surveyapp.questionnaires.definition import Section
from surveyapp.services import responses
from surveyapp.services.responses import Answering
from surveyapp.web.guards import public
from surveyapp.web.respond import cookies, page_tokens
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.page_tokens import BadPageToken
from surveyapp.web.respond.progress import path_of, progress
from surveyapp.web.respond.section_page import frame
from surveyapp.web.respond.states import LinkNeeded, answering_or_refusal
from surveyapp.web.respond.words import in_words

_PASS = "the browser's pass for this assignment is the key"
_REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the review: what was asked, what was said, whether it must be answered."""

    answer_id: str
    question: str
    said: str | None
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the review."""

    section: Section
    lines: list[Line]


@blueprint.get("/<slug>/review")
@public(_PASS)
def show_review(slug: str) -> str:
    """Show every answer before it is sent, and what is still needed."""
    return _review(answering_or_refusal(slug))


@blueprint.post("/<slug>/submit")
@public("the browser's pass for this assignment and the form's signed token are the key")
def submit(slug: str) -> Response | tuple[str, int]:
    """Send the answers once, whatever is clicked."""
    if not cookies.is_let_in(slug):
        raise LinkNeeded("Open your link again.")
    signed = request.form.get(page_tokens.FIELD, "")
    try:
        page_tokens.read(signed, slug=slug, section_id=_REVIEW)
    except BadPageToken:
        return _review(answering_or_refusal(slug), is_unchecked=True), 400
    with transaction() as session:
        submitted = responses.submit(session, slug, at=utcnow())
    if submitted.missing:
        return _review(answering_or_refusal(slug), missing=submitted.missing), 422
    return redirect(url_for("respond.show_receipt", slug=slug), 303)


@blueprint.get("/<slug>/sent")
@public(_PASS)
def show_receipt(slug: str) -> str | Response:
    """Say that the answers have arrived, and when."""
    answering = answering_or_refusal(slug, even_answered=True)
    if answering.status != "answered":
        return redirect(url_for("respond.show_review", slug=slug), 303)
    return render_template("respond/sent.html", **frame(answering))


@blueprint.get("/<slug>/stopped")
@public(_PASS)
def show_stopped(slug: str) -> str:
    """Say what is saved and how to go on."""
    answering = answering_or_refusal(slug)
    return render_template(
        "respond/stopped.html", **frame(answering), progress=progress(answering)
    )


@blueprint.get("/<slug>/contract")
@public(_PASS)
def show_contract(slug: str) -> str:
    """Say again who sees what."""
    answering = answering_or_refusal(slug, even_answered=True)
    return render_template("respond/contract.html", **frame(answering))


def _review(
    answering: Answering, *, missing: list[Missing] | None = None, is_unchecked: bool = False
) -> str:
    if missing is None:
        missing = answers.missing(answering.questionnaire, answering.answers)
        is_refused = False
    else:
        is_refused = True
    token = page_tokens.make(answering.assignment.slug, _REVIEW, version=0)
    return render_template(
        "respond/review.html",
        **frame(answering),
        parts=[_part(answering, page, missing) for page in path_of(answering).pages],
        missing=missing,
        is_refused=is_refused,
        is_unchecked=is_unchecked,
        progress=progress(answering),
        page_token=token,
    )


def _part(answering: Answering, page: rules.Page, missing: list[Missing]) -> Part:
    needed = {gap.id for gap in missing}
    return Part(
        page.section,
        [
            Line(
                answer_id=unit.id,
                question=unit.text,
                said=in_words(unit, answering.answers[unit.id])
                if unit.id in answering.answers
                else None,
                is_missing=unit.id in needed,
            )
            for item in page.items
            for unit in answers.answerable(answering.questionnaire, item)
        ],
    )
