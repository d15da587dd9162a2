"""How the numbers are made, for whoever reads one: the product's method page."""

from flask import Blueprint, render_template

from surveyapp.web.guards import public

blueprint = Blueprint("method", __name__)


@blueprint.get("/method")
@public("says how scores are made, the same for everybody; it holds no data")
def show() -> str:
    """Explain the method, its limits and where it comes from."""
    return render_template("method/show.html")
