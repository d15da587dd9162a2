"""The one place where what goes wrong becomes a page in the product's voice."""

from dataclasses import dataclass

import structlog
from flask import Flask, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from surveyapp.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    SurveyappError,
    Unavailable,
)
from surveyapp.web import guards
from surveyapp.web.request_log import request_id

_log = structlog.get_logger("surveyapp.web")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page says: what happened, and what to do."""

    title: str
    text: str


def register(app: Flask) -> None:
    """Answer every error with a page; only what nobody foresaw is a 500."""
    app.register_error_handler(SurveyappError, _refused)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(Exception, _unforeseen)


def _refused(error: SurveyappError) -> tuple[str, int]:
    problems = error.problems if isinstance(error, Invalid) else []
    match error:
        case NotFound():
            page, status = _not_found(), 404
        case Forbidden():
            page, status = ErrorPage(_("You may not do that"), str(error)), 403
        case Conflict():
            page, status = ErrorPage(_("That cannot be done now"), _words(error)), 409
        case Invalid():
            page, status = ErrorPage(_("Something needs putting right"), _words(error)), 422
        case Unavailable():
            page, status = ErrorPage(_("Please try again in a moment"), str(error)), 503
        case _:
            return _unforeseen(error)
    return _render(page, status, problems)


def _words(error: SurveyappError) -> str:
    """Return what a refusal says; where respondents can meet it, in their language."""
    return str(_(str(error))) if str(error) else ""


def _http(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    pages = {
        400: ErrorPage(
            _("We could not read that"),
            _(
                "What your browser sent was incomplete. Go back, load the page again and repeat the step."
            ),
        ),
        404: _not_found(),
        405: ErrorPage(
            _("This page is opened differently"),
            _("Go back and use the button or link on the page before."),
        ),
        413: ErrorPage(
            _("That is too much at once"),
            _(
                "Nothing was saved. Go back in your browser: your text is still there. Shorten it, or choose a smaller file, and send it again."
            ),
        ),
        429: ErrorPage(_("Too many tries"), _("Wait a minute, then try again.")),
    }
    unnamed = ErrorPage(_("That did not work"), _("Go back and try again."))
    return _render(pages.get(status, unnamed), status, [])


def _form_too_old(_error: CSRFError) -> tuple[str, int]:
    page = ErrorPage(
        _("This page was open too long"),
        _("Nothing was changed. Go back, load the page again and repeat the step."),
    )
    return _render(page, 400, [])


def _no_database(error: OperationalError) -> tuple[str, int]:
    _log.error("database unavailable", page=request.endpoint, exc_info=error)
    return _refused(Unavailable(_("The database does not answer. Nothing was saved.")))


def _unforeseen(error: Exception) -> tuple[str, int]:
    # the endpoint names the page: the address itself may hold a personal link
    _log.error("unforeseen error", page=request.endpoint, exc_info=error)
    page = ErrorPage(
        _("Something broke on our side"),
        _(
            "It is written down. Try again in a moment. If it happens again, tell us the number below."
        ),
    )
    return _render(page, 500, [])


def _not_found() -> ErrorPage:
    return ErrorPage(
        _("There is no page here"),
        _(
            "The address may be cut off or out of date. If you came from a mail, open its link again."
        ),
    )


def _render(page: ErrorPage, status: int, problems: list[Problem]) -> tuple[str, int]:
    body = render_template(
        "errors/error.html",
        page=page,
        sign_in_url=_sign_in_url() if status == 404 else "",  # noqa: PLR2004 the page may be behind the door
        problems=problems,
        request_id=request_id() if status >= 500 else None,  # noqa: PLR2004 only our own faults need it
    )
    return body, status


def _sign_in_url() -> str:
    """Offer the door where signing in may help; the same for pages that exist and pages that do not."""
    if not request.path.startswith(("/p/", "/account")) or guards.has_cookie():
        return ""
    return url_for("auth.show", next=request.path if request.method == "GET" else None)
