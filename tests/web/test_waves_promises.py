"""What owners read and set where a wave makes a promise."""

from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import reading, transaction
from surveyapp.jobs import worker
from surveyapp.models.accounts import Function
from surveyapp.models.waves import Wave
from tests.conftest import check_page
from tests.services.severed_world import answer, close, open_wave
from tests.web.console_world import sign_in
from tests.web.waves_world import make_wave, make_world, post

PEOPLE = {"Aldermere": [Function.PROCUREMENT] * 7, "Brook": [Function.IT] * 2}
WAVE = "/p/kestrin/waves/autumn"


def test_a_severed_wave_says_how_many_answered_and_offers_no_reopening(app: Flask) -> None:
    with app.app_context():
        wave_id = open_wave(PEOPLE)
        for number in range(6):
            answer(wave_id, f"Aldermere {number}", 1 + number % 5, 4)
    owner = sign_in(app, "kestrin")
    assert "severed from people for good" in check_page(owner.get(f"{WAVE}/close")).text
    with app.app_context():
        close(wave_id)
        while worker.tick():
            pass
    shown = check_page(owner.get(WAVE))
    assert "6 of 9 people have answered." in shown.text
    assert "Who answered is not known any more" in shown.text
    assert "It cannot be reopened" in shown.text
    assert f"{WAVE}/reopen" not in shown.links
    coverage = check_page(owner.get(f"{WAVE}/coverage")).text
    assert "By function, by influence and by day is not known any more" in coverage
    rows = check_page(owner.get(f"{WAVE}/coverage/relationships")).text
    # the two of Brook are too few, so the seven of Aldermere are kept back with them
    assert "not shown" in rows
    assert "6 of 7" not in rows


def test_cuts_are_declared_in_the_draft_and_read_at_the_launch_check(app: Flask) -> None:
    make_world(app)
    make_wave(app, anonymity="confidential")
    owner = sign_in(app, "kestrin")
    with app.app_context(), reading() as session:
        wave = session.scalars(select(Wave)).one()
        slug = wave.slug
    path = f"/p/kestrin/waves/{slug}/edit"
    asks = "confidential/1/buyer-on-supplier"
    sent = {**check_page(owner.get(path)).as_posted(), "asks": asks, "cuts": ["function"]}
    assert post(owner, path, **sent).status_code == 303
    again = check_page(owner.get(path))
    assert again.as_posted()["cuts"] == ["function"]
    check = check_page(owner.get(f"/p/kestrin/waves/{slug}/check")).text
    assert "Told apart by function" in check
    assert "too few to be shown apart" in check
    with app.app_context(), transaction() as session:
        assert session.scalars(select(Wave)).one().cuts == ["function"]
