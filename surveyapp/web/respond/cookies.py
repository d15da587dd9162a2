"""The pass a browser gets at Start: one cookie per assignment, seen by that assignment's pages only.

Name and value differ by nothing but the path, so two invitations opened in one browser cannot mix.
"""

from datetime import timedelta
from typing import Final

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from surveyapp.extensions import state

NAME: Final = "answering"
LASTS: Final = timedelta(hours=12)
_SALT: Final = "surveyapp/respondent-pass/1"


def let_in(response: Response, slug: str) -> Response:
    """Hand the browser a pass for this assignment, or a fresh one."""
    response.set_cookie(
        NAME,
        _serializer().dumps(slug),
        max_age=LASTS,
        path=f"/r/{slug}",
        secure=state().settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def is_let_in(slug: str) -> bool:
    """Tell whether this browser pressed Start on this assignment's link in the last hours."""
    try:
        found = _serializer().loads(
            request.cookies.get(NAME, ""), max_age=int(LASTS.total_seconds())
        )
    except BadSignature:
        return False
    return bool(found == slug)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(state().settings.secret_key, salt=_SALT)
