"""A request's id and its one line in the log: which page, not which address, so no token is written."""

import logging
import time
import uuid

import structlog
from flask import Flask, Response, g, has_request_context, request

_log = structlog.get_logger("surveyapp.web")


def register(app: Flask) -> None:
    """Name every request before anything handles it, and log it afterwards."""
    # first of all, so that what a guard refuses has a number and a line as well
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request(_end)
    app.logger.addFilter(_WithoutAddress())


class _WithoutAddress(logging.Filter):
    """Takes the address out of Flask's own lines: it may hold a personal link."""

    def filter(self, record: logging.LogRecord) -> bool:
        if has_request_context():
            page = request.endpoint or "an unknown page"
            record.msg = str(record.msg).replace(request.path, page)
        return True


def request_id() -> str:
    """Return the id that error pages show and log lines carry."""
    found: str = g.get("request_id", "none")
    return found


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:12]
    g.began_at = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if request.endpoint != "static":
        _log.info(
            "request",
            method=request.method,
            # the endpoint's name: the address itself may hold a personal link
            page=request.endpoint or "unknown",
            status=response.status_code,
            milliseconds=round((time.perf_counter() - g.began_at) * 1000, 1),
        )
    return response
