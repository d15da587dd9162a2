from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from tests.conftest import check_page
from tests.web.walker import Walker
from tests.web.world import (
    Invited,
    change_wave,
    draft,
    dump,
    held,
    open_wave,
    questionnaire,
)


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    return walker


def forget(walker: Walker, tomas: Invited) -> None:
    walker.client.delete_cookie("answering", path=f"/r/{tomas.slug}")


def test_a_page_sent_after_the_pass_is_gone_is_kept_and_shown_again_to_be_saved(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    forget(walker, tomas)
    response = walker.fill(page, delivers="5", fixes_cause="nb")
    kept = check_page(response, status=202)
    assert kept.h1 == "We kept what you sent"
    assert "Tomas" not in kept.html
    assert draft(app, tomas.slug) == {}
    assert held(app) == 1
    assert walker.start(tomas) == tomas.at("promises")
    again = walker.open(tomas.at("promises"))
    assert "Please look this over and save it" in again.text
    assert again.as_posted()["q_delivers"] == ["5"]
    assert again.as_posted()["q_fixes_cause"] == ["nb"]
    assert walker.fill(again).location == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"delivers": 5, "fixes_cause": {"escape": "nb"}}
    assert "Please look this over" not in walker.open(tomas.at("promises")).text


def test_what_was_typed_wrongly_on_a_kept_page_is_kept_as_typed(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("every_other"))
    forget(walker, tomas)
    assert walker.fill(page, orders="twelve", used=["portal"]).status_code == 202
    walker.start(tomas)
    again = walker.open(tomas.at("every_other"))
    assert again.as_posted()["q_orders"] == ["twelve"]
    assert again.as_posted()["q_used"] == ["portal"]
    assert "Write a number" in again.text


def test_a_kept_page_stands_beside_what_was_saved_meanwhile(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    forget(walker, tomas)
    walker.fill(page, delivers="5")
    laptop = Walker(app.test_client())
    laptop.start(tomas)
    found = laptop.open(tomas.at("promises"))
    assert "Saved now: no answer" in found.text
    assert laptop.fill(found, delivers="6").status_code == 303
    assert draft(app, tomas.slug) == {"delivers": 6}


def test_a_stranger_who_posts_a_page_token_is_shown_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("own_words"), change_first="a secret")
    page = walker.open(tomas.at("own_words"))
    response = Walker(app.test_client()).fill(page, change_first="something else")
    assert response.status_code == 202
    assert "secret" not in response.get_data(as_text=True)
    assert draft(app, tomas.slug) == {"change_first": "a secret"}


def test_a_page_open_longer_than_a_week_is_shown_again_with_what_was_typed(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    with time_machine.travel(utcnow() + timedelta(days=8), tick=False):
        walker.client.post(tomas.link)
        response = walker.fill(page, delivers="5")
        found = check_page(response, status=400)
        assert "Please save this page once more" in found.text
        assert found.as_posted()["q_delivers"] == ["5"]
        assert draft(app, tomas.slug) == {}
        assert walker.fill(found).location == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"delivers": 5}


def test_the_pass_runs_out_after_half_a_day_of_rest(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    with time_machine.travel(utcnow() + timedelta(hours=11), tick=False):
        walker.answer(tomas.at("promises"), delivers="5")
    with time_machine.travel(utcnow() + timedelta(hours=22), tick=False):
        page = walker.open(tomas.at("own_words"))
    with time_machine.travel(utcnow() + timedelta(hours=24), tick=False):
        walker.open(tomas.at("own_words"), status=403)
        assert walker.fill(page, change_first="late").status_code == 202
    assert held(app) == 1


@pytest.mark.parametrize("token", ["", "x", "WyJhIl0.x.y"])
def test_a_forged_page_token_saves_and_keeps_nothing(
    app: Flask, walker: Walker, tomas: Invited, token: str
) -> None:
    page = walker.open(tomas.at("promises"))
    form = {**page.as_posted(), "q_delivers": "1", "page_token": token}
    before = dump(app)
    known = walker.client.post(page.forms[0], data=form)
    assert check_page(known, status=400).as_posted()["q_delivers"] == ["1"]
    stranger = app.test_client().post(page.forms[0], data=form)
    assert check_page(stranger, status=403).h1 == "Open your link again to go on"
    assert dump(app) == before


def test_an_old_page_is_shown_with_what_was_typed_and_what_stands_now(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="5")
    left, right = walker.open(tomas.at("promises")), walker.open(tomas.at("promises"))
    assert walker.fill(left, delivers="6").status_code == 303
    response = walker.fill(right, delivers="7")
    found = check_page(response, status=409)
    assert "This section was saved in another window" in found.text
    assert "Saved now: 6" in found.text
    assert found.as_posted()["q_delivers"] == ["7"]
    assert draft(app, tomas.slug) == {"delivers": 6}
    assert walker.fill(found).status_code == 303
    assert draft(app, tomas.slug) == {"delivers": 7}


def test_the_same_answers_posted_twice_are_no_conflict(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    assert walker.fill(page, delivers="5").location == tomas.at("every_other")
    assert walker.fill(page, delivers="5").location == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"delivers": 5}


def test_a_page_sent_after_the_close_says_so_and_changes_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    before = dump(app)
    found = check_page(walker.fill(page, delivers="5"), status=410)
    assert found.h1 == "This questionnaire is closed"
    forget(walker, tomas)
    assert walker.fill(page, delivers="5").status_code == 410
    assert dump(app) == before


def test_a_kept_page_of_a_section_no_longer_asked_stands_in_nobodys_way(app: Flask) -> None:
    sections = questionnaire().model_dump(mode="json")["sections"]
    sections[1]["visible_if"] = "delivers <= 3"
    definition = questionnaire({"sections": sections})
    [dana] = open_wave(app, "Dana Roth", definition=definition, slug="hidden")
    walker = Walker(app.test_client())
    walker.start(dana)
    walker.answer(dana.at("promises"), action="stop", delivers="2")
    page = walker.open(dana.at("every_other"))
    forget(walker, dana)
    assert walker.fill(page, role="Buyer").status_code == 202
    assert walker.start(dana) == dana.at("every_other")
    walker.answer(dana.at("promises"), delivers="7")
    assert walker.start(dana) == dana.at("own_words")


def test_an_old_page_shows_what_another_device_saved_meanwhile(
    walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    walker.answer(tomas.at("promises"), delivers="6", fixes_cause="5")
    late = {**page.as_posted(), "q_delivers": "2", "q_fixes_cause": "5", "action": "continue"}
    with time_machine.travel(utcnow() + timedelta(days=8), tick=False):
        walker.start(tomas)
        found = check_page(walker.client.post(page.forms[0], data=late), status=400)
    assert "nothing is saved yet" in found.text
    assert found.text.count("Saved now:") == 1


def pause(app: Flask) -> None:
    change_wave(app, lambda wave: wave.pause(at=utcnow()))


def resume(app: Flask) -> None:
    change_wave(app, lambda wave: wave.resume(at=utcnow()))


def test_a_page_sent_while_the_wave_is_paused_is_kept_and_saved_once_it_goes_on(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    pause(app)
    kept = check_page(walker.fill(page, delivers="5", fixes_cause="nb"), status=202)
    assert kept.h1 == "We kept what you sent"
    assert "The questionnaire is paused" in kept.text
    assert draft(app, tomas.slug) == {}
    assert held(app) == 1
    paused = check_page(walker.client.get(tomas.at("promises")), status=403)
    assert paused.h1 == "This questionnaire is paused"
    resume(app)
    assert walker.start(tomas) == tomas.at("promises")
    again = walker.open(tomas.at("promises"))
    assert "when it could not be saved" in again.text
    assert walker.fill(again).location == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"delivers": 5, "fixes_cause": {"escape": "nb"}}


def test_a_page_without_a_good_token_is_kept_while_the_wave_is_paused(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.open(tomas.at("promises"))
    pause(app)
    sent = walker.client.post(tomas.at("promises"), data={"q_delivers": "5"})
    assert check_page(sent, status=202).h1 == "We kept what you sent"
    resume(app)
    assert walker.open(tomas.at("promises")).as_posted()["q_delivers"] == ["5"]


def test_nothing_is_sent_while_the_wave_is_paused(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    review = walker.open(tomas.at("review"))
    pause(app)
    before = dump(app)
    refused = walker.client.post(tomas.at("submit"), data=review.as_posted())
    assert check_page(refused, status=403).h1 == "This questionnaire is paused"
    assert dump(app) == before
