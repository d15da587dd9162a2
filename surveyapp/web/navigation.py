"""What the console's bar offers: only pages that exist, for somebody who may see them."""

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from surveyapp.extensions import db
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme
from surveyapp.services import access, members
from surveyapp.web import guards

Places = tuple[tuple[str, access.Action, LazyString], ...]
_SEARCH: Final = "search.show"
_BAR: Final[Places] = (
    ("overview.show", "programme.open", lazy_gettext("Overview")),
    ("relationships.index", "accounts.read", lazy_gettext("Relationships")),
    ("people.index", "accounts.read", lazy_gettext("People")),
    ("waves.index", "waves.read", lazy_gettext("Waves")),
    ("kpis.index", "accounts.read", lazy_gettext("Facts")),
    ("results.overview", "results.read", lazy_gettext("Results")),
    ("programme.show", "programme.open", lazy_gettext("Programme")),
)
_PROGRAMME: Final[Places] = (
    ("programme.show", "programme.open", lazy_gettext("Rules")),
    ("members.index", "members.read", lazy_gettext("Members")),
    ("imports.index", "accounts.import", lazy_gettext("Imports")),
    ("mail.index", "mail.read", lazy_gettext("Mail")),
    ("jobs.index", "jobs.read", lazy_gettext("Jobs")),
    ("scoring.index", "scoring.read", lazy_gettext("Scoring")),
    ("method.show", "programme.open", lazy_gettext("Method")),
)
"""The tabs of the programme's page: what is set up once, or looked at when something is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the bar or of the tabs."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """Who is signed in, the programme of the page, and the pages it has."""

    user: User
    programme: Programme | None
    has_others: bool
    entries: tuple[Entry, ...]
    search_url: str


def register(app: Flask) -> None:
    """Give console pages their bar and tabs."""
    # functions, called by console pages alone: an error page must not need the database
    app.jinja_env.globals["console_bar"] = console_bar
    app.jinja_env.globals["programme_tabs"] = programme_tabs
    app.jinja_env.globals["may"] = guards.may


def console_bar() -> Bar | None:
    """Return the bar for somebody signed in; a stranger sees the product's name only."""
    login = guards.login()
    if login is None:
        return None
    if "programme_slug" not in g:
        return Bar(login.user, None, has_others=False, entries=(), search_url="")
    programme = guards.programme()
    return Bar(
        user=login.user,
        programme=programme,
        has_others=len(members.programmes_of(db.session(), login.user)) > 1,
        entries=_entries(_BAR, with_tabs=True),
        search_url=url_for(_SEARCH) if _can_open(_SEARCH, "accounts.read") else "",
    )


def programme_tabs() -> tuple[Entry, ...]:
    """Return the tabs of the programme's pages that the asker may open."""
    return _entries(_PROGRAMME, with_tabs=False)


def _entries(places: Places, *, with_tabs: bool) -> tuple[Entry, ...]:
    noun = _noun(request.endpoint)
    tabs = {_noun(endpoint) for endpoint, _action, _label in _PROGRAMME}
    if with_tabs and noun in tabs:
        noun = "programme"
    return tuple(
        Entry(str(label), url_for(endpoint), _noun(endpoint) == noun)
        for endpoint, action, label in places
        if _can_open(endpoint, action)
    )


def _can_open(endpoint: str, action: access.Action) -> bool:
    return endpoint in current_app.view_functions and guards.may(action)


def _noun(endpoint: str | None) -> str:
    return (endpoint or "").partition(".")[0]
