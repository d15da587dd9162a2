"""What was sent: seen again, kept as a copy, taken up and corrected where the contract allows it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.responses import Response
from surveyapp.services import submissions
from tests.conftest import check_page
from tests.web.walker import Walker
from tests.web.world import Invited, change_wave, draft, dump, open_wave, questionnaire, sent


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    """Somebody who has sent two answers."""
    walker = Walker(client)
    walker.start(tomas)
    walker.answer(tomas.at("promises"), delivers="4")
    walker.answer(tomas.at("own_words"), change_first="Call\nearlier.")
    assert walker.submit(tomas).location == tomas.at("sent")
    return walker


def press(walker: Walker, tomas: Invited, action: str) -> str:
    response = walker.client.post(tomas.at(action))
    assert response.status_code == 303
    return str(response.location)


def test_the_copy_says_in_words_what_was_sent_and_is_reached_from_link_and_receipt(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    assert walker.open(tomas.at("sent")).link("See what you sent") == tomas.at("copy")
    elsewhere = Walker(app.test_client())
    assert elsewhere.open(tomas.link).h1 == "You have already answered"
    before = dump(app)
    assert elsewhere.client.post(tomas.link).location == tomas.at("sent")
    copy = elsewhere.open(tomas.at("copy"))
    assert "Tomas Vey about Kestrin, sent on" in copy.text
    assert "Kestrin deliver what was promised. 4: Neither" in copy.text
    assert "Call earlier." in copy.text
    assert dump(app) == before
    assert Walker(app.test_client()).client.get(tomas.at("copy")).status_code == 403


def test_there_is_no_copy_before_anything_is_sent(app: Flask, client: FlaskClient) -> None:
    [dana] = open_wave(app, "Dana Roth", slug="early")
    walker = Walker(client)
    walker.start(dana)
    walker.open(dana.at("copy"), status=404)


def test_what_was_sent_is_taken_up_changed_and_sent_as_a_further_revision(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    assert press(walker, tomas, "correct") == tomas.at("review")
    review = walker.open(tomas.at("review"))
    assert "Change what you like and send it again" in review.text
    assert "Send the changed answers" in review.html
    walker.answer(tomas.at("promises"), delivers="6")
    assert sent(app, tomas.slug) == [{"delivers": 4, "change_first": "Call\nearlier."}]
    assert "4: Neither" in walker.open(tomas.at("copy")).text, "the copy is of what was sent"
    page = walker.open(tomas.at("review"))
    [submit] = [form for form in page.forms if form.endswith("/submit")]
    for _ in range(2):
        assert walker.client.post(submit, data=page.as_posted()).location == tomas.at("sent")
    assert [each["delivers"] for each in sent(app, tomas.slug)] == [4, 6]
    receipt = walker.open(tomas.at("sent"))
    assert "These answers replace those you sent first" in receipt.text
    assert walker.open(tomas.at("promises")).h1 == "You have already answered"


def test_changes_can_be_dropped_and_a_page_left_open_does_not_bring_them_back(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    press(walker, tomas, "correct")
    walker.answer(tomas.at("promises"), delivers="1")
    left_open = walker.open(tomas.at("promises"))
    assert press(walker, tomas, "keep") == tomas.at("sent")
    assert draft(app, tomas.slug) == {"delivers": 4, "change_first": "Call\nearlier."}
    assert [each["delivers"] for each in sent(app, tomas.slug)] == [4]
    press(walker, tomas, "correct")
    assert walker.fill(left_open, fixes_cause="2").status_code == 303
    now = {"delivers": 4, "fixes_cause": 2, "change_first": "Call\nearlier."}
    assert draft(app, tomas.slug) == now, "what the page did not touch stays as it was sent"


def test_a_correction_not_sent_before_the_close_counts_for_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    press(walker, tomas, "correct")
    walker.answer(tomas.at("promises"), delivers="1")
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    assert walker.open(tomas.at("review")).h1 == "You have already answered"
    assert "4: Neither" in walker.open(tomas.at("copy")).text
    receipt = walker.open(tomas.at("sent"))
    assert "Change my answers" not in receipt.text
    refused = check_page(walker.client.post(tomas.at("correct")), status=409)
    assert refused.h1 == "What you sent stands"
    assert [each["delivers"] for each in sent(app, tomas.slug)] == [4]


@pytest.mark.parametrize("anonymous", ["all", "one"])
def test_an_anonymous_answer_is_sent_once_and_has_no_copy_after_the_close(
    app: Flask, client: FlaskClient, anonymous: str
) -> None:
    changes: dict[str, object] = {"anonymity": "anonymous"}
    if anonymous == "one":
        sections = questionnaire().model_dump(mode="json")["sections"]
        sections[2]["items"][0]["anonymity"] = "anonymous"
        changes = {"sections": sections}
    names = ["Dana Roth", "Jun Abe", "Lea Finch", "Mika Dorn", "Ines Marl"]
    dana, *_ = open_wave(app, *names, definition=questionnaire(changes), slug="secret")
    walker = Walker(client)
    walker.start(dana)
    walker.answer(dana.at("promises"), delivers="4")
    assert "You send once" in walker.open(dana.at("review")).text
    walker.submit(dana)
    assert "Change my answers" not in walker.open(dana.at("sent")).text
    assert walker.client.post(dana.at("correct")).status_code == 409
    assert "4: Neither" in walker.open(dana.at("copy")).text
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    walker.open(dana.at("copy"), status=404 if anonymous == "all" else 200)
    assert ("Your copy" in walker.open(dana.at("sent")).text) == (anonymous == "one")


def test_a_corrected_answer_says_by_which_hand_each_revision_came(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    press(walker, tomas, "correct")
    entry = submissions.Entry(submissions.ResponseMode.PHONE, "user:lena@kestrin.example")
    with app.app_context():
        with transaction() as session:
            submissions.submit(session, tomas.slug, at=utcnow(), entry=entry)
        found = db.session.execute(
            select(Response.revision, Response.mode, Response.entered_by).order_by(
                Response.revision
            )
        ).all()
    assert found == [(1, "self", None), (2, "phone", "user:lena@kestrin.example")]
    assert "An interviewer put the answers in." in walker.open(tomas.at("copy")).text
