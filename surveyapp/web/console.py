"""Opening and leaving a programme's console. Accounts with roles replace the link later."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from surveyapp.errors import NotFound
from surveyapp.extensions import db, state
from surveyapp.models.programmes import Programme
from surveyapp.services import access
from surveyapp.web import guards
from surveyapp.web.guards import public

blueprint = Blueprint("console", __name__)


@blueprint.get("/open/<token>")
@public("the signed link is the key; the page names the programme and changes nothing")
def show_link(token: str) -> str:
    """Show what the link opens; a button opens it, so that a scanner that follows links does not."""
    return render_template("console/open.html", programme=_programme(token), token=token)


@blueprint.post("/open/<token>")
@public("the signed link is the key")
def open_link(token: str) -> Response:
    """Remember the programme in this browser for twelve hours."""
    guards.sign_in(_programme(token))
    return redirect(url_for("home.index"), 303)


@blueprint.post("/sign-out")
@public("leaving needs no permission")
def sign_out() -> Response:
    """Forget the programme in this browser."""
    guards.sign_out()
    return redirect(url_for("home.index"), 303)


def _programme(token: str) -> Programme:
    programme_id = access.read_link(token, secret_key=state().settings.secret_key)
    programme = db.session.get(Programme, programme_id)
    if programme is None:
        raise NotFound("There is no such link.")
    return programme
