"""Conditions on facts about the person and the relationship, through the pages."""

import copy
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.values import FACTS
from surveyapp.services import facts, responses
from tests.web.walker import Walker
from tests.web.world import EVERY_KIND, open_wave, questionnaire, sent


def asking(condition: str) -> Questionnaire:
    """The usual questionnaire with one required question more, under a condition."""
    sections = copy.deepcopy(EVERY_KIND["sections"])
    extra = {"id": "tender", "kind": "text", "text": "How was the tender?", "required": True}
    sections[2]["items"].append({**extra, "visible_if": condition})
    return questionnaire({"sections": sections})


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        ("contact.function == 'procurement'", True),
        ("contact.function == 'it'", False),
        ("contact.side == 'buyer' and delivers >= 6", True),
        ("relationship.region == 'North'", False),
        ("relationship.annual_value > 1000000", False),
        ("kpi.on_time < 0.9", False),
    ],
)
def test_a_question_on_facts_is_asked_and_required_of_those_it_concerns(
    app: Flask, client: FlaskClient, condition: str, *, is_asked: bool
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=asking(condition))
    walker = Walker(client)
    walker.start(tomas)
    walker.answer(tomas.at("promises"), delivers="6")
    page = walker.open(tomas.at("own_words"))
    assert ("How was the tender?" in page.text) is is_asked
    review = walker.open(tomas.at("review"))
    form = {"page_token": review.hidden("page_token")}
    response = client.post(tomas.at("submit"), data=form)
    assert response.status_code == (422 if is_asked else 303)
    if is_asked:
        walker.answer(tomas.at("own_words"), tender="Fair.")
        review = walker.open(tomas.at("review"))
        form = {"page_token": review.hidden("page_token")}
        assert client.post(tomas.at("submit"), data=form).status_code == 303
    assert ("tender" in sent(app, tomas.slug)[0]) is is_asked


def test_every_fact_that_is_supplied_is_one_the_check_knows(app: Flask) -> None:
    [tomas] = open_wave(app, "Tomas Vey")
    with app.app_context():
        found = responses.answering(db.session(), tomas.slug, at=utcnow())
        found.relationship.annual_value = Decimal(1)
        found.relationship.renewal_on = date(2027, 1, 1)
        found.relationship.region = found.relationship.segment = "North"
        supplied = facts.about(found.assignment, found.relationship)
    for source, names in supplied.items():
        assert set(names) <= set(FACTS[source])
    assert set(supplied["contact"]) == set(FACTS["contact"])
