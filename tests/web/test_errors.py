from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp import log
from surveyapp.app import create_app
from surveyapp.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    SurveyappError,
    Unavailable,
)
from surveyapp.queueing.inline import InlineQueue
from surveyapp.settings import Settings
from tests.conftest import Page, check_page


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound("no such wave"), 404, "There is no page here"),
        (Forbidden("Only owners may."), 403, "Only owners may."),
        (Conflict("The wave is closed."), 409, "The wave is closed."),
        (
            Invalid("Two cells are wrong.", [Problem("a.csv!B2", "Give a date.")]),
            422,
            "a.csv!B2: Give a date.",
        ),
        (Unavailable("The database does not answer."), 503, "The database does not answer."),
    ],
)
def test_each_refusal_is_a_page_that_says_what_to_do(
    app: Flask, client: FlaskClient, error: SurveyappError, status: int, words: str
) -> None:
    @app.get("/refuse")
    def refuse() -> str:
        raise error

    assert words in check_page(client.get("/refuse"), status=status).text


def test_an_unforeseen_error_shows_a_number_and_no_details(
    capfd: pytest.CaptureFixture[str], app: Flask, client: FlaskClient
) -> None:
    log.configure(level="INFO", as_json=False)  # onto what this test captures

    @app.get("/break")
    def break_down() -> str:
        raise RuntimeError("secret detail")

    response = client.get("/break")
    found = check_page(response, status=500)
    assert "secret" not in found.html
    assert response.headers["X-Request-ID"] in found.text
    written = "".join(capfd.readouterr())
    assert "secret detail" in written
    assert response.headers["X-Request-ID"] in written


def test_error_pages_do_not_need_the_database(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/missing/surveyapp.db"
    settings = Settings.from_env(
        {"SURVEYAPP_HOME": str(tmp_path), "SURVEYAPP_DATABASE_URL": nowhere}
    )
    app = create_app(settings, queue=InlineQueue())
    client = app.test_client()
    for path, status in (("/health", 503), ("/r/" + "x" * 43, 503), ("/", 200), ("/nothing", 404)):
        check_page(client.get(path), status=status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/", 405),
        ("PUT", "/r/x", 405),
        ("DELETE", "/health", 405),
    ],
)
def test_what_is_not_offered_is_a_page_too(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    check_page(client.open(path, method=method), status=status)


def test_health_says_that_the_database_answers(client: FlaskClient) -> None:
    response = client.get("/health")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_front_door_says_how_to_get_in_and_nothing_else(page: Page) -> None:
    found = page("/")
    assert found.h1 == "Open your personal link"
    assert found.forms == []
