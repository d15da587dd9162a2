"""/health: whether this process can serve, for load balancers and the demo's start-up."""

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from surveyapp.errors import Unavailable
from surveyapp.extensions import db
from surveyapp.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public("tells a load balancer only that the database answers")
def show() -> tuple[dict[str, str], int]:
    """Answer 200 when the database does, 503 when it does not."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise Unavailable("The database does not answer. Try again in a moment.") from error
    return {"status": "ok"}, 200
