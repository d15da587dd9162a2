"""/health: whether this process can serve, for load balancers and the demo's start-up."""

from flask import Blueprint
from sqlalchemy import text

from surveyapp.extensions import db
from surveyapp.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public("tells a load balancer only that the database answers")
def show() -> dict[str, str]:
    """Answer 200 when the database does; when it does not, the error page makes it a 503."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
