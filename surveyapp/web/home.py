"""The front door: owners go to their results, everybody else is told where their link is."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from surveyapp.web import guards, navigation
from surveyapp.web.guards import public

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public("says only what the product is; a signed-in owner is sent on")
def index() -> str | Response:
    """Send a signed-in owner to the results, tell everybody else how to get in."""
    if guards.actor() and navigation.FIRST_PAGE in current_app.view_functions:
        return redirect(url_for(navigation.FIRST_PAGE), 303)
    return render_template("home/index.html")
