"""Asked no more: by the link in the mail, by a mail program's own button, and back again."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp import log
from surveyapp.extensions import reading
from surveyapp.models.accounts import Contact
from surveyapp.models.audit import AuditEvent
from tests.conftest import Page, check_page
from tests.web.world import dump, open_wave


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def token(app: Flask) -> Iterator[str]:
    [ann, _bo] = open_wave(app, "Ann", "Bo")
    with app.app_context():
        yield ann.token


def opted_out() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Contact.name).where(Contact.opted_out_at.is_not(None))))


def events() -> list[str]:
    with reading() as session:
        found = session.scalars(select(AuditEvent.action).order_by(AuditEvent.number))
        return [action for action in found if action.startswith("contact.")]


def test_opening_the_page_changes_nothing(app: Flask, token: str, page: Page) -> None:
    before = dump(app)
    shown = page(f"/stop/{token}")
    assert shown.h1 == "Do you not want to be asked again?"
    assert "ann@example.com" in shown.text
    assert "Kestrin key accounts asks" in shown.text
    assert dump(app) == before


def test_the_button_stops_it_for_this_person_and_says_so(
    app: Flask, token: str, client: FlaskClient
) -> None:
    answer = client.post(f"/stop/{token}")
    assert answer.status_code == 303
    assert answer.location == f"/stop/{token}"
    assert opted_out() == ["Ann"]
    shown = check_page(client.get(answer.location))
    assert shown.h1 == "You will not be asked again"
    client.post(f"/stop/{token}")
    assert events() == ["contact.opted_out"], "pressing twice is pressing once"


def test_a_mail_program_stops_it_with_one_post_and_follows_no_redirect(
    app: Flask, token: str
) -> None:
    provider = app.test_client(use_cookies=False)
    answer = provider.post(f"/stop/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert opted_out() == ["Ann"]


def test_who_stopped_by_mistake_takes_it_back(app: Flask, token: str, client: FlaskClient) -> None:
    client.post(f"/stop/{token}")
    assert client.post(f"/stop/{token}/back").status_code == 303
    assert opted_out() == []
    client.post(f"/stop/{token}/back")
    assert events() == ["contact.opted_out", "contact.opted_in"]
    assert check_page(client.get(f"/stop/{token}")).h1 == "Do you not want to be asked again?"


def test_neither_the_record_nor_the_log_names_the_token(
    capfd: pytest.CaptureFixture[str], app: Flask, token: str, client: FlaskClient
) -> None:
    log.configure(level="INFO", as_json=False)  # writes to where this test reads
    answer = client.post(f"/stop/{token}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(f"/stop/{token}").headers["Referrer-Policy"] == "no-referrer"
    assert token not in repr(dump(app))
    captured = capfd.readouterr()
    assert "stop.stop" in captured.out + captured.err
    assert token not in captured.out + captured.err


@pytest.mark.parametrize("unknown", ["x", "a" * 43, "%00", "ü" * 50])
def test_an_unknown_link_is_not_found(app: Flask, unknown: str, client: FlaskClient) -> None:
    assert check_page(client.get(f"/stop/{unknown}"), status=404).h1 == "We do not know this link"
    assert client.post(f"/stop/{unknown}").status_code == 404
    assert client.post(f"/stop/{unknown}/back").status_code == 404
