"""The page behind "I do not want to be asked again" in every mail, and the button of mail programs."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, transaction
from surveyapp.services import mail_stops
from surveyapp.web import languages
from surveyapp.web.guards import public

blueprint = Blueprint("stop", __name__, url_prefix="/stop")
_KEY = "the personal link is the key"


@blueprint.get("/<token>")
@public(_KEY)
def show(token: str) -> str:
    """Say who asks and offer to stop it, or to take that back. Opening the page changes nothing."""
    return _render(mail_stops.find(db.session(), token), token)


@blueprint.post("/<token>")
@public(_KEY)
def stop(token: str) -> Response | str:
    """Record that the person does not want to be asked."""
    with transaction() as session:
        found = mail_stops.stop(session, token, at=utcnow())
    if request.form.get("List-Unsubscribe") == "One-Click":
        # RFC 8058: a mail provider presses, and follows no redirect
        return _render(found, token)
    return redirect(url_for("stop.show", token=token, lang=request.args.get(languages.FIELD)), 303)


@blueprint.post("/<token>/back")
@public(_KEY)
def go_on(token: str) -> Response:
    """Take it back: the button was pressed by mistake."""
    with transaction() as session:
        mail_stops.go_on(session, token, at=utcnow())
    return redirect(url_for("stop.show", token=token, lang=request.args.get(languages.FIELD)), 303)


@blueprint.errorhandler(NotFound)
def show_unknown(_error: NotFound) -> tuple[str, int]:
    """Say that the link is cut off or replaced."""
    return render_template("respond/unknown.html"), 404


def _render(found: mail_stops.Stopping, token: str) -> str:
    languages.speak(languages.of_person(found.language))
    return render_template(
        "stop/show.html",
        token=token,
        found=found,
        languages=languages.of_pages(),
        asker=found.programme.asker,
        data_note=found.programme.data_note,
    )
