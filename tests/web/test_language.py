"""The language on the pages: repetitions, named answers, answers that must agree, orders, the last wave."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.programmes import Programme
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import responses, wave_launches, waves
from tests import factories
from tests.conftest import check_page
from tests.questionnaires.feature import feature
from tests.web.walker import Walker
from tests.web.world import NEVER, Invited, draft, invitation_of, open_wave, sent


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def walker(client: FlaskClient) -> Walker:
    return Walker(client)


def begin(app: Flask, walker: Walker, name: str) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature(name))
    walker.start(tomas)
    return tomas


def test_a_section_is_asked_for_each_thing_chosen_and_only_these_are_sent(
    app: Flask, walker: Walker
) -> None:
    tomas = begin(app, walker, "repeated")
    assert "Section 1 of 1" in walker.open(tomas.at("places")).text
    lyon = walker.answer(tomas.at("places"), sites=["lyon", "berlin"])
    assert lyon == tomas.at("site@berlin"), "in the order offered"
    page = walker.open(lyon)
    assert page.h1 == "Berlin"
    assert "Kestrin in Berlin are fast." in page.text
    assert "Section 2 of 3" in page.text
    again = walker.answer(lyon, **{"fast@berlin": "2", "fast@berlin.comment": "Traffic"})
    assert again.startswith(tomas.at("site@berlin"))
    assert "What slows Berlin down?" in walker.open(again).text
    assert walker.answer(again, **{"late@berlin": "4"}) == tomas.at("site@lyon")
    walker.answer(tomas.at("site@lyon"), **{"fast@lyon": "5"})
    walker.answer(tomas.at("places"), sites=["lyon"])
    walker.open(tomas.at("site@berlin"), status=404)
    walker.open(tomas.at("site@paris"), status=404)
    assert "Berlin" not in walker.open(tomas.at("review")).text
    assert walker.submit(tomas).status_code == 303
    assert sent(app, tomas.slug) == [{"sites": ["lyon"], "fast@lyon": 5}]
    assert draft(app, tomas.slug)["fast@berlin"] == 2, "kept in the draft"


def test_texts_name_earlier_answers_as_text(app: Flask, walker: Walker) -> None:
    tomas = begin(app, walker, "named")
    words = "<script>alert(1)</script> & sons"
    walker.answer(tomas.at("first"), project=words, partner="them", cost="1200.5")
    page = walker.open(tomas.at("second"))
    assert page.h1 == f"About {words}"
    assert "Led by Kestrin, until …, for 1,200.5 EUR." in page.text
    assert "<script>alert" not in page.html


def test_answers_that_do_not_agree_are_named_on_their_page_and_before_sending(
    app: Flask, walker: Walker
) -> None:
    tomas = begin(app, walker, "checked")
    path, sentence = tomas.at("amounts"), "That is more than you spend in all."
    found = check_page(walker.fill(walker.open(path), spend="100", with_them="101"), status=422)
    assert found.text.count(sentence) == 2
    assert found.as_posted()["q_with_them"] == ["101"]
    assert draft(app, tomas.slug) == {}
    assert walker.answer(path, "stop", spend="100", with_them="101") == tomas.at("stopped")
    review = walker.open(tomas.at("review"))
    assert "One answer needs a look" in review.text
    assert review.text.count(sentence) == 2
    assert check_page(walker.submit(tomas), status=422)
    tomorrow = (utcnow() + timedelta(days=2)).date().isoformat()
    refused = walker.fill(walker.open(tomas.at("dates")), since=tomorrow)
    assert "That day has not come yet." in check_page(refused, status=422).text
    walker.answer(path, with_them="100")
    assert walker.submit(tomas).status_code == 303


def test_calculated_values_are_sent_with_the_answers(app: Flask, walker: Walker) -> None:
    tomas = begin(app, walker, "calculated")
    reasons = walker.answer(tomas.at("statements"), fast="3", clear="4")
    assert "You give 3.5 of 5 for service, which is mixed. Why?" in walker.open(reasons).text
    walker.answer(reasons, why="Slow.")
    assert "service" not in draft(app, tomas.slug)
    walker.submit(tomas)
    assert sent(app, tomas.slug) == [
        {"fast": 3, "clear": 4, "service": 3.5, "mood": "mixed", "why": "Slow."}
    ]


def test_each_person_has_an_order_and_keeps_it(app: Flask, walker: Walker) -> None:
    people = open_wave(app, *(f"Person {n}" for n in range(8)), definition=feature("shuffled"))
    orders = set()
    for person in people:
        with app.app_context(), reading() as session:
            looks = [responses.answering(session, person.slug, at=utcnow()) for _ in range(2)]
        first, again = ([item.id for _, item in look.questionnaire.items()] for look in looks)
        assert first == again
        orders.add(tuple(first))
    assert len(orders) > 1


def ask_again(app: Flask, definition: Questionnaire) -> Invited:
    """Open another wave about the same relationship for the same person."""
    at = utcnow()
    with app.app_context():
        with transaction() as session:
            contact = session.scalars(select(Contact)).one()
            programme = session.scalars(select(Programme)).one()
            wave = factories.make_wave(
                session, programme, definition, at=at, slug="again", guard_days=0
            )
            waves.launch(session, wave, by="test", at=at)
        wave_launches.invite_all(
            reading,
            transaction,
            wave.id,
            link_key=state().settings.link_key,
            now=utcnow,
            progress=NEVER,
        )
        return invitation_of(wave.id, contact.id)


def of_version(version: int, **changes: object) -> Questionnaire:
    return feature("last-wave").model_copy(update={"version": version, **changes})


def test_the_last_wave_is_what_the_same_person_said_before(app: Flask, walker: Walker) -> None:
    tomas = begin(app, walker, "last-wave")
    walker.answer(tomas.at("now"), fast="4", used=["portal"])
    assert walker.submit(tomas).status_code == 303
    again = ask_again(app, of_version(2))
    walker.start(again)
    assert "?new=worse#" in walker.answer(again.at("now"), fast="2")
    assert "?new=better#" in walker.answer(again.at("now"), fast="5")


def test_a_last_wave_under_another_promise_is_not_looked_at(app: Flask, walker: Walker) -> None:
    confidential = of_version(1, anonymity=Anonymity.CONFIDENTIAL)
    [tomas] = open_wave(app, "Tomas Vey", definition=confidential)
    walker.start(tomas)
    walker.answer(tomas.at("now"), fast="4", used=["portal"])
    assert walker.submit(tomas).status_code == 303
    again = ask_again(app, of_version(2))
    walker.start(again)
    assert walker.answer(again.at("now"), fast="2") == again.at("review")


def test_what_was_not_sent_is_no_last_wave(app: Flask, walker: Walker) -> None:
    tomas = begin(app, walker, "last-wave")
    walker.answer(tomas.at("now"), fast="4")
    again = ask_again(app, of_version(2))
    walker.start(again)
    assert walker.answer(again.at("now"), fast="5") == again.at("review")
