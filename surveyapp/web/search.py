"""Finding a relationship or a person from any page of a programme."""

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveyapp.extensions import db
from surveyapp.services import search
from surveyapp.services.search import FoundRelationship
from surveyapp.web import guards
from surveyapp.web.guards import requires

blueprint = Blueprint("search", __name__, url_prefix="/p/<programme>/search")
_LONGEST: Final = 200


@blueprint.get("")
@requires("accounts.read")
def show() -> Response | str:
    """Show the best matches; a single one is opened at once."""
    typed = request.args.get("q", "").strip()[:_LONGEST]
    found = search.find(db.session(), guards.programme(), typed, actor=guards.actor())
    match found.only:
        case None:
            return render_template("search/show.html", typed=typed, found=found)
        case FoundRelationship() as only:
            address = url_for("relationships.show", relationship_id=only.relationship_id)
            return redirect(address, 303)
        case only:
            return redirect(url_for("people.show", contact_id=only.contact_id), 303)
