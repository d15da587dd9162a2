"""Saving while a page is filled in, and two pages of one section: what a script's posts meet."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from tests.conftest import Checked, check_page
from tests.web.walker import Walker
from tests.web.world import Invited, change_wave, draft, held, open_wave


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


class Typing:
    """A page in a browser with a script: typing posts it quietly and takes over the new token."""

    def __init__(self, walker: Walker, path: str) -> None:
        self.walker, self.path = walker, path
        self.page: Checked = walker.open(path)
        self.form = self.page.as_posted()

    def type(self, **answers: str) -> dict[str, Any]:
        self.form |= {f"q_{name}": [answer] for name, answer in answers.items()}
        response = self.walker.client.post(f"{self.path}/quiet", data=self.form)
        assert (response.status_code, response.mimetype) == (200, "application/json")
        said: dict[str, Any] = response.get_json()
        if said["token"]:
            self.form["page_token"] = [said["token"]]
        return said

    def press(self) -> Any:
        return self.walker.client.post(self.path, data={**self.form, "action": "continue"})


def test_what_is_typed_is_saved_with_its_time_and_the_section_is_not_left(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    typing = Typing(walker, tomas.at("promises"))
    said = typing.type(fixes_cause="3")
    assert said["state"] == "saved"
    assert said["text"].startswith("Saved at ")
    assert draft(app, tomas.slug) == {"fixes_cause": 3}
    again = walker.open(tomas.at("promises"))
    assert "Section 1 saved at" not in again.text, "it is not passed yet"
    assert Walker(app.test_client()).start(tomas) == tomas.at("promises"), "so it is gone on with"
    typing.type(fixes_cause="4", delivers="6")
    assert typing.press().location == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"fixes_cause": 4, "delivers": 6}
    assert "Section 1 saved at" in walker.open(tomas.at("every_other")).text


def test_what_cannot_be_taken_is_left_out_and_said_and_the_rest_saved(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    said = Typing(walker, tomas.at("every_other")).type(orders="twelve", role="Buyer")
    assert "One answer is not saved: it needs a look." in said["text"]
    assert draft(app, tomas.slug) == {"role": "Buyer"}


def test_two_pages_keep_what_each_changed_and_show_both_only_where_both_did(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="5", fixes_cause="5")
    phone = Typing(walker, tomas.at("promises"))
    other = Walker(app.test_client())
    other.start(tomas)
    laptop = Typing(other, tomas.at("promises"))
    assert phone.type(delivers="6")["state"] == "saved"
    assert laptop.type(fixes_cause="2")["state"] == "saved"
    assert draft(app, tomas.slug) == {"delivers": 6, "fixes_cause": 2}
    assert phone.type(delivers="7")["state"] == "saved", "the laptop did not touch it"
    assert draft(app, tomas.slug) == {"delivers": 7, "fixes_cause": 2}
    clash = laptop.type(delivers="1")
    assert clash["state"] == "stopped"
    assert "Another window saved other answers on this page." in clash["text"]
    shown = check_page(laptop.press(), status=409)
    assert "Saved now: 7" in shown.text
    assert shown.as_posted()["q_delivers"] == ["1"]
    assert shown.as_posted()["q_fixes_cause"] == ["2"]
    assert other.fill(shown).status_code == 303
    assert draft(app, tomas.slug) == {"delivers": 1, "fixes_cause": 2}


def test_an_untouched_old_page_takes_nothing_back(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="5")
    old = walker.open(tomas.at("promises"))
    walker.answer(tomas.at("promises"), delivers="6", fixes_cause="3")
    assert walker.fill(old).status_code == 303
    assert draft(app, tomas.slug) == {"delivers": 6, "fixes_cause": 3}


def test_going_back_and_changing_ones_own_answer_is_no_conflict(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    assert walker.fill(page, delivers="5").status_code == 303
    # the browser shows its own copy of the page, token and all
    assert walker.fill(page, delivers="7", fixes_cause="2").status_code == 303
    assert walker.fill(page, delivers="7", fixes_cause="2").status_code == 303, "sent once more"
    assert draft(app, tomas.slug) == {"delivers": 7, "fixes_cause": 2}


def test_without_the_pass_or_while_paused_it_is_kept_and_said(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    typing = Typing(walker, tomas.at("promises"))
    change_wave(app, lambda wave: wave.pause(at=utcnow()))
    paused = typing.type(delivers="4")
    assert paused == {
        "state": "stopped",
        "text": "Kept, but not saved yet: the questionnaire is paused.",
        "token": "",
    }
    change_wave(app, lambda wave: wave.resume(at=utcnow()))
    walker.client.delete_cookie("answering", path=f"/r/{tomas.slug}")
    assert "open the link in your mail again" in typing.type(delivers="5")["text"]
    assert (draft(app, tomas.slug), held(app)) == ({}, 2)
    walker.start(tomas)
    assert walker.open(tomas.at("promises")).as_posted()["q_delivers"] == ["5"]


def test_too_old_too_late_or_forged_it_is_said_and_nothing_is_written(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    typing = Typing(walker, tomas.at("promises"))
    with time_machine.travel(utcnow() + timedelta(days=8), tick=False):
        walker.client.post(tomas.link)
        assert "open for a long time" in typing.type(delivers="4")["text"]
    forged = walker.client.post(f"{tomas.at('promises')}/quiet", data={"q_delivers": "1"})
    assert forged.get_json()["state"] == "stopped"
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    assert "can no longer be answered" in typing.type(delivers="4")["text"]
    assert (draft(app, tomas.slug), held(app)) == ({}, 0)
