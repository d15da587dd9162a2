"""Who may call a page: every route either requires an action or says why it is open to all."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app, g, request, session
from flask_babel import gettext as _

from surveyapp.clock import utcnow
from surveyapp.errors import Forbidden, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.people import LoginSession, User
from surveyapp.models.programmes import Programme
from surveyapp.services import access, sessions

P = ParamSpec("P")
R = TypeVar("R")
_TOKEN = "login"  # noqa: S105 the name of the cookie's entry


def register(app: Flask) -> None:
    """Keep the programme of an address out of the views: it is read here, and put back into links."""
    app.url_value_preprocessor(_take_programme)
    app.url_defaults(_give_programme)


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a page as open to everybody, and say why."""
    if not reason:
        raise ValueError("Say why this page is open to everybody.")

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.__dict__["open_because"] = reason
        return view

    return mark


def requires(action: access.Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let members whose role allows it see a page. For strangers it does not exist."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not access.is_allowed(actor(), action):
                raise Forbidden(
                    _(
                        "You are %(role)s in this programme, and that role may not do this."
                        " A programme owner can do it, or change your role.",
                        role=actor().role.value,
                    )
                )
            return view(*args, **kwargs)

        guarded.__dict__["required_action"] = action
        return guarded

    return guard


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody who is signed in see a page about themselves. For others it does not exist."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        user()
        return view(*args, **kwargs)

    guarded.__dict__["requires_sign_in"] = True
    return guarded


def login() -> LoginSession | None:
    """Return the session of the browser that asks, or None for somebody not signed in."""
    if "login" not in g:
        token = session.get(_TOKEN)
        g.login = sessions.find(db.session(), token, at=utcnow()) if token else None
        if g.login and sessions.needs_touch(g.login, at=utcnow()):
            with transaction() as writing:
                sessions.touch(writing, g.login.id, at=utcnow())
    found: LoginSession | None = g.login
    return found


def user() -> User:
    """Return who is asking. Raises NotFound for somebody not signed in."""
    found = login()
    if found is None:
        raise NotFound("There is no such page.")
    return found.user


def actor() -> access.Actor:
    """Return who is asking, as a member of the address's programme. Raises NotFound for strangers."""
    if "actor" not in g:
        g.actor, g.programme = access.actor_in(db.session(), user(), g.get("programme_slug", ""))
    found: access.Actor = g.actor
    return found


def programme() -> Programme:
    """Return the address's programme. Raises NotFound for strangers."""
    actor()
    found: Programme = g.programme
    return found


def may(action: access.Action) -> bool:
    """Tell whether the asker's role allows this, for buttons that only some see."""
    return access.is_allowed(actor(), action)


def sign_in(token: str) -> None:
    """Put a session's token into the cookie; whatever the browser held before is gone."""
    session.clear()
    session[_TOKEN] = token
    _forget()


def sign_out() -> None:
    """Empty the cookie."""
    session.clear()
    _forget()


def browser() -> str:
    """Return what the browser calls itself."""
    return request.user_agent.string


def has_cookie() -> bool:
    """Tell whether the browser claims to be signed in, without asking the database."""
    return _TOKEN in session


def _forget() -> None:
    for name in ("login", "actor", "programme"):
        g.pop(name, None)


def _take_programme(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "programme" in values:
        g.programme_slug = values.pop("programme")


def _give_programme(endpoint: str, values: dict[str, Any]) -> None:
    if "programme" in values or "programme_slug" not in g:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "programme"):
        values["programme"] = g.programme_slug
