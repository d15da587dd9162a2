"""A wave's reminders and the words of its mails."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.clock import today, utcnow
from surveyapp.extensions import db
from surveyapp.models.people import Role
from surveyapp.models.reminders import MailText, Reminder, ReminderState
from surveyapp.services import waves
from surveyapp.services.reminders import Only
from tests.conftest import Page, check_page
from tests.web.console_world import sign_in
from tests.web.waves_world import change, launch, make_wave, make_world, post, work
from tests.web.world import dump

WAVE = "/p/kestrin/waves/autumn"
TEXT = f"{WAVE}/texts/invitation/en"
OWN = "Hello {name},\n\nplease answer until {last_day}:\n\n{link}\n\n{contract}"


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    make_world(app)
    make_wave(app)
    return sign_in(app, "kestrin")


def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def reminders_of(app: Flask) -> list[Reminder]:
    with app.app_context():
        return list(db.session.scalars(select(Reminder).order_by(Reminder.number)))


def test_two_reminders_are_proposed_and_planned_once(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    launch(app)
    work(app)
    assert "No reminder is planned. Plan one" in page(WAVE, through=owner).text
    found = page(f"{WAVE}/reminders", through=owner)
    assert "A third and two thirds of the way, to everybody who has not answered" in found.text
    for _ in range(2):
        response = post(owner, f"{WAVE}/reminders/proposed")
        assert response.location == f"{WAVE}/reminders"
    planned = reminders_of(app)
    assert [each.only for each in planned] == [{}, {}]
    ahead = [(each.due_at.date() - today()).days for each in planned]
    assert ahead in ([6, 13], [7, 14], [7, 13])
    listed = page(f"{WAVE}/reminders", through=owner)
    assert "everybody who has not answered planned up to 7" in listed.text
    assert "Proposed" not in listed.text
    assert "to everybody who has not answered. 7 people, as things stand." in (
        page(WAVE, through=owner).text
    )


def test_a_reminder_is_planned_for_some_and_cancelled(app: Flask, owner: FlaskClient) -> None:
    launch(app)
    work(app)
    whom = {"positions": ["sent", "started"], "functions": ["it"]}
    response = post(owner, f"{WAVE}/reminders", due_on=day(4), due_at="07:15", **whom)
    assert response.location == f"{WAVE}/reminders"
    [reminder] = reminders_of(app)
    assert Only.from_json(reminder.only).as_json() == whom
    shown = check_page(owner.get(f"{WAVE}/reminders"))
    assert "asked, not started and started; IT planned up to 2" in shown.text
    cancel = f"{WAVE}/reminders/{reminder.id}/cancel"
    assert post(owner, cancel).location == f"{WAVE}/reminders"
    late = check_page(post(owner, cancel), status=409)
    assert "only one that is planned is cancelled" in late.text
    assert reminders_of(app)[0].state == ReminderState.CANCELLED
    assert post(owner, f"{WAVE}/reminders/{uuid.uuid4()}/cancel").status_code == 404
    make_wave(app, slug="other")
    other = f"/p/kestrin/waves/other/reminders/{reminder.id}/cancel"
    assert post(owner, other).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"due_on": "", "due_at": "08:00"}, "Day: Choose a day."),
        ({"due_on": "2020-01-01", "due_at": "08:00"}, "Day: That day is past."),
        ({"due_on": day(4), "due_at": ""}, "Time, UTC: Choose a time."),
        ({"due_on": day(60), "due_at": "08:00"}, "Choose an earlier moment for the reminder"),
        ({"due_on": day(4), "due_at": "08:00", "positions": ["submitted"]}, "How far they are: "),
        ({"now": "1", "functions": ["gardening"]}, "Function: "),
    ],
)
def test_a_reminder_that_cannot_be_is_said(
    app: Flask, owner: FlaskClient, fields: dict[str, object], said: str
) -> None:
    launch(app)
    work(app)
    found = check_page(post(owner, f"{WAVE}/reminders", **fields), status=422)
    assert said in found.text
    assert reminders_of(app) == []


def test_reminding_at_once_waits_a_day_after_the_last_mail(app: Flask, owner: FlaskClient) -> None:
    launch(app)
    work(app)
    found = check_page(post(owner, f"{WAVE}/reminders", now="1"), status=409)
    assert "got a mail within the last 24 hours" in found.text


def test_a_closed_wave_reminds_nobody(app: Flask, owner: FlaskClient, page: Page) -> None:
    launch(app)
    work(app)
    post(owner, f"{WAVE}/reminders", due_on=day(4), due_at="08:00")
    change(app, lambda s, w: waves.close(s, w, by="user:test", at=utcnow()))
    found = page(f"{WAVE}/reminders", through=owner)
    assert "cancelled" in found.text
    assert "Another reminder" not in found.text
    check_page(post(owner, f"{WAVE}/reminders", due_on=day(4), due_at="08:00"), status=409)


def test_a_promise_of_confidence_offers_no_positions(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app, slug="quiet", anonymity="confidential")
    change(app, lambda _s, wave: setattr(wave, "guard_days", 0), slug="quiet")
    launch(app, slug="quiet")
    work(app)
    path = "/p/kestrin/waves/quiet/reminders"
    assert "How far they are" not in page(path, through=owner).text
    asked = {"due_on": day(4), "due_at": "08:00"}
    check_page(post(owner, path, **asked, positions=["started"]), status=422)
    few = check_page(post(owner, path, **asked, functions=["finance"]), status=422)
    assert "Fewer than 3 people are asked there" in few.text
    assert reminders_of(app) == []


def test_a_reminder_planned_for_too_few_before_the_launch_says_so_after_it(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    make_wave(app, slug="quiet", anonymity="confidential")
    asked = {"due_on": day(4), "due_at": "08:00", "functions": ["finance"]}
    assert post(owner, "/p/kestrin/waves/quiet/reminders", **asked).status_code == 303
    launch(app, slug="quiet")
    work(app)
    for path in ("/p/kestrin/waves/quiet", "/p/kestrin/waves/quiet/reminders"):
        assert "Fewer than 3 people are asked there" in page(path, through=owner).text


def test_mails_are_shown_in_every_language_with_words_and_plain_text(
    owner: FlaskClient, page: Page
) -> None:
    found = page(f"{WAVE}/texts", through=owner)
    assert "Invitation English the ready text" in found.text
    assert "Reminder English the ready text" in found.text
    assert found.text.count("Open the questionnaire") == 2
    assert found.text.count("Fragebogen öffnen") == 2
    assert found.html.count('lang="de"') == 4
    assert "http://127.0.0.1:8000/r/preview" in found.text


def test_own_words_are_shown_first_then_saved_then_dropped(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    asked = page(TEXT, through=owner).as_posted()
    assert asked["subject"] == ["How is working with {them} going?"]
    before = dump(app)
    shown = check_page(post(owner, TEXT, subject="Please, {name}", body=OWN, preview="1"))
    assert "What your words look like; not saved yet" in shown.text
    assert "Please, =Sum Rao" in shown.text
    assert shown.textareas["body"].strip() == OWN
    assert dump(app) == before
    assert post(owner, TEXT, subject="Please, {name}", body=OWN).location == TEXT
    saved = page(TEXT, through=owner)
    assert "Your own words stand in place of the ready text." in saved.text
    assert saved.textareas["body"].strip() == OWN
    assert "your own words" in page(f"{WAVE}/texts", through=owner).text
    assert "Please, =Sum Rao" in page(f"{WAVE}/check", through=owner).text
    assert post(owner, f"{TEXT}/reset").location == TEXT
    assert page(TEXT, through=owner).as_posted() == {**asked, "csrf_token": _any(page, owner)}
    with app.app_context():
        assert db.session.scalars(select(MailText)).all() == []


@pytest.mark.parametrize(
    ("subject", "body", "said"),
    [
        ("", OWN, ["Subject: This is empty."]),
        ("x" * 201, OWN, ["Subject: This has 201 characters."]),
        ("Hi", "Hello {nmae}", ["Text: Nothing is known", "{link} is missing", "{contract} is"]),
        ("{link}", OWN, ["Subject: {link} belongs into the text"]),
    ],
)
def test_a_text_that_cannot_be_sent_says_all_that_is_wrong(
    app: Flask, owner: FlaskClient, subject: str, body: str, said: list[str]
) -> None:
    for button in ({}, {"preview": "1"}):
        response = post(owner, TEXT, subject=subject, body=body, **button)
        text = response.get_data(as_text=True)
        assert response.status_code == 422
        for words in said:
            assert words in text.replace("&#39;", "'")
        assert f">{body}</textarea>" in text.replace("\r\n", "\n").replace(">\n", ">")
    with app.app_context():
        assert db.session.scalars(select(MailText)).all() == []


def test_markup_in_own_words_is_shown_as_words(owner: FlaskClient) -> None:
    shown = check_page(
        post(owner, TEXT, subject="<b>Hi</b>", body=f"<script>1</script>\n\n{OWN}", preview="1")
    )
    assert "<script>1" not in shown.html
    assert "<script>1</script>" in shown.text


def test_texts_and_reminders_are_for_owners(app: Flask, owner: FlaskClient, page: Page) -> None:
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    assert "Change" not in page(f"{WAVE}/texts", through=analyst).links.values()
    assert "Another reminder" not in page(f"{WAVE}/reminders", through=analyst).text
    before = dump(app)
    check_page(analyst.get(TEXT), status=403)
    for path in (TEXT, f"{TEXT}/reset", f"{TEXT}/test", f"{WAVE}/reminders"):
        check_page(post(analyst, path, subject="x", body=OWN), status=403)
    check_page(post(analyst, f"{WAVE}/reminders/proposed"), status=403)
    assert dump(app) == before


def test_a_closed_wave_keeps_its_words(app: Flask, owner: FlaskClient) -> None:
    launch(app)
    work(app)
    change(app, lambda s, w: waves.close(s, w, by="user:test", at=utcnow()))
    found = check_page(post(owner, TEXT, subject="Please", body=OWN), status=409)
    assert "no mail goes out any more" in found.text


def _any(page: Page, client: FlaskClient) -> list[str]:
    return page(TEXT, through=client).as_posted()["csrf_token"]
