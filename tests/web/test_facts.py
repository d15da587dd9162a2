"""Conditions on facts about the person and the relationship, through the pages."""

import copy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.invitations import Assignment
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.values import FACTS
from surveyapp.services import facts, kpis, responses
from tests.services.kpi_world import define, load, share
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


def test_a_condition_on_a_kpi_reads_what_was_known_when_the_wave_was_launched(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", definition=asking("kpi.on_time < 0.9"))

    def is_asked() -> bool:
        with app.app_context():
            found = responses.answering(db.session(), tomas.slug, at=utcnow())
            shown = rules.path(found.questionnaire, found.answers, found.sources).pages
            return "tender" in [item.id for page in shown for item in page.items]

    with app.app_context(), transaction() as session:
        assignment = session.scalars(select(Assignment).where(Assignment.slug == tomas.slug)).one()
        programme = session.get_one(Programme, assignment.programme_id)
        relationship = session.get_one(Relationship, assignment.relationship_id)
        wave = session.get_one(Wave, assignment.wave_id)
        assert wave.launched_at is not None
        supplier = session.get_one(Organisation, relationship.supplier_id)
        define(session, programme, share())
        head = "organisation,from,until,on_time_numerator,on_time_denominator\n"
        day = wave.launched_at.date() - timedelta(days=30)

        text = f"{head}{supplier.reference},{day},{day},5,10\n"
        load(session, programme, text, at=wave.launched_at - timedelta(days=1))
    assert is_asked()
    with app.app_context(), transaction() as session:
        programme = session.get_one(Programme, programme.id)
        text = text.replace(",5,10", ",10,10")
        load(session, programme, text, at=utcnow() + timedelta(minutes=1))
        kpi = kpis.find(session, programme, "on_time")
        kpis.retire(session, programme, kpi, by="test", at=utcnow())
    assert is_asked(), "the path does not move under somebody who answers"
