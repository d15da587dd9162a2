"""Security and caching headers on every response, and addresses of static files that may be kept."""

import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, current_app, request, url_for

from surveyapp.extensions import state

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_POLICY_OF_RESPONDENTS: Final = CONTENT_SECURITY_POLICY.replace(
    "connect-src 'none'", "connect-src 'self'"
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
    app.add_template_global(static_file)


def _add(response: Response) -> Response:
    response.headers.update(_ALWAYS)
    holds_token = request.path.startswith(("/r/", "/stop/"))
    # the console's link is posted to itself over the same origin, where a referrer may be checked
    if request.path.startswith("/r/"):
        # a page that is filled in saves itself quietly, with us and nobody else
        response.headers["Content-Security-Policy"] = _POLICY_OF_RESPONDENTS
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


def static_file(name: str) -> str:
    """Return the address of a static file; put together once, as a page names seven of them."""
    return _static_file(request.script_root, *_file(name), name)


@lru_cache(maxsize=128)
def _static_file(_root: str, _path: str, _changed_at: int, name: str) -> str:
    return url_for("static", filename=name)


def _add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = _content_hash(*_file(values["filename"]))


def _file(name: str) -> tuple[str, int]:
    path = f"{current_app.static_folder}/{name}"
    return path, os.stat(path).st_mtime_ns  # noqa: PTH116 a page asks seven times, and a Path costs more


@cache
def _content_hash(path: str, _changed_at: int) -> str:
    """Name a file's content; the time of change makes an edit visible without a restart."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
