"""PDFs to take away: all the questions, and for a short while a copy of what was sent."""

import io
from typing import Final

from flask import redirect, send_file, url_for
from flask import request as posted
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.services import answer_copies
from surveyapp.web.guards import public
from surveyapp.web.respond import cookies, page_tokens, questions_page, sent_pages
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.entrance import redeem_to_read
from surveyapp.web.respond.page_tokens import BadPageToken
from surveyapp.web.respond.states import answering_or_refusal

_PDF: Final = "application/pdf"


@blueprint.get("/<key>/questions/pdf")
@public("the personal link, or the browser's pass for this assignment, is the key")
def send_questions(key: str) -> Response:
    """Send the file of all the questions; where it is not made yet, the page lists them."""
    if cookies.is_let_in(key):
        found = questions_page.file_of_assignment(answering_or_refusal(key, even_answered=True))
    else:
        found = questions_page.file_of_link(redeem_to_read(key))
    if found is None:
        return redirect(url_for("respond.show_questions", key=key), 303)
    return send_file(
        state().store.path(found.file_sha256),
        mimetype=_PDF,
        as_attachment=True,
        download_name=f"questions-{found.language}.pdf",
        conditional=False,
        etag=False,
    )


@blueprint.post("/<slug>/copy/pdf")
@public("the browser's pass for this assignment and the form's signed token are the key")
def make_copy(slug: str) -> Response | tuple[str, int]:
    """Ask for the copy as a PDF: the page then says how far it is."""
    answering = answering_or_refusal(slug, even_answered=True)
    signed = posted.form.get(page_tokens.FIELD, "")
    try:
        page_tokens.read(signed, slug=slug, section_id=sent_pages.NAME)
    except BadPageToken:
        return sent_pages.render_copy(answering, is_unchecked=True), 400
    if sent_pages.is_own(answering):
        with transaction() as session:
            answer_copies.request(session, slug, at=utcnow())
    return _to_copy(slug)


@blueprint.get("/<slug>/copy/pdf")
@public("the browser's pass for this assignment is the key")
def send_copy(slug: str) -> Response:
    """Send the copy to whoever it is of; where there is none now, the page says so."""
    answering = answering_or_refusal(slug, even_answered=True)
    is_own = sent_pages.is_own(answering)
    content = answer_copies.content(db.session(), answering, at=utcnow()) if is_own else None
    if content is None:
        return _to_copy(slug)
    return send_file(
        io.BytesIO(content), mimetype=_PDF, as_attachment=True, download_name="my-answers.pdf"
    )


def _to_copy(slug: str) -> Response:
    return redirect(url_for("respond.show_copy", slug=slug, _anchor="pdf"), 303)
