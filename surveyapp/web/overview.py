"""A programme's first page: what is going on, and what to do next."""

from flask import Blueprint, render_template

from surveyapp.extensions import db
from surveyapp.services import programme_overview
from surveyapp.web import guards
from surveyapp.web.guards import requires

blueprint = Blueprint("overview", __name__, url_prefix="/p/<programme>")


@blueprint.get("")
@requires("programme.open")
def show() -> str:
    """Show the waves that run, what waits for somebody, and what comes next."""
    found = programme_overview.look(db.session(), guards.programme(), actor=guards.actor())
    return render_template("overview/show.html", overview=found)
