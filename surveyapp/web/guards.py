"""Who may call a page: every route either requires an action or says why it is open to all."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, session

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models.programmes import Programme
from surveyapp.services import access

P = ParamSpec("P")
R = TypeVar("R")
_SESSION_KEY = "console"


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a page as open to everybody, and say why."""
    if not reason:
        raise ValueError("Say why this page is open to everybody.")

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__["open_because"] = reason
        return view

    return mark


def requires(action: access.Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a page be seen only by those who may do this; for everybody else it does not exist."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not access.is_allowed(actor(), action):
                raise NotFound("There is no such page.")
            return view(*args, **kwargs)

        guarded.__dict__["required_action"] = action
        return guarded

    return guard


def actor() -> access.Actor | None:
    """Return who is asking, or None for a stranger."""
    if "actor" not in g:
        g.actor = access.actor_from(session.get(_SESSION_KEY), at=utcnow())
    found: access.Actor | None = g.actor
    return found


def sign_in(programme: Programme) -> None:
    """Remember in the signed cookie that this browser opened the programme's results."""
    session.clear()
    session[_SESSION_KEY] = access.remember(programme, at=utcnow())
    g.pop("actor", None)


def sign_out() -> None:
    """Forget it again."""
    session.clear()
    g.pop("actor", None)


def programme() -> Programme:
    """Return the asker's own programme. Raises NotFound for strangers and for one that is gone."""
    who = actor()
    found = db.session.get(Programme, who.programme_id) if who else None
    if found is None:
        raise NotFound("There is no such page.")
    return found
