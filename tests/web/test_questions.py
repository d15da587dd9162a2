"""All the questions, read before the first is answered."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from tests.conftest import Page
from tests.web.walker import Walker
from tests.web.world import change_wave, dump, open_wave


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def test_every_question_is_there_with_how_it_is_answered_and_reading_changes_nothing(
    app: Flask, page: Page
) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    before = dump(app)
    address = page(tomas.link).link("Read all the questions first")
    found = page(address)
    assert found.h1 == "All the questions"
    for words in (
        "As they are asked about Kestrin.",
        "Kestrin deliver what was promised. 1 (Strongly disagree) to 7 (Strongly agree), or: No basis to judge",
        "Asked because promises were not kept. In your own words Only asked when other answers",
        "How do you like these? Equipment Sales support 1 (Very low) to 5 (Very high)",
        "0 (Not at all likely) to 10 (Extremely likely)",
        "Choose one of these, or: That is not my role Yes No",
        "Choose any of these Portal Hotline Visits",
        "How many orders a month? A number",
        "When was the last visit? A date",
    ):
        assert words in found.text
    assert found.link("Back") == tomas.link
    assert dump(app) == before


def test_questions_are_numbered_through_as_in_the_pdf(app: Flask, client: FlaskClient) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    text = client.get(f"{tomas.link}/questions").get_data(as_text=True)
    assert re.findall(r'<ol class="question-list" start="(\d+)"', text) == ["1", "4", "11"]


def test_they_are_there_on_the_way_too_and_after_the_close_no_more(
    app: Flask, client: FlaskClient, page: Page
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", suppliers=2)
    assert "The same is asked about Kestrin 2." in page(f"{tomas.link}/questions").text
    walker = Walker(client)
    walker.start(tomas)
    address = walker.open(tomas.at("promises")).link("All the questions")
    assert "Kestrin" in walker.open(address).text
    assert walker.open(tomas.at("overview")).link("All the questions") == address
    page(address, status=404, through=app.test_client())
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    assert page(f"{tomas.link}/questions", status=410).h1 == "This questionnaire is closed"
