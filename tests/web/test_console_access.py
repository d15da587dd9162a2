from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, state
from surveyapp.services import access, programmes
from surveyapp.web import guards
from surveyapp.web.guards import requires
from tests.conftest import check_page
from tests.web.walker import Walker
from tests.web.world import dump, open_wave


@pytest.fixture
def link(app: Flask) -> str:
    open_wave(app, "Tomas Vey")
    return make_link(app, "kestrin")


def make_link(app: Flask, slug: str) -> str:
    with app.app_context():
        programme = programmes.find(db.session(), slug)
        settings = state().settings
        link = access.make_link(
            programme, base_url=settings.base_url, secret_key=settings.secret_key
        )
    return link.removeprefix(settings.base_url)


@pytest.fixture
def guarded(app: Flask) -> Flask:
    @app.get("/guarded")
    @requires("results.read")
    def guarded() -> str:
        return guards.programme().name

    return app


def test_link_opens_only_by_a_button_and_lets_in_for_its_programme(
    guarded: Flask, client: FlaskClient, link: str
) -> None:
    open_wave(guarded, "Dana Roth", slug="other")
    before = dump(guarded)
    walker = Walker(client)
    found = walker.open(link)
    assert found.h1 == "Open the results of Kestrin key accounts"
    assert client.get("/guarded").status_code == 404
    response = client.post(found.forms[0], data=found.as_posted())
    assert response.status_code == 303
    assert client.get("/guarded").get_data(as_text=True) == "Kestrin key accounts"
    assert dump(guarded) == before


def test_a_stranger_cannot_tell_a_guarded_page_from_no_page(
    guarded: Flask, client: FlaskClient, link: str
) -> None:
    hidden = check_page(client.get("/guarded"), status=404)
    absent = check_page(client.get("/nothing"), status=404)
    assert hidden.text == absent.text


def test_signing_out_closes_the_door(guarded: Flask, client: FlaskClient, link: str) -> None:
    walker = Walker(client)
    found = walker.open(link)
    client.post(link, data=found.as_posted())
    token = walker.open(link).hidden("csrf_token")
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert client.get("/guarded").status_code == 404


def test_opening_needs_the_forms_own_token(client: FlaskClient, link: str) -> None:
    response = client.post(link)
    assert check_page(response, status=400).h1 == "This page was open too long"


def test_link_and_session_end_after_half_a_day(
    guarded: Flask, client: FlaskClient, link: str
) -> None:
    found = Walker(client).open(link)
    client.post(link, data=found.as_posted())
    with time_machine.travel(utcnow() + timedelta(hours=13), tick=False):
        assert client.get("/guarded").status_code == 404
        late = check_page(client.get(link), status=410)
        assert late.h1 == "This link has run out"


@pytest.mark.parametrize("token", ["x", "e30.x.y", "%00"])
def test_a_forged_link_is_no_page(client: FlaskClient, token: str) -> None:
    check_page(client.get(f"/open/{token}"), status=404)


def test_a_link_signed_with_another_key_is_refused(app: Flask, link: str) -> None:
    with pytest.raises(NotFound):
        access.read_link(link.removeprefix("/open/"), secret_key=b"another" * 8)


def test_console_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: FlaskClient, link: str
) -> None:
    found = Walker(client).open(link)
    cookie = client.post(link, data=found.as_posted()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
