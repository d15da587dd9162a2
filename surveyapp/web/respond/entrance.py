"""The way in: the start page changes nothing, Start lets this browser in."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, transaction
from surveyapp.services import invitations, reader_languages, responses
from surveyapp.web import languages
from surveyapp.web.guards import public
from surveyapp.web.rate_limits import Limit, address, count
from surveyapp.web.respond import addresses, cookies, questions_page, start_page
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.section_page import frame
from surveyapp.web.respond.states import CannotAnswer, answering_or_refusal

_KEY = "the personal link is the key"
_NEVER_LAST = ".,;:!?)]>\"'"
"""What mail programs sometimes take along from behind a link; no token ends so."""


@blueprint.get("/<token>")
@public(_KEY)
def show_start(token: str) -> str | Response:
    """Say who asks, what for and who sees the answers. Scanners open links: nothing is recorded."""
    if (whole := token.rstrip(_NEVER_LAST)) != token:
        return redirect(_start_page(whole), 303)
    if cookies.is_let_in(token):
        # an address cut by hand to /r/<slug>: this browser may go on
        return redirect(addresses.next_open(answering_or_refusal(token)), 303)
    opened = redeem(token, at=utcnow())
    if opened.status != "open":
        raise CannotAnswer(opened)
    return start_page.render(opened, token=token)


@blueprint.post("/<token>")
@public(_KEY)
def start(token: str) -> Response:
    """Record the start, let this browser in, and drop the token from the address."""
    at = utcnow()
    opened = redeem(token, at=at)
    if opened.status == "answered":
        return _show_sent(opened)
    if opened.status != "open":
        raise CannotAnswer(opened)
    with transaction() as session:
        invitations.start(session, token, at=at)
        if language := start_page.chosen_language(opened):
            reader_languages.choose(session, opened.assignments[0].slug, language)
    slugs = [found.slug for found in opened.assignments]
    target = url_for("respond.show_overview", slug=slugs[0])
    if len(slugs) == 1:
        target = addresses.next_open(responses.answering(db.session(), slugs[0], at=at))
    response = redirect(target, 303)
    for slug in slugs:
        cookies.let_in(response, slug)
    return response


@blueprint.get("/<key>/questions")
@public("the personal link, or the browser's pass for this assignment, is the key")
def show_questions(key: str) -> str:
    """Show every question before the first is answered, or again on the way."""
    if cookies.is_let_in(key):
        return questions_page.of_assignment(answering_or_refusal(key, even_answered=True))
    return questions_page.of_link(redeem_to_read(key), token=key)


def _show_sent(opened: invitations.Opened) -> Response:
    """Let whoever has answered everything see it again."""
    slugs = [found.slug for found in opened.assignments]
    page = "respond.show_receipt" if len(slugs) == 1 else "respond.show_overview"
    response = redirect(url_for(page, slug=slugs[0]), 303)
    for slug in slugs:
        cookies.let_in(response, slug)
    return response


@blueprint.get("/<slug>/overview")
@public("the browser's pass for this assignment is the key")
def show_overview(slug: str) -> str:
    """List everything the link asks about, with how far each has come."""
    answering = answering_or_refusal(slug, even_answered=True)
    return render_template(
        "respond/overview.html",
        **frame(answering),
        subjects=start_page.subjects(answering),
    )


def _start_page(token: str) -> str:
    return url_for("respond.show_start", token=token, lang=request.args.get(languages.FIELD))


def redeem_to_read(token: str) -> invitations.Opened:
    """Look a link up for whoever only reads. Raises CannotAnswer when there is nothing to answer."""
    opened = redeem(token, at=utcnow())
    if opened.status not in {"open", "answered"}:
        raise CannotAnswer(opened)
    return opened


def redeem(token: str, *, at: datetime) -> invitations.Opened:
    """Look a link up; whoever tries many that do not exist is told to wait.

    A link that exists opens all the same: a whole office may sit behind one address.
    """
    try:
        opened = invitations.redeem(db.session(), token, at=at)
    except NotFound:
        if not count(Limit.LINK, address()):
            raise TooManyRequests from None
        raise
    start_page.speak(opened)
    return opened
