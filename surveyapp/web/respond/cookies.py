"""The pass a browser gets at Start: one cookie per assignment, seen by that assignment's pages only.

Name and value differ by nothing but the path, so two invitations opened in one browser cannot mix.
An interviewer's pass says who they are and how they hear the answers; it is good only while they are
signed in and may do so.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from surveyapp.errors import NotFound
from surveyapp.extensions import db, state
from surveyapp.models.responses import ResponseMode
from surveyapp.services import access
from surveyapp.services.submissions import BY_THEMSELVES, Entry
from surveyapp.web import guards

NAME: Final = "answering"
LASTS: Final = timedelta(hours=12)
_SALT: Final = "surveyapp/respondent-pass/1"
_CHECKED: Final = "surveyapp.pass"


@dataclass(frozen=True, slots=True)
class Interviewer:
    """A member who puts answers in for somebody else."""

    user_id: str
    programme: str
    mode: ResponseMode


def let_in(response: Response, slug: str, interviewer: Interviewer | None = None) -> Response:
    """Hand the browser a pass for this assignment, or a fresh one of the kind it holds."""
    who = interviewer or _interviewer(_payload(slug))
    given = [slug, who.user_id, who.programme, who.mode.value] if who else slug
    response.set_cookie(
        NAME,
        _serializer().dumps(given),
        max_age=LASTS,
        path=f"/r/{slug}",
        secure=state().settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def is_let_in(slug: str) -> bool:
    """Tell whether this browser pressed Start on this assignment's link in the last hours."""
    payload = _payload(slug)
    if payload is None:
        return False
    who = _interviewer(payload)
    return who is None or _member(who) is not None


def entry(slug: str) -> Entry:
    """Return how the answers of this browser come in: by the person's own hand, or an interviewer's."""
    who = _interviewer(_payload(slug))
    member = _member(who) if who else None
    return Entry(who.mode, member.by) if who and member else BY_THEMSELVES


def _member(who: Interviewer) -> access.Actor | None:
    """Return the interviewer, if they are signed in here and still may put answers in."""
    login = guards.login()
    if login is None or str(login.user_id) != who.user_id:
        return None
    try:
        actor, _programme = access.actor_in(db.session(), login.user, who.programme)
    except NotFound:
        return None
    return actor if access.is_allowed(actor, "waves.edit") else None


def _payload(slug: str) -> Any:  # noqa: ANN401 what was signed: the slug, or a list that begins with it
    # checked once a request, however often it is asked for
    if _CHECKED not in request.environ:
        request.environ[_CHECKED] = _signed()
    found = request.environ[_CHECKED]
    return found if found == slug or (isinstance(found, list) and found[0] == slug) else None


def _signed() -> Any:  # noqa: ANN401 as above; None where nothing of ours was signed, or too long ago
    signed = request.cookies.get(NAME, "")
    try:
        return _serializer().loads(signed, max_age=int(LASTS.total_seconds())) if signed else None
    except BadSignature:
        return None


def _interviewer(payload: Any) -> Interviewer | None:  # noqa: ANN401 as above
    if not isinstance(payload, list):
        return None
    return Interviewer(payload[1], payload[2], ResponseMode(payload[3]))


def _serializer() -> URLSafeTimedSerializer:
    return _serializer_of(state().settings.secret_key)


@lru_cache(maxsize=1)
def _serializer_of(secret_key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=_SALT)
