"""F10: security headers on every answer, of pages, errors, files and redirects, over real sockets.

Run: ``python -m benchmarks.f10_headers [--quick]``.
"""

import httpx

from benchmarks.stage import Browser, Outcome, Stage, main
from tests.web.routes import make_programme, routes
from tests.web.world import open_wave

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
_BESIDE = ("/", "/sign-in", "/forgotten", "/health", "/method", "/nothing", "/r/x", "/stop/x")
_FILES = ("/static/css/base.css", "/static/js/search.js", "/static/none", "/static/../x")


def play(stage: Stage, _tries: int) -> Outcome:
    """Ask for everything there is, as a stranger and as a respondent."""
    outcome = Outcome()
    ids = make_programme(stage.app, "harbour")
    [tomas] = open_wave(stage.app, "Tomas Vey")
    stage.environ["SURVEYAPP_BASE_URL"] = stage.url.replace("http://127.0.0.1", "https://localhost")
    stage.start_pages(workers=1)
    browser = Browser(stage.url)
    paths = [*_BESIDE, *_FILES, tomas.link, tomas.at("promises"), tomas.at("review")]
    paths += [route.path(stage.app, "harbour", ids) for route in routes(stage.app)]
    for path in dict.fromkeys(paths):
        for method in ("GET", "POST", "HEAD", "PUT"):
            _look(outcome, f"{method} {path}", browser.http.request(method, path))
    return outcome


def _look(outcome: Outcome, what: str, answer: httpx.Response) -> None:
    outcome.tries += 1
    headers = answer.headers
    said = dict(
        part.strip().split(" ", 1)
        for part in headers.get("Content-Security-Policy", "").split(";")
        if " " in part.strip()
    )
    outcome.check(said.items() >= _POLICY.items(), f"{what}: policy {said}")
    outcome.check("unsafe" not in str(said), f"{what}: something unsafe is allowed")
    outcome.check(headers.get("X-Content-Type-Options") == "nosniff", f"{what}: no nosniff")
    outcome.check(
        headers.get("Strict-Transport-Security", "").startswith("max-age="), f"{what}: no HSTS"
    )
    holds_token = "/r/" in what or "/stop/" in what
    wanted = "no-referrer" if holds_token else "same-origin"
    outcome.check(headers.get("Referrer-Policy") == wanted, f"{what}: referrer policy")
    outcome.check(
        "Server" not in headers or "/" not in headers["Server"], f"{what}: tells versions"
    )


if __name__ == "__main__":
    main("F10", "wrong headers", play, tries=1, quick=1, description=__doc__, databases=("sqlite",))
