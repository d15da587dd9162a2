"""The launch check: what it says, what it refuses, and who may press what."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import Role
from surveyapp.models.waves import WaveState
from surveyapp.services import wave_clock
from surveyapp.web.waves import wording
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.waves_world import change, find, launch, make_wave, make_world, post, work
from tests.web.world import dump

WAVE = "/p/kestrin/waves/autumn"


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    make_world(app)
    make_wave(app)
    return sign_in(app, "kestrin")


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def test_the_check_says_what_is_thin_and_shows_the_mail(owner: FlaskClient, page: Page) -> None:
    found = page(f"{WAVE}/check", through=owner)
    assert "This asks 7 people about 3 relationships. Nothing stops the launch" in found.text
    assert "In 1 relationship nobody who decides is asked. Stavely Marine" in found.text
    assert "1 person is left off: they asked not to be asked. Otto Kern" in found.text
    assert "Launch now: 7 mails" in found.text
    assert "Hello =Sum Rao," in found.text
    assert "Guten Tag =Sum Rao," in found.text
    assert found.hidden("people") == "7"
    assert f"{WAVE}/launch" in found.forms


def test_what_stops_a_launch_stops_the_button_and_the_post(app: Flask, owner: FlaskClient) -> None:
    change(app, lambda _s, wave: setattr(wave, "list_rule", {"functions": ["security"]}))
    found = check_page(owner.get(f"{WAVE}/check"))
    assert "One thing stops the launch." in found.text
    assert "Nobody stands on the buyer side of any of the relationships chosen" in found.text
    assert f"{WAVE}/launch" not in found.forms
    before = dump(app)
    again = check_page(post(owner, f"{WAVE}/launch", people="0"), status=409)
    assert "Nothing was launched" in again.text
    assert dump(app) == before


@pytest.mark.parametrize("shown", ["6", "8", "", "many"])
def test_another_number_than_was_shown_is_not_launched(
    app: Flask, owner: FlaskClient, shown: str
) -> None:
    before = dump(app)
    found = check_page(post(owner, f"{WAVE}/launch", people=shown), status=409)
    assert "since you looked, what a launch would do has changed" in found.text
    assert found.hidden("people") == "7"
    assert dump(app) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"opens_on": "2020-01-01", "opens_at": "08:00"}, "Day: That day is past."),
        ({"opens_on": "", "opens_at": "08:00"}, "Day: Choose a day."),
        ({"opens_on": day(3), "opens_at": "25:00"}, "Time, UTC: "),
        ({"opens_on": day(30), "opens_at": "08:00"}, "Launch it before that"),
        ({"opens_on": day(0), "opens_at": "00:00"}, "that is past"),
    ],
)
def test_a_moment_that_cannot_be_is_said(
    app: Flask, owner: FlaskClient, fields: dict[str, str], said: str
) -> None:
    found = check_page(post(owner, f"{WAVE}/schedule", **fields), status=422)
    assert said in found.text
    assert find(app).state == WaveState.DRAFT


def test_a_scheduled_launch_that_failed_says_why(app: Flask, owner: FlaskClient) -> None:
    post(owner, f"{WAVE}/schedule", opens_on=day(1), opens_at="08:00")
    change(app, lambda _s, wave: setattr(wave, "list_rule", {"functions": ["security"]}))
    change(app, lambda s, _w: wave_clock.keep_time(s, at=utcnow() + timedelta(days=2)))
    for path in (WAVE, f"{WAVE}/check"):
        found = check_page(owner.get(path))
        assert "The scheduled launch did not take place: Nobody stands on" in found.text


def test_those_who_may_only_look_see_no_button_and_change_nothing(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    stranger = sign_in(app, "kestrin", role=Role.EXECUTIVE)
    found = page(f"{WAVE}/check", through=analyst)
    assert "Launch now" not in found.text
    assert "A programme owner launches it." in found.text
    assert [form for form in found.forms if form.startswith(WAVE)] == []
    launch(app)
    work(app)
    running = page(WAVE, through=analyst)
    assert "What you can do" not in running.text
    before = dump(app)
    for member in (analyst, stranger):
        for step in ("launch", "schedule", "unschedule", "pause", "resume", "extend", "close"):
            check_page(post(member, f"{WAVE}/{step}"), status=403)
    check_page(stranger.get(WAVE), status=403)
    check_page(app.test_client().get(WAVE), status=404)
    assert dump(app) == before


def test_a_test_mail_goes_to_whoever_asks(app: Flask, owner: FlaskClient) -> None:
    response = post(owner, f"{WAVE}/texts/invitation/de/test", back="check")
    assert response.location == f"{WAVE}/check"
    shown = check_page(owner.get(f"{WAVE}/check"))
    assert "A test mail is on its way to programme.owner@kestrin.example." in shown.text
    with app.app_context():
        sent = db.session.scalars(select(OutgoingMail)).one()
    assert (sent.step, sent.locale, sent.invitation_id) == ("test-invitation", "de", None)
    assert post(owner, f"{WAVE}/texts/invitation/fr/test").status_code == 404
    assert post(owner, f"{WAVE}/texts/farewell/de/test").status_code == 404


def test_a_wave_nobody_has_is_not_found(owner: FlaskClient) -> None:
    for path in ("", "/check", "/edit", "/people", "/left-off", "/reminders", "/texts", "/close"):
        check_page(owner.get(f"/p/kestrin/waves/nothing{path}"), status=404)


def test_every_step_on_record_about_a_wave_has_words() -> None:
    """What the services record, the page says; a new action needs a line in ``wording.DONE``."""
    services = Path(wave_clock.__file__).parent
    recorded = {
        action
        for path in services.glob("*.py")
        for action in re.findall(r'"(wave\.[a-z-]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(recorded) > 10
    assert recorded <= wording.DONE.keys()
