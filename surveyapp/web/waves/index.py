"""The list of a programme's waves."""

from flask import render_template

from surveyapp.extensions import db
from surveyapp.services import wave_table
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.waves import wording
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves")
@requires("waves.read")
def index() -> str:
    """List every wave, newest first."""
    page = wave_table.page(
        db.session(), guards.programme(), order=asked_order("-created"), number=asked_page()
    )
    return render_template("waves/index.html", page=page, views=wording.IN_SHORT)
