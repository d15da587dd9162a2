from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.models.waves import Wave
from tests.conftest import Page
from tests.web.walker import Walker
from tests.web.world import change_wave, dump, open_wave, questionnaire


def test_start_page_says_who_asks_how_long_until_when_and_who_sees_what(
    app: Flask, page: Page
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    found = page(tomas.link)
    assert found.h1 == "How is working with Kestrin going?"
    closing = utcnow() + timedelta(days=20)
    for words in (
        "Kestrin key accounts",
        "Sample data",
        "Hello Tomas Vey",
        "Aldermere Foods",
        "About 4 minutes, 3 short sections.",
        f"until {closing.day} {closing:%B %Y}",
        "This is confidential",
        "Results of 3 or more people together.",
        "Nothing is recorded before you press Start.",
    ):
        assert words in found.text
    assert found.forms == [tomas.link]


@pytest.mark.parametrize(
    ("anonymity", "words"),
    [
        ("identified", "can see your answers together with your name"),
        ("confidential", "Comments, without names, when 5 or more people wrote one."),
    ],
)
def test_start_page_spells_out_the_contract_of_the_questionnaire(
    app: Flask, page: Page, anonymity: str, words: str
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=questionnaire({"anonymity": anonymity}))
    assert words in page(tomas.link).text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("headers", [{}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch"}])
def test_reading_any_page_changes_nothing(
    app: Flask, client: FlaskClient, method: str, headers: dict[str, str]
) -> None:
    tomas, dana = open_wave(app, "Tomas Vey", "Dana Roth")
    Walker(client).start(tomas)
    before = dump(app)
    for path in (
        tomas.link,
        dana.link,
        "/r/unknown",
        f"{tomas.link}x",
        tomas.at("promises"),
        tomas.at("promises?new=what_happened"),
        tomas.at("review"),
        tomas.at("sent"),
        tomas.at("stopped"),
        tomas.at("contract"),
        tomas.at("submit"),
        dana.at("promises"),
        "/",
        "/health",
    ):
        response = client.open(path, method=method, headers=headers)
        assert response.status_code < 500
    assert dump(app) == before


def test_start_records_the_start_once_and_drops_the_token_from_the_address(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    before = dump(app)
    first = Walker(client).start(tomas)
    assert first == tomas.at("promises")
    started = dump(app)
    assert started["invitation"] != before["invitation"]
    assert {name: rows for name, rows in started.items() if name != "invitation"} == {
        name: rows for name, rows in before.items() if name != "invitation"
    }
    assert Walker(app.test_client()).start(tomas) == first
    assert dump(app) == started


def test_the_pass_is_for_one_assignment_only_and_out_of_reach_of_scripts(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    [cookie] = client.post(tomas.link).headers.getlist("Set-Cookie")
    assert cookie.startswith("answering=")
    assert tomas.token not in cookie
    for part in (f"Path=/r/{tomas.slug}", "HttpOnly", "SameSite=Lax"):
        assert part in cookie
    assert "Secure" not in cookie


def test_start_page_of_somebody_who_came_back_offers_to_go_on(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    walker = Walker(client)
    walker.start(tomas)
    found = walker.open(tomas.link)
    assert "Go on" in found.text
    assert "Nothing is recorded before you press Start" not in found.text


def test_unknown_link_is_said_to_be_unknown(app: Flask, page: Page, client: FlaskClient) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    for token in ("x", tomas.token[:-1], tomas.token.swapcase(), "%00", "ü" * 43):
        found = page(f"/r/{token}", status=404)
        assert found.h1 == "We do not know this link"
        assert client.post(f"/r/{token}").status_code == 404


def test_link_of_a_closed_wave_says_when_it_closed(
    app: Flask, page: Page, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    at = utcnow()
    change_wave(app, lambda wave: wave.close(at=at))
    found = page(tomas.link, status=410)
    assert found.h1 == "This questionnaire is closed"
    assert f"{at.day} {at:%B %Y}" in found.text
    before = dump(app)
    assert client.post(tomas.link).status_code == 410
    assert dump(app) == before


def test_link_after_the_closing_time_is_closed_even_before_the_wave_was_closed(
    app: Flask, page: Page
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")

    def end(wave: Wave) -> None:
        wave.closes_at = utcnow() - timedelta(minutes=1)

    change_wave(app, end)
    assert page(tomas.link, status=410).h1 == "This questionnaire is closed"


def test_link_of_a_paused_wave_says_to_come_back(
    app: Flask, page: Page, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")

    def pause(wave: Wave) -> None:
        wave.state = "paused"  # type: ignore[assignment]  # the column takes the value as well

    change_wave(app, pause)
    found = page(tomas.link, status=403)
    assert found.h1 == "This questionnaire is paused"
    assert "What you have answered so far is kept" in found.text
    assert client.post(tomas.link).status_code == 403


def test_several_questionnaires_of_one_link_are_listed_and_answered_in_any_order(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", suppliers=2)
    walker = Walker(client)
    assert "2 business relationships" in walker.open(tomas.link).text
    overview = walker.open(walker.start(tomas))
    assert overview.h1 == "Your questionnaires"
    assert {"Kestrin 1", "Kestrin 2"} <= set(overview.links.values())
    second = overview.link("Kestrin 2")
    assert walker.open(second).h1 == "Doing what Kestrin 2 promised"
    walker.answer(second, delivers="6")
    again = walker.open(f"/r/{tomas.slugs[0]}/overview")
    assert "1 of 3 sections saved" in again.text


def test_the_questionnaire_speaks_the_contacts_language(app: Flask, client: FlaskClient) -> None:
    definition = questionnaire(
        {
            "translations": {
                "de": {
                    "title": "Wie läuft es mit {them}?",
                    "sections": {"promises": {"title": "Was {them} versprochen haben"}},
                }
            }
        }
    )
    [tomas] = open_wave(app, "Tomas Vey", definition=definition, locale="de-AT")
    walker = Walker(client)
    assert walker.open(tomas.link).h1 == "Wie läuft es mit Kestrin?"
    assert walker.open(walker.start(tomas)).h1 == "Was Kestrin versprochen haben"
