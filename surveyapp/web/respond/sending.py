"""The way out: stop for now, review everything, send once, receipt; and who sees what, at any time."""

import uuid
from typing import Final

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.services import submissions, uploads
from surveyapp.web.guards import public
from surveyapp.web.respond import (
    addresses,
    cookies,
    late_pages,
    page_tokens,
    review_page,
    sent_pages,
    start_page,
    terms,
)
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.page_tokens import BadPageToken
from surveyapp.web.respond.progress import progress
from surveyapp.web.respond.section_page import frame
from surveyapp.web.respond.states import answering_again, answering_or_refusal

_KEY: Final = "the browser's pass for this assignment is the key"


@blueprint.get("/<slug>/review")
@public(_KEY)
def show_review(slug: str) -> str:
    """Show every answer before it is sent, and what is still needed."""
    return review_page.render(answering_or_refusal(slug))


@blueprint.post("/<slug>/submit")
@public("the browser's pass for this assignment and the form's signed token are the key")
def submit(slug: str) -> Response | tuple[str, int]:
    """Send the answers once, whatever is clicked."""
    answering = answering_or_refusal(slug, even_answered=True)
    signed = request.form.get(page_tokens.FIELD, "")
    try:
        page_tokens.read(signed, slug=slug, section_id=review_page.NAME)
    except BadPageToken:
        return review_page.render(answering, is_unchecked=True), 400
    with transaction() as session:
        submitted = submissions.submit(session, slug, at=utcnow(), entry=cookies.entry(slug))
    if submitted.missing:
        return review_page.render(answering_again(slug), is_refused=True), 422
    return redirect(url_for("respond.show_receipt", slug=slug), 303)


@blueprint.get("/<slug>/sent")
@public(_KEY)
def show_receipt(slug: str) -> str | Response:
    """Say that the answers have arrived, and when."""
    answering = answering_or_refusal(slug, even_answered=True)
    if answering.status != "answered":
        return redirect(addresses.review(answering), 303)
    is_open = answering.wave.accepts_answers(utcnow())
    others = [each for each in start_page.subjects(answering) if is_open and not each.is_sent]
    return render_template(
        "respond/sent.html",
        **frame(answering),
        others=others,
        sent=sent_pages.last(answering),
        can_correct=sent_pages.can_correct(answering),
        has_copy=sent_pages.has_copy(answering),
        late=late_pages.waiting(answering),
        has_lost_files=request.args.get("files") == "lost",
    )


@blueprint.get("/<slug>/copy")
@public(_KEY)
def show_copy(slug: str) -> str:
    """Show what was sent last, to be printed and kept."""
    return sent_pages.render_copy(answering_or_refusal(slug, even_answered=True))


@blueprint.post("/<slug>/correct")
@public(_KEY)
def correct(slug: str) -> Response:
    """Take up what was sent, to change it, with pages that came late; it counts until it is sent again."""
    answering_or_refusal(slug, even_answered=True)
    with transaction() as session:
        submissions.reopen(session, slug, at=utcnow())
    answering = answering_again(slug)
    target = addresses.next_kept(answering) or addresses.review(answering)
    return cookies.let_in(redirect(target, 303), slug)


@blueprint.post("/<slug>/keep")
@public(_KEY)
def keep_as_sent(slug: str) -> Response:
    """Drop the changes made since, and pages that came late; what was sent stands."""
    answering_or_refusal(slug, even_answered=True)
    with transaction() as session:
        submissions.keep_as_sent(session, slug, at=utcnow())
    return redirect(url_for("respond.show_receipt", slug=slug), 303)


@blueprint.get("/<slug>/files/<uuid:file_id>")
@public(_KEY)
def send_back_file(slug: str, file_id: uuid.UUID) -> Response:
    """Give a file back to whoever handed it in: to be saved, never shown as a page of ours."""
    assignment = answering_or_refusal(slug, even_answered=True).assignment
    found = uploads.find(db.session(), assignment.id, file_id)
    return send_file(
        uploads.place(state().store, assignment.id).path(found.sha256),
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        conditional=False,
        etag=False,
    )


@blueprint.get("/<slug>/stopped")
@public(_KEY)
def show_stopped(slug: str) -> str:
    """Say what is saved and how to go on."""
    answering = answering_or_refusal(slug)
    return render_template(
        "respond/stopped.html",
        **frame(answering),
        progress=progress(answering),
        go_on=addresses.next_open(answering),
    )


@blueprint.get("/<slug>/contract")
@public(_KEY)
def show_contract(slug: str) -> str:
    """Say again who sees what."""
    answering = answering_or_refusal(slug, even_answered=True)
    return render_template(
        "respond/contract.html",
        **frame(answering),
        readers=terms.readers(answering.questionnaire),
        go_on=addresses.next_open(answering),
    )
