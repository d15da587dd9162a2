"""Security and caching headers on every response, and addresses of static files that may be kept."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, current_app, request

from surveyapp.extensions import state

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_YEAR: Final = 365 * 24 * 60 * 60


def register(app: Flask) -> None:
    """Add the headers to every response, errors included."""
    app.after_request(_add)
    app.url_defaults(_add_content_hash)


def _add(response: Response) -> Response:
    response.headers.update(_ALWAYS)
    holds_token = request.path.startswith(("/r/", "/stop/"))
    # the console's link is posted to itself over the same origin, where a referrer may be checked
    if request.path.startswith("/r/"):
        # a page that is filled in saves itself quietly, with us and nobody else
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            "connect-src 'none'", "connect-src 'self'"
        )
    response.headers["Referrer-Policy"] = "no-referrer" if holds_token else "same-origin"
    if state().settings.is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    if request.endpoint == "static":
        _cache_static(response)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _cache_static(response: Response) -> None:
    # fonts carry their version in the name: style sheets cannot add a hash to their address
    is_fixed = "v" in request.args or request.path.endswith(".woff2")
    if is_fixed and response.status_code < 400:  # noqa: PLR2004 an error page is not the file
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        folder = Path(str(current_app.static_folder))
        path = folder / values["filename"]
        values["v"] = _content_hash(path, path.stat().st_mtime_ns)


@cache
def _content_hash(path: Path, _changed_at: int) -> str:
    """Name a file's content; the time of change makes an edit visible without a restart."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
