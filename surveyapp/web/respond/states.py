"""Pages for a link or an assignment that cannot be answered now, each saying why and what to do."""

from typing import Final

from flask import render_template, request
from flask_babel import gettext as _

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound, SurveyappError, WaveStateError
from surveyapp.extensions import db
from surveyapp.services import reader_languages, responses, submissions
from surveyapp.services.invitations import Opened
from surveyapp.services.responses import Answering
from surveyapp.web import languages
from surveyapp.web.respond import cookies
from surveyapp.web.respond.addresses import blueprint

_STATUS_CODES: Final = {
    "answered": 200,
    "closed": 410,
    "paused": 403,
    "not open yet": 403,
}


class LinkNeeded(SurveyappError):
    """The browser has not opened the link of this assignment, or did so too long ago."""


class CannotAnswer(SurveyappError):
    """The assignment is known, and answered, closed, paused or not open yet."""

    def __init__(self, found: Answering | Opened) -> None:
        super().__init__(f"The questionnaire is {found.status}.")
        self.found = found


def answering_or_refusal(
    slug: str,
    *,
    even_answered: bool = False,
    even_paused: bool = False,
    even_closed: bool = False,
) -> Answering:
    """Return the assignment this browser has opened and may answer.

    Raises
    ------
    LinkNeeded
        The browser holds no pass for it; never is another assignment shown instead.
    CannotAnswer
        It is answered, closed, paused or not open yet.
    """
    if not cookies.is_let_in(slug):
        raise LinkNeeded("Open your link again.")
    found = responses.answering(db.session(), slug, at=utcnow())
    languages.speak_as(found.questionnaire, reader_languages.of(found.invitation))
    also = {"answered": even_answered, "paused": even_paused, "closed": even_closed}
    if found.status == "open" or also.get(found.status, False):
        return found
    raise CannotAnswer(found)


def answering_again(slug: str) -> Answering:
    """Read the assignment anew after a write: it may have changed since the first look."""
    db.session.rollback()
    return answering_or_refusal(slug)


def answering_whatever(slug: str) -> Answering:
    """Read the assignment anew for a page that was posted: nothing that was typed may be lost.

    Raises LinkNeeded, and CannotAnswer only before it opens.
    """
    db.session.rollback()
    return answering_or_refusal(slug, even_answered=True, even_paused=True, even_closed=True)


@blueprint.errorhandler(CannotAnswer)
def show_why_not(error: CannotAnswer) -> tuple[str, int]:
    """Say that the questionnaire is answered, closed, paused or not open yet."""
    found = error.found
    assignments = found.assignments if isinstance(found, Opened) else [found.assignment]
    sent = [assignment.submitted_at for assignment in assignments if assignment.submitted_at]
    body = render_template(
        "respond/state.html",
        asker=found.programme.asker,
        data_note=found.programme.data_note,
        found=found,
        sent_at=max(sent, default=None),
        token=(request.view_args or {}).get("token", "") if isinstance(found, Opened) else "",
        slug="" if isinstance(found, Opened) else found.assignment.slug,
        languages=languages.at_link(found.wave) if isinstance(found, Opened) else [],
    )
    return body, _STATUS_CODES[found.status]


@blueprint.errorhandler(submissions.NotCorrectable)
def show_fixed(_error: submissions.NotCorrectable) -> tuple[str, int]:
    """Say that what was sent stands."""
    return render_template("respond/not_correctable.html"), 409


@blueprint.errorhandler(WaveStateError)
def show_closed_meanwhile(_error: WaveStateError) -> tuple[str, int]:
    """Say that the wave closed, paused or was answered between the page and the post."""
    body = render_template("respond/closed_meanwhile.html")
    return body, 409


@blueprint.errorhandler(LinkNeeded)
def ask_for_link(_error: LinkNeeded) -> tuple[str, int]:
    """Ask for the link: this browser has no pass for that page."""
    return render_template("respond/link_needed.html"), 403


@blueprint.errorhandler(NotFound)
def show_unknown_link(_error: NotFound) -> tuple[str, int]:
    """Say that nothing is behind this address."""
    return render_template("respond/unknown.html", heading=_("We do not know this link")), 404
