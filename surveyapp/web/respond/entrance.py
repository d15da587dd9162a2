"""The way in: the start page changes nothing, Start lets this browser in."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import WaveStateError
from surveyapp.extensions import db, transaction
from surveyapp.services import definitions, invitations, responses
from surveyapp.services.invitations import Opened
from surveyapp.web.guards import public
from surveyapp.web.respond import addresses, cookies
from surveyapp.web.respond.addresses import blueprint
from surveyapp.web.respond.states import CannotAnswer, answering_or_refusal

_LINK = "the personal link is the key"


@blueprint.get("/<token>")
@public(_LINK)
def show_start(token: str) -> str | Response:
    """Say who asks, what for and who sees the answers. Scanners open links: nothing is recorded."""
    if cookies.is_let_in(token):
        # an address shortened by hand to /r/<slug>: this browser may go on
        return redirect(addresses.next_open(answering_or_refusal(token)), 303)
    opened = invitations.redeem(db.session, token, at=utcnow())
    if opened.status != "open":
        raise CannotAnswer(opened)
    return render_template("respond/start.html", **_start_page(opened), token=token)


@blueprint.post("/<token>")
@public(_LINK)
def start(token: str) -> Response:
    """Record the start, let this browser in, and drop the token from the address."""
    with transaction() as session:
        at = utcnow()
        opened = invitations.redeem(session, token, at=at)
        if opened.status != "open":
            raise CannotAnswer(opened)
        opened = invitations.start(session, token, at=at)
    waiting = [found for found in opened.assignments if not found.submitted_at]
    first = responses.answering(db.session, waiting[0].slug, at=at)
    target = addresses.next_open(first)
    if len(opened.assignments) > 1:
        target = url_for("respond.show_overview", slug=first.assignment.slug)
    response = redirect(target, 303)
    for assignment in opened.assignments:
        cookies.let_in(response, assignment.slug)
    return response
