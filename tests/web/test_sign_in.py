"""Accounts on the web: signing in, out, everywhere; passwords chosen, forgotten, changed."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.services import sessions, users
from surveyapp.web.rate_limits import Limit, count
from tests import factories
from tests.conftest import check_page
from tests.web.console_world import PASSWORD, make_user, sign_in, token_of

EMAIL = "maren@kestrin.example"
NEW = "seven clouds over Graz"


@pytest.fixture(autouse=True)
def kestrin(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        factories.make_programme(session)


@pytest.fixture
def maren(app: Flask) -> FlaskClient:
    """A browser nobody is signed in with yet; Maren has an account and owns a programme."""
    make_user(app, EMAIL, password=True)
    sign_in(app, "kestrin", email=EMAIL)
    return app.test_client()


def post(
    client: FlaskClient,
    path: str,
    page: str = "",
    *,
    address: str = "127.0.0.1",
    **fields: str,
) -> TestResponse:
    data = {"csrf_token": token_of(client, page or path), **fields}
    return client.post(path, data=data, environ_base={"REMOTE_ADDR": address})


def enter(client: FlaskClient, password: str = PASSWORD, email: str = EMAIL, **more: str) -> int:
    return post(client, "/sign-in", email=email, password=password, **more).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def link_of(app: Flask, email: str = EMAIL) -> str:
    with app.app_context():
        user = users.find(db.session(), email)
        return users.password_link(user, base_url="", secret_key=state().settings.secret_key)


def test_the_right_password_opens_the_page_that_was_asked_for(maren: FlaskClient) -> None:
    offered = check_page(maren.get("/p/kestrin/results"), status=404).link("Sign in")
    assert offered == "/sign-in?next=/p/kestrin/results"
    check_page(maren.get(offered))
    response = post(
        maren,
        "/sign-in",
        offered,
        email=EMAIL.upper(),
        password=PASSWORD,
        next="/p/kestrin/results",
    )
    assert (response.status_code, response.location) == (303, "/p/kestrin/results")
    assert check_page(maren.get("/p/kestrin/results")).h1 == "Results"


@pytest.mark.parametrize(
    "target", ["//evil.example", "///evil.example", "/\\evil.example", "https://evil.example", "x"]
)
def test_signing_in_never_leads_to_another_host(maren: FlaskClient, target: str) -> None:
    response = post(maren, "/sign-in", email=EMAIL, password=PASSWORD, next=target)
    assert response.location == "/"


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(maren: FlaskClient) -> None:
    wrong = post(maren, "/sign-in", email=EMAIL, password="no")
    unknown = post(maren, "/sign-in", email="who@kestrin.example", password="no")
    for response in (wrong, unknown):
        found = check_page(response, status=422)
        assert "Address or password is wrong." in found.text
    assert not is_in(maren)


def test_an_account_without_a_password_lets_nobody_in(app: Flask, maren: FlaskClient) -> None:
    make_user(app, "new@kestrin.example")
    assert enter(maren, "", email="new@kestrin.example") == 422
    assert enter(maren, "\0", email="new@kestrin.example") == 422


def test_tries_on_one_account_end_after_ten_but_not_in_its_owners_browser(
    app: Flask, maren: FlaskClient
) -> None:
    assert enter(maren) == 303
    post(maren, "/sign-out", "/account")
    stranger = app.test_client()
    refused = [enter(stranger, "no") for _ in range(11)]
    assert refused == [422] * 10 + [429]
    assert enter(stranger) == 429
    assert enter(maren) == 303


def test_an_office_behind_one_address_is_not_locked_out_by_one_of_them(
    app: Flask, maren: FlaskClient
) -> None:
    make_user(app, "ivo@kestrin.example", password=True)
    for _ in range(11):
        refused = enter(maren, "no")
    assert refused == 429
    assert enter(app.test_client(), email="ivo@kestrin.example") == 303


def test_many_accounts_tried_from_one_address_end_too(app: Flask, maren: FlaskClient) -> None:
    client = app.test_client()
    with app.app_context():
        for _ in range(99):  # as wrong passwords for 99 other accounts do
            assert count(Limit.ADDRESS, "127.0.0.1")
    assert enter(client, "no", email="100@x.example") == 422
    assert enter(client) == 429
    elsewhere = post(client, "/sign-in", email=EMAIL, password=PASSWORD, address="192.0.2.7")
    assert elsewhere.status_code == 303


def test_limits_end_after_a_quarter_of_an_hour(maren: FlaskClient) -> None:
    for _ in range(11):
        enter(maren, "no")
    with time_machine.travel(utcnow() + timedelta(minutes=16), tick=False):
        assert enter(maren) == 303


def test_a_session_ends_when_unused_for_two_hours(maren: FlaskClient) -> None:
    enter(maren)
    with time_machine.travel(utcnow() + timedelta(hours=2, minutes=1), tick=False):
        assert not is_in(maren)


def test_a_session_in_use_lasts_twelve_hours_and_no_longer(maren: FlaskClient) -> None:
    enter(maren)
    start = utcnow()
    for hours in range(1, 12):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert is_in(maren)
    with time_machine.travel(start + timedelta(hours=12, minutes=1), tick=False):
        assert not is_in(maren)


def test_signing_out_ends_the_session_for_a_copied_cookie_too(maren: FlaskClient) -> None:
    enter(maren)
    stolen = maren.get_cookie("session")
    assert stolen is not None
    post(maren, "/sign-out", "/account")
    assert not is_in(maren)
    maren.set_cookie("session", stolen.value)
    assert not is_in(maren)


def test_signing_out_everywhere_ends_every_browser(app: Flask, maren: FlaskClient) -> None:
    phone = app.test_client()
    enter(maren)
    enter(phone)
    assert post(maren, "/account/sessions/end", "/account").location == "/sign-in"
    assert not is_in(maren)
    assert not is_in(phone)


def test_another_browser_is_ended_alone_and_nobody_elses_can_be(
    app: Flask, maren: FlaskClient
) -> None:
    phone = app.test_client()
    enter(maren)
    enter(phone)
    page = check_page(maren.get("/account"))
    [address] = [each for each in page.forms if each.endswith("/end") and "sessions/" in each][:1]
    other = sign_in(app, "kestrin", email="ivo@kestrin.example")
    assert post(other, address, "/account").status_code == 404
    assert is_in(phone)
    assert post(maren, address, "/account").status_code == 303
    assert is_in(maren)
    assert not is_in(phone)


def test_a_link_sets_a_password_once(app: Flask) -> None:
    make_user(app, "new@kestrin.example")
    link, client = link_of(app, "new@kestrin.example"), app.test_client()
    assert "new@kestrin.example" in check_page(client.get(link)).html
    assert post(client, link, password=NEW).location == "/sign-in"
    assert enter(client, NEW, email="new@kestrin.example") == 303
    assert client.get(link).status_code == 404


def test_a_link_ends_after_three_days_and_with_the_account(app: Flask) -> None:
    make_user(app, "new@kestrin.example")
    link, client = link_of(app, "new@kestrin.example"), app.test_client()
    with time_machine.travel(utcnow() + timedelta(days=3, minutes=1), tick=False):
        assert client.get(link).status_code == 404
    with app.app_context(), transaction() as session:
        users.disable(session, users.find(session, "new@kestrin.example"), at=utcnow())
    assert client.get(link).status_code == 404
    assert client.get(link[:-1] + "x").status_code == 404


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12"),
        ("x" * 201, "at most 200"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("password1234", "leaked"),
        ("maren@kestrin.example", "made of your name"),
        ("surveyapp123", "made of your name"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason_beside_it(
    app: Flask, maren: FlaskClient, password: str, words: str
) -> None:
    link = link_of(app)
    found = check_page(post(app.test_client(), link, password=password), status=422)
    assert words in found.text
    assert enter(maren) == 303


def test_a_new_password_signs_every_other_browser_out(app: Flask, maren: FlaskClient) -> None:
    phone = app.test_client()
    enter(maren)
    enter(phone)
    wrong = post(maren, "/account/password", "/account", current="no", password=NEW)
    assert "not the password you have now" in check_page(wrong, status=422).text
    changed = post(maren, "/account/password", "/account", current=PASSWORD, password=NEW)
    assert changed.status_code == 303
    assert is_in(maren)
    assert not is_in(phone)
    assert enter(phone) == 422
    assert enter(phone, NEW) == 303


def test_a_name_is_changed_and_an_empty_one_refused(maren: FlaskClient) -> None:
    enter(maren)
    assert post(maren, "/account/name", "/account", name=" ").status_code == 422
    assert post(maren, "/account/name", "/account", name="Maren Holt-Vey").status_code == 303
    assert "Maren Holt-Vey" in check_page(maren.get("/account")).html


def test_a_forgotten_password_is_answered_the_same_for_every_address(
    app: Flask, maren: FlaskClient
) -> None:
    check_page(maren.get("/forgotten"))
    known = check_page(post(maren, "/forgotten", email=EMAIL)).text.replace(EMAIL, "X")
    unknown = post(maren, "/forgotten", email="no@kestrin.example")
    assert check_page(unknown).text.replace("no@kestrin.example", "X") == known
    assert check_page(post(maren, "/forgotten", email=""), status=422)


def test_a_shut_account_is_out_at_once(app: Flask, maren: FlaskClient) -> None:
    enter(maren)
    with app.app_context(), transaction() as session:
        users.disable(session, users.find(session, EMAIL), at=utcnow())
    assert not is_in(maren)
    assert enter(maren) == 422


def test_the_database_holds_neither_token_nor_password(app: Flask, maren: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        user = users.find(session, EMAIL)
        row, token = sessions.begin(session, user, browser="b", at=utcnow())
    assert len(token) >= 43
    assert token not in row.token_hash
    assert user.password_hash.startswith("$argon2id$")


def test_forms_need_their_token_and_the_cookie_is_out_of_reach(maren: FlaskClient) -> None:
    assert maren.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 400
    response = post(maren, "/sign-in", email=EMAIL, password=PASSWORD)
    for cookie in response.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
