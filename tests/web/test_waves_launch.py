"""A wave is launched, scheduled, paused, moved, closed and reopened; on both databases."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.waves import WaveState
from surveyapp.services import waves
from surveyapp.web.waves import running
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.waves_world import change, find, launch, make_wave, make_world, post, work

WAVE = "/p/kestrin/waves/autumn"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    make_world(app_on_both)
    make_wave(app_on_both)
    return app_on_both


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def jobs_of_kind(app: Flask, kind: str) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Job.id)).where(Job.kind == kind)) or 0


def test_a_launch_freezes_the_list_and_is_open_when_the_worker_was_there(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    response = post(owner, f"{WAVE}/launch", page=f"{WAVE}/check", people="7")
    assert (response.status_code, response.location) == (303, WAVE)
    launching = page(WAVE, through=owner)
    assert "0 of 7 invitations are written." in launching.text
    assert "Waits for a worker." in launching.text
    assert "What you can do" not in launching.text
    work(app)
    found = page(WAVE, through=owner)
    assert "0 of 7 people have answered." in found.text
    assert re.search(r"Open until the end of .*, day 1 of 21\.", found.text)
    assert "launched, list frozen programme.owner@kestrin.example" in found.text
    assert owner.get(f"{WAVE}/check").location == WAVE


def test_a_launching_wave_says_how_far_its_job_is_without_counting_its_list_again(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    post(owner, f"{WAVE}/launch", page=f"{WAVE}/check", people="7")
    with app.app_context(), transaction() as session:
        job = session.scalars(select(Job).where(Job.kind == "launch-wave")).one()
        job.done_units, job.total_units = 4, 9
    assert "0 of 9 invitations are written." in page(WAVE, through=owner).text


def test_a_large_wave_is_counted_once_a_minute_and_says_when(
    app: Flask, owner: FlaskClient, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(owner, f"{WAVE}/launch", page=f"{WAVE}/check", people="7")
    work(app)
    monkeypatch.setattr(running, "LARGE", 7)
    before = page(WAVE, through=owner)
    assert "0 of 7 people have answered." in before.text
    assert "Counted at" in before.text
    with app.app_context(), transaction() as session:
        session.execute(update(Assignment).values(submitted_at=utcnow()))
    assert "0 of 7 people have answered." in page(WAVE, through=owner).text
    app.extensions["coverage-figures"].clear()
    assert "7 of 7 people have answered." in page(WAVE, through=owner).text
    monkeypatch.setattr(running, "LARGE", 8)
    assert "Counted at" not in page(WAVE, through=owner).text


def test_launch_pressed_twice_launches_once(app: Flask, owner: FlaskClient) -> None:
    for _ in range(2):
        response = post(owner, f"{WAVE}/launch", people="7")
        assert (response.status_code, response.location) == (303, WAVE)
    assert jobs_of_kind(app, "launch-wave") == 1
    work(app)
    assert post(owner, f"{WAVE}/launch", people="7").location == WAVE
    work(app)
    with app.app_context():
        assert db.session.scalar(select(func.count(Invitation.id))) == 7


def test_somebody_opting_out_after_the_look_is_noticed(app: Flask, owner: FlaskClient) -> None:
    shown = check_page(owner.get(f"{WAVE}/check")).hidden("people")
    change(
        app,
        lambda s, _w: s.execute(
            update(Contact).where(Contact.name == "Tomas Vey").values(opted_out_at=utcnow())
        ),
    )
    found = check_page(post(owner, f"{WAVE}/launch", people=shown), status=409)
    assert found.hidden("people") == "6"
    assert find(app).state == WaveState.DRAFT


def test_a_wave_is_scheduled_moved_and_taken_off_again(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    for ahead in (3, 5):
        response = post(owner, f"{WAVE}/schedule", opens_on=day(ahead), opens_at="08:30")
        assert response.location == WAVE
    wave = find(app)
    assert wave.state == WaveState.SCHEDULED
    assert wave.opens_at is not None
    assert (wave.opens_at.date(), wave.opens_at.hour) == (today() + timedelta(days=5), 8)
    assert "opens by itself at 08:30 UTC on" in page(WAVE, through=owner).text
    assert "Take off the schedule" in page(f"{WAVE}/check", through=owner).text
    assert post(owner, f"{WAVE}/unschedule").status_code == 303
    assert find(app).state == WaveState.DRAFT
    refused = check_page(post(owner, f"{WAVE}/unschedule"), status=409)
    assert refused.links[WAVE] == "Look at how it is now"


def test_a_wave_is_paused_resumed_moved_closed_and_reopened(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    launch(app)
    work(app)
    assert post(owner, f"{WAVE}/pause").location == WAVE
    assert "Paused. Its last day is" in page(WAVE, through=owner).text
    twice = check_page(post(owner, f"{WAVE}/pause"), status=409)
    assert "Wave autumn is paused" in twice.text
    assert twice.links[WAVE] == "Look at how it is now"
    post(owner, f"{WAVE}/resume")
    assert find(app).state == WaveState.OPEN

    earlier = check_page(post(owner, f"{WAVE}/extend", closes_on=day(5)), status=422)
    assert "can only be moved to a later day" in earlier.text
    assert earlier.as_posted()["closes_on"] == [day(5)]
    assert post(owner, f"{WAVE}/extend", closes_on=day(40)).location == WAVE
    assert find(app).last_day == today() + timedelta(days=40)

    assert "0 of 7 people have answered." in page(f"{WAVE}/close", through=owner).text
    post(owner, f"{WAVE}/close")
    assert "Closed. Answers counted until the end of" in page(WAVE, through=owner).text
    assert find(app).state == WaveState.CLOSED

    scoring = {"closes_on": day(9), "reason": "Two deciders were away."}
    being_scored = check_page(post(owner, f"{WAVE}/reopen", **scoring), status=409)
    assert "is being scored. Reopen it once that is done." in being_scored.text
    work(app)
    unsaid = check_page(post(owner, f"{WAVE}/reopen", closes_on=day(9), reason=" "), status=422)
    assert "Reason: Say why; it is kept on record." in unsaid.text
    past = check_page(
        post(owner, f"{WAVE}/reopen", closes_on="2020-01-01", reason="Late"), status=422
    )
    assert "That day is past." in past.text
    assert post(owner, f"{WAVE}/reopen", **scoring).location == WAVE
    found = page(WAVE, through=owner)
    assert "reopened: Two deciders were away. programme.owner@kestrin.example" in found.text
    assert find(app).state == WaveState.OPEN


def test_two_owners_closing_at_once_close_once(app: Flask, owner: FlaskClient) -> None:
    launch(app)
    work(app)
    other = sign_in(app, "kestrin", email="second@kestrin.example")
    assert post(owner, f"{WAVE}/close").status_code == 303
    late = check_page(post(other, f"{WAVE}/close"), status=409)
    assert "Wave autumn is closed; only a wave that is open or paused can be closed." in late.text
    assert jobs_of_kind(app, "score-wave") == 1


def test_waves_are_listed_with_how_far_they_are(app: Flask, owner: FlaskClient, page: Page) -> None:
    launch(app)
    work(app)
    make_wave(app, slug="winter", name="Winter", anonymity="confidential")
    rows = page("/p/kestrin/waves", through=owner).text.partition("Asked Answered")[2]
    winter, _, autumn = rows.partition("Autumn 2026")
    assert "Winter draft Buyers on suppliers How did the year go?" in winter
    assert "open Buyers on suppliers" in autumn
    assert re.search(r"\d{4} 7 0 ", autumn)
    for column in ("name", "state", "questionnaire", "closes", "created", "-name", "nonsense"):
        page(f"/p/kestrin/waves?sort={column}", through=owner)


def test_few_people_under_a_promise_are_not_counted(app: Flask, owner: FlaskClient) -> None:
    make_wave(app, slug="small", name="Small", anonymity="confidential")
    rule = {"functions": ["procurement"]}  # two people, and the promise needs three
    change(app, lambda _s, wave: setattr(wave, "list_rule", rule), slug="small")
    launch(app, slug="small")
    work(app)
    change(app, lambda s, w: waves.pause(s, w, by="user:test", at=utcnow()), slug="small")
    found = check_page(owner.get("/p/kestrin/waves/small"))
    assert "the questionnaire's promise forbids to count their answers" in found.text
    assert "2 people are on the frozen list." in found.text
    assert "have answered" not in found.text
    assert "have answered" not in check_page(owner.get("/p/kestrin/waves/small/close")).text
    assert "2 not told" in check_page(owner.get("/p/kestrin/waves")).text
