import uuid
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp import log
from surveyapp.extensions import db
from surveyapp.web.headers import CONTENT_SECURITY_POLICY
from tests.conftest import make_app
from tests.web.walker import Walker
from tests.web.world import open_wave

PATHS = (
    "/",
    "/health",
    "/r/x",
    "/r/x/y",
    "/sign-in",
    "/p/x/results",
    "/set-password/00000000000000000000000000000000/x",
    "/nothing",
    "/static/css/base.css",
    "/static/x",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_response_carries_the_strict_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    connects = "'self'" if path.startswith("/r/") else "'none'"
    policy = headers["Content-Security-Policy"]
    assert policy == CONTENT_SECURITY_POLICY.replace(
        "connect-src 'none'", f"connect-src {connects}"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in headers
    for directive in (
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ):
        assert directive in CONTENT_SECURITY_POLICY.split("; ")
    assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["/r/x", "/r/x/y", "/sign-in", "/p/x", "/"])
def test_pages_are_never_kept_by_a_cache(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "policy"), [("/r/x", "no-referrer"), ("/", "same-origin")])
def test_addresses_with_a_token_are_told_to_nobody(
    client: FlaskClient, path: str, policy: str
) -> None:
    assert client.get(path).headers["Referrer-Policy"] == policy


def test_behind_https_cookies_are_secure_and_the_browser_is_told_to_stay_there(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path, SURVEYAPP_BASE_URL="https://survey.example.com")
    [tomas] = open_wave(app, "Tomas Vey")
    response = app.test_client().post(tomas.link, base_url="https://survey.example.com")
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in response.headers["Set-Cookie"]
    with app.app_context():
        db.engine.dispose()


def test_static_files_are_kept_for_a_year_under_an_address_that_changes_with_them(
    app: Flask, client: FlaskClient
) -> None:
    html = Walker(client).open("/").html
    address = next(part for part in html.split('"') if part.startswith("/static/css/base.css"))
    assert "?v=" in address
    assert "immutable" in client.get(address, buffered=True).headers["Cache-Control"]
    assert client.get("/static/css/base.css", buffered=True).headers["Cache-Control"] == "no-cache"
    assert "immutable" not in client.get("/static/none.css?v=1").headers["Cache-Control"]


def test_fonts_and_their_licence_are_served_from_here(client: FlaskClient) -> None:
    css = client.get("/static/css/base.css", buffered=True).get_data(as_text=True)
    names = [part.split('"')[0] for part in css.split('url("../')[1:]]
    assert len(names) == 4
    for name in names:
        response = client.get(f"/static/{name}", buffered=True)
        assert response.status_code == 200
        assert response.data[:4] == b"wOF2"
        assert "immutable" in response.headers["Cache-Control"]
    assert "OPEN FONT LICENSE" in client.get("/static/fonts/OFL.txt", buffered=True).get_data(
        as_text=True
    )


def test_tokens_never_reach_the_log(
    capfd: pytest.CaptureFixture[str], app: Flask, client: FlaskClient
) -> None:
    log.configure(level="DEBUG", as_json=False)  # onto what this test captures
    [tomas] = open_wave(app, "Tomas Vey")
    walker = Walker(client)
    walker.start(tomas)
    walker.answer(tomas.at("promises"), delivers="3")
    client.get("/r/" + "A" * 43)
    client.get(f"/set-password/{uuid.uuid4()}/" + "B" * 43)
    written = "".join(capfd.readouterr())
    assert "respond.show_start" in written
    assert tomas.token not in written
    assert tomas.slug not in written
    assert "AAAA" not in written
    assert "BBBB" not in written
