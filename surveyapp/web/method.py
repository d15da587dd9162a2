"""How the numbers are made, for whoever reads one: the product's method page."""

from flask import Blueprint, render_template

from surveyapp.web.guards import public, requires

blueprint = Blueprint("method", __name__)


@blueprint.get("/p/<programme>/method")
@requires("programme.open")
def show() -> str:
    """Explain the method inside a programme's console."""
    return render_template("method/show.html")


@blueprint.get("/method")
@public("says how scores are made, the same for everybody; it holds no data")
def show_to_all() -> str:
    """Explain the method, its limits and where it comes from."""
    return render_template("method/show.html")
