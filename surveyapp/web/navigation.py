"""What the console's bar offers: only pages that exist, for somebody who may see them."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale, lazy_gettext
from flask_babel.speaklater import LazyString

from surveyapp.extensions import db
from surveyapp.models.programmes import Programme
from surveyapp.services import access
from surveyapp.web import guards

FIRST_PAGE: Final = "results.overview"
"""Where an owner lands. Pages of the bar take no arguments: the programme is the signed-in one."""

_PAGES: Final[tuple[tuple[str, access.Action, LazyString], ...]] = (
    ("results.overview", "results.read", lazy_gettext("Results")),
    ("method.show", "results.read", lazy_gettext("Method")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the bar."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The signed-in programme and the pages it has."""

    programme: Programme
    entries: tuple[Entry, ...]


def register(app: Flask) -> None:
    """Give every template the page's language, and console pages their bar."""
    app.context_processor(_context)
    # a function, called by console pages alone: an error page must not need the database
    app.jinja_env.globals["console_bar"] = console_bar


def console_bar() -> Bar | None:
    """Return the bar for a signed-in owner; a stranger sees the product's name only."""
    actor = guards.actor()
    programme = db.session.get(Programme, actor.programme_id) if actor else None
    if programme is None:
        return None
    entries = [
        Entry(str(label), url_for(endpoint), _noun(request.endpoint) == _noun(endpoint))
        for endpoint, action, label in _PAGES
        if endpoint in current_app.view_functions and access.is_allowed(actor, action)
    ]
    return Bar(programme, tuple(entries))


def _context() -> dict[str, Any]:
    locale = get_locale()
    return {
        "page_locale": str(locale).replace("_", "-"),
        "page_direction": "rtl" if locale and locale.text_direction == "rtl" else "ltr",
    }


def _noun(endpoint: str | None) -> str:
    return (endpoint or "").partition(".")[0]
