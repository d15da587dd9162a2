"""A page that is posted after its answers were sent: kept or shown, never counted unasked, never lost."""

import copy
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from surveyapp.clock import utcnow
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services.responses import Answering
from surveyapp.web.respond import late_pages
from tests.conftest import Checked, check_page
from tests.jobs.test_erasing_unsent import KEPT, close, reopen, tick
from tests.web.walker import Walker
from tests.web.world import (
    EVERY_KIND,
    Invited,
    change_wave,
    draft,
    dump,
    held,
    open_wave,
    questionnaire,
    sent,
)

SENT = {"delivers": 4, "change_first": "Call earlier."}


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def phone(client: FlaskClient, tomas: Invited) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    walker.answer(tomas.at("promises"), delivers="4")
    walker.answer(tomas.at("own_words"), change_first="Call earlier.")
    return walker


@pytest.fixture
def laptop(app: Flask, tomas: Invited) -> Walker:
    walker = Walker(app.test_client())
    walker.start(tomas)
    return walker


def press(walker: Walker, tomas: Invited, action: str) -> str:
    response = walker.client.post(tomas.at(action))
    assert response.status_code == 303
    return str(response.location)


def test_a_page_sent_too_late_is_kept_beside_what_was_sent_and_taken_over_into_a_correction(
    app: Flask, phone: Walker, laptop: Walker, tomas: Invited
) -> None:
    # the laptop's page was opened before the phone changed another answer of it
    page = laptop.open(tomas.at("promises"))
    phone.answer(tomas.at("promises"), delivers="5")
    phone.submit(tomas)
    for _ in range(2):
        late = laptop.fill(page, fixes_cause="2")
        assert late.location == tomas.at("sent")
    receipt = laptop.open(tomas.at("sent"))
    assert "Typed, but not sent" in receipt.text
    assert "You typed: 2" in receipt.text
    assert "You sent no answer." in receipt.text
    assert "deliver what was promised" not in receipt.text, "the page left that alone"
    assert sent(app, tomas.slug) == [{**SENT, "delivers": 5}]
    assert "fixes_cause" not in draft(app, tomas.slug)
    assert "You typed: 2" in phone.open(tomas.at("sent")).text, "any device of theirs shows it"

    assert press(laptop, tomas, "correct") == tomas.at("promises")
    again = laptop.open(tomas.at("promises"))
    assert "Please look this over and save it" in again.text
    assert again.as_posted()["q_delivers"] == ["5"]
    assert again.as_posted()["q_fixes_cause"] == ["2"]
    laptop.fill(again)
    assert held(app) == 0
    laptop.submit(tomas)
    assert sent(app, tomas.slug) == [
        {**SENT, "delivers": 5},
        {**SENT, "delivers": 5, "fixes_cause": 2},
    ]
    assert "Typed, but not sent" not in laptop.open(tomas.at("sent")).text


def test_a_late_page_is_dropped_when_its_person_says_so(
    app: Flask, phone: Walker, laptop: Walker, tomas: Invited
) -> None:
    page = laptop.open(tomas.at("own_words"))
    phone.submit(tomas)
    assert laptop.fill(page, change_first="").location == tomas.at("sent")
    assert "You left it empty." in laptop.open(tomas.at("sent")).text
    assert held(app) == 1
    assert press(laptop, tomas, "keep") == tomas.at("sent")
    assert held(app) == 0
    assert "Typed, but not sent" not in laptop.open(tomas.at("sent")).text
    assert sent(app, tomas.slug) == [SENT]
    assert draft(app, tomas.slug) == SENT


def test_a_page_sent_again_by_the_back_button_that_says_nothing_new_is_no_late_page(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    before = dump(app)
    found = check_page(phone.fill(page))
    assert found.h1 == "You have already answered"
    assert dump(app) == before


def test_a_late_page_without_the_pass_is_kept_and_shows_nothing_stored(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    stranger = Walker(app.test_client())
    kept = check_page(stranger.fill(page, change_first="Write instead."), status=202)
    assert "Your answers had been sent before" in kept.text
    assert "Call earlier." not in kept.text
    assert stranger.client.post(tomas.link).location == tomas.at("sent")
    receipt = stranger.open(tomas.at("sent"))
    assert "You typed: Write instead." in receipt.text
    assert "You sent: Call earlier." in receipt.text


@pytest.mark.parametrize("typed", ["Call earlier.", "Write instead."])
@pytest.mark.parametrize("is_closed", [False, True])
def test_without_the_pass_a_guess_at_what_was_sent_reads_like_any_other(
    app: Flask, phone: Walker, laptop: Walker, tomas: Invited, typed: str, *, is_closed: bool
) -> None:
    phone.answer(tomas.at("own_words"), change_first="")
    page = laptop.open(tomas.at("own_words"))
    phone.answer(tomas.at("own_words"), change_first="Call earlier.")
    phone.submit(tomas)
    if is_closed:
        change_wave(app, lambda wave: wave.close(at=utcnow()))
    stranger = Walker(app.test_client())
    found = check_page(
        stranger.fill(page, change_first=typed), status=409 if is_closed else 202
    ).text
    expected = f"Answer 1 You typed: {typed}" if is_closed else "Your answers had been sent before"
    assert expected in found
    assert check_page(stranger.fill(page)).h1 == "You have already answered"


def test_without_the_pass_an_option_stands_by_its_code_as_its_label_may_quote_an_answer(
    app: Flask, phone: Walker, laptop: Walker, tomas: Invited
) -> None:
    page = laptop.open(tomas.at("every_other"))
    phone.submit(tomas)
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    answers: dict[str, str | list[str]] = {"alternatives": "yes", "used": ["portal", "visits"]}
    stranger = late(Walker(app.test_client()), page, 409, **answers).text
    assert "You typed: yes" in stranger
    assert "You typed: portal, visits" in stranger
    assert "You typed: Portal and Visits" in late(laptop, page, 409, **answers).text


def test_a_late_page_is_shown_whole_after_the_draft_was_erased(
    app: Flask, phone: Walker, laptop: Walker, tomas: Invited
) -> None:
    phone.answer(tomas.at("promises"), delivers="2")  # asks what happened
    phone.answer(tomas.at("promises"), what_happened="A late truck.")
    page = laptop.open(tomas.at("promises"))
    phone.submit(tomas)
    close(app)
    tick(app, KEPT + timedelta(hours=1))
    reopen(app)
    assert draft(app, tomas.slug) == {}
    for _ in range(2):  # what hides the question again does not hide what was typed
        assert laptop.fill(page, delivers="5", what_happened="Cold food.").status_code == 303
        receipt = laptop.open(tomas.at("sent")).text
        assert "You typed: 5" in receipt
        assert "You typed: Cold food. You sent: A late truck." in receipt
        assert receipt.count("You typed:") == 2


def test_of_a_severed_answer_a_late_page_says_that_it_is_kept_beside_no_name(
    app: Flask, client: FlaskClient
) -> None:
    sections = copy.deepcopy(EVERY_KIND["sections"])
    sections[2]["items"][0]["anonymity"] = "anonymous"
    names = ["Dana Roth", "Jun Abe", "Lea Finch", "Mika Dorn", "Ines Marl"]
    dana, *_others = open_wave(app, *names, definition=questionnaire({"sections": sections}))
    walker = Walker(client)
    walker.start(dana)
    walker.answer(dana.at("promises"), delivers="4")
    walker.answer(dana.at("own_words"), change_first="Call earlier.")
    pages = [walker.open(dana.at(each)) for each in ("promises", "own_words")]
    walker.submit(dana)
    close(app)
    tick(app, timedelta(hours=1))
    assert sent(app, dana.slug) == [{"delivers": 4}]
    kept = late(walker, pages[0], 409, delivers="5").text
    assert "You typed: 5 You sent: 4" in kept
    severed = late(walker, pages[1], 409, change_first="Write.").text
    assert "You typed: Write. What you sent is no longer kept beside your name." in severed
    assert "You sent no answer" not in severed


def test_a_late_page_of_a_paused_wave_waits_until_it_goes_on(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    change_wave(app, lambda wave: wave.pause(at=utcnow()))
    assert phone.fill(page, change_first="Write.").location == tomas.at("sent")
    assert "The questionnaire is paused" in phone.open(tomas.at("sent")).text
    change_wave(app, lambda wave: wave.resume(at=utcnow()))
    assert press(phone, tomas, "correct") == tomas.at("own_words")


def late(walker: Walker, page: Checked, status: int, **answers: str | list[str]) -> Checked:
    return check_page(walker.fill(page, **answers), status=status)


def test_after_the_close_what_was_typed_is_shown_and_kept_nowhere(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    before = dump(app)
    found = late(phone, page, 409, change_first="Write.")
    assert found.h1 == "This page came after you had sent"
    assert "You typed: Write." in found.text
    assert "It could be changed until" in found.text
    assert dump(app) == before


def test_what_somebody_typed_who_never_sent_is_shown_after_the_close(
    app: Flask, laptop: Walker, tomas: Invited
) -> None:
    page = laptop.open(tomas.at("own_words"))
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    closed = late(laptop, page, 410, change_first="Too late.")
    assert closed.h1 == "This questionnaire is closed"
    assert "You typed: Too late." in closed.text
    assert "Typed" not in late(laptop, page, 410).text


def anonymous() -> Questionnaire:
    return questionnaire({"anonymity": "anonymous"})


def test_in_an_anonymous_wave_a_late_page_is_shown_with_the_reason_and_kept_nowhere(
    app: Flask, client: FlaskClient
) -> None:
    names = ["Dana Roth", "Jun Abe", "Lea Finch", "Mika Dorn", "Ines Marl"]
    dana, *_others = open_wave(app, *names, definition=anonymous(), slug="secret")
    walker = Walker(client)
    walker.start(dana)
    walker.answer(dana.at("promises"), delivers="4")
    page = walker.open(dana.at("own_words"))
    walker.submit(dana)
    before = dump(app)
    found = late(walker, page, 409, change_first="Write.")
    assert "nobody can find your answers again" in found.text
    assert "You typed: Write." in found.text
    stranger = late(Walker(app.test_client()), page, 409, change_first="Write.")
    assert "Answer 1" in stranger.text
    assert "What should change" not in stranger.text, "no question is shown without the pass"
    assert dump(app) == before
    assert "You sent no answer." in found.text
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    closed = late(walker, page, 409, change_first="Write.")
    assert "You typed: Write." in closed.text
    assert "You sent" not in closed.text, "what was sent is shown to nobody after the close"


def test_a_page_is_shown_when_the_wave_closes_between_the_look_and_the_keeping(
    app: Flask, phone: Walker, tomas: Invited, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    look = late_pages.is_kept

    def close_after_looking(answering: Answering) -> bool:
        found = look(answering)
        change_wave(app, lambda wave: wave.close(at=utcnow()))
        return found

    monkeypatch.setattr(late_pages, "is_kept", close_after_looking)
    found = late(phone, page, 409, change_first="Write.")
    assert "You typed: Write." in found.text
    assert held(app) == 0


def test_a_page_saved_by_script_after_the_sending_is_kept_as_well(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    form = {**page.as_posted(), "q_change_first": ["Write."]}
    said = phone.client.post(tomas.at("own_words/quiet"), data=form).get_json()
    assert said["state"] == "stopped"
    assert said["text"].startswith("Kept, but not counted")
    assert "You typed: Write." in phone.open(tomas.at("sent")).text
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    said = phone.client.post(tomas.at("own_words/quiet"), data=form).get_json()
    assert said["text"].startswith("Not saved")


def test_files_of_a_late_page_are_said_not_to_be_kept(
    app: Flask, phone: Walker, tomas: Invited
) -> None:
    page = phone.open(tomas.at("own_words"))
    phone.submit(tomas)
    form: MultiDict[str, object] = MultiDict(page.as_posted())
    form["q_change_first"] = "Write."
    form["q_paper"] = (io.BytesIO(b"%PDF-1.7"), "iso.pdf")
    found = phone.client.post(page.forms[0], data=form, content_type="multipart/form-data")
    assert found.location == f"{tomas.at('sent')}?files=lost"
    assert "Files that came with your last page were not kept" in phone.open(found.location).text
