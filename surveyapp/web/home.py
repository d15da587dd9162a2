"""The front door: members go to their programme, everybody else is told where their link is."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from surveyapp.extensions import db
from surveyapp.services import members
from surveyapp.web import guards, languages
from surveyapp.web.guards import public

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public("says only what the product is; somebody signed in is sent on or chooses a programme")
def index() -> str | Response:
    """Send a member to the programme, or let them choose; tell everybody else how to get in."""
    login = guards.login()
    if login is None:
        # somebody who cut a personal link short may stand here
        languages.speak(languages.of_person(""))
        return render_template("home/index.html", languages=languages.of_pages())
    memberships = members.programmes_of(db.session(), login.user)
    if len(memberships) == 1:
        slug = memberships[0].programme.slug
        return redirect(url_for("overview.show", programme=slug), 303)
    return render_template("home/programmes.html", memberships=memberships)
