"""The owner's mail: what is in doubt, failed or came back, and the outbox."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, transaction
from surveyapp.jobs import worker
from surveyapp.models.accounts import Contact
from surveyapp.models.audit import AuditEvent
from surveyapp.models.invitations import Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.people import Role, User
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import mail, waves
from tests.conftest import check_page, make_app
from tests.web.console_world import sign_in, token_of
from tests.web.world import open_wave, questionnaire

MAIL = "/p/kestrin/mail"


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    open_wave(
        app_on_both, "Ann", "Bo", "Cy", "Dee", definition=questionnaire({"anonymity": "identified"})
    )
    with app_on_both.app_context():
        yield app_on_both


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


def put(name: str, state: MailState, said: str = "") -> uuid.UUID:
    """Let a person's invitation be in a state; return which message it is."""
    at = utcnow()
    with transaction() as session:
        person = select(Invitation.id).join(Invitation.contact).where(Contact.name == name)
        if state == MailState.BOUNCED:
            session.execute(update(Contact).where(Contact.name == name).values(bounced_at=at))
        return session.scalars(
            update(OutgoingMail)
            .where(OutgoingMail.invitation_id.in_(person))
            .values(state=state, error=said, sent_at=at if state == MailState.SENT else None)
            .returning(OutgoingMail.id)
        ).one()


def state_of(mail_id: uuid.UUID) -> MailState:
    with reading() as session:
        return session.get_one(OutgoingMail, mail_id).state


def press(client: FlaskClient, page: str, action: str) -> int:
    answer = client.post(action, data={"csrf_token": token_of(client, page)})
    return answer.status_code


def test_each_state_has_its_list_with_what_the_server_said(owner: FlaskClient) -> None:
    put("Ann", MailState.UNCERTAIN, "The connection ended.")
    put("Bo", MailState.FAILED, "554 This is spam")
    put("Cy", MailState.BOUNCED, "550 No such user")
    for state, name, said in (
        ("uncertain", "Ann", "The connection ended."),
        ("failed", "Bo", "554 This is spam"),
        ("bounced", "Cy", "550 No such user"),
        ("queued", "Dee", ""),
    ):
        shown = check_page(owner.get(f"{MAIL}?state={state}"))
        assert said in shown.text
        listed = {each for each in ("Ann", "Bo", "Cy", "Dee") if f"{each.lower()}@" in shown.text}
        assert listed == {name}
    assert "Somebody should look at 3." in check_page(owner.get(MAIL)).text
    assert "No mail server is set" in check_page(owner.get(MAIL)).text


def test_a_list_is_narrowed_to_whoever_has_the_words_in_name_or_address(
    app: Flask, owner: FlaskClient
) -> None:
    put("Ann", MailState.SENT)
    put("Bo", MailState.SENT)
    for page, whole in (
        (f"{MAIL}/outbox?", {"ann", "bo"}),
        (f"{MAIL}?state=queued&", {"cy", "dee"}),
    ):
        assert listed(owner, page) == whole
        for one in whole:
            assert listed(owner, f"{page}to={one.upper()}") == {one}
            assert listed(owner, f"{page}to={one}%40") == {one}
        assert listed(owner, f"{page}to=+") == whole
        assert listed(owner, f"{page}to=%25") == set()
    nobody = check_page(owner.get(f"{MAIL}/outbox?to=<Eve>"))
    assert "No mail to anybody with “<Eve>” in name or address." in nobody.text
    assert nobody.as_posted()["to"] == ["<Eve>"]


def listed(client: FlaskClient, page: str) -> set[str]:
    shown = check_page(client.get(page)).text
    return {each for each in ("ann", "bo", "cy", "dee") if f"{each}@" in shown}


def queries(client: FlaskClient, page: str) -> int:
    """How many statements a page takes."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note)
    check_page(client.get(page))
    event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_a_list_takes_as_many_queries_for_many_as_for_one(app: Flask, owner: FlaskClient) -> None:
    put("Ann", MailState.UNCERTAIN)
    owner.get(MAIL)
    for_one = queries(owner, MAIL), queries(owner, f"{MAIL}/outbox")
    for name in ("Bo", "Cy", "Dee"):
        put(name, MailState.UNCERTAIN)
    assert (queries(owner, MAIL), queries(owner, f"{MAIL}/outbox")) == for_one


def test_what_is_in_doubt_is_sent_again_only_when_somebody_decides_so(
    app: Flask, owner: FlaskClient
) -> None:
    ann, bo = put("Ann", MailState.UNCERTAIN), put("Bo", MailState.UNCERTAIN)
    assert press(owner, MAIL, f"{MAIL}/{ann}/resend") == 303
    assert press(owner, MAIL, f"{MAIL}/{bo}/settle") == 303
    assert (state_of(ann), state_of(bo)) == (MailState.QUEUED, MailState.SENT)
    while worker.tick():
        pass
    assert state_of(ann) is MailState.SENT, "its job was asked for with it"
    with reading() as session:
        done = session.execute(
            select(AuditEvent.action, AuditEvent.actor, AuditEvent.subject).where(
                AuditEvent.action.like("mail.%")
            )
        ).all()
    by = "user:programme.owner@kestrin.example"
    assert sorted(map(tuple, done)) == [
        ("mail.resent", by, f"mail:{ann}"),
        ("mail.settled", by, f"mail:{bo}"),
    ]


def test_a_second_press_and_a_closed_wave_are_refused(app: Flask, owner: FlaskClient) -> None:
    ann, bo = put("Ann", MailState.UNCERTAIN), put("Bo", MailState.FAILED)
    token = token_of(owner, MAIL)
    assert owner.post(f"{MAIL}/{ann}/settle", data={"csrf_token": token}).status_code == 303
    again = owner.post(f"{MAIL}/{ann}/resend", data={"csrf_token": token})
    assert "This message is sent now" in check_page(again, status=409).text
    with transaction() as session:
        waves.close(session, session.scalars(select(Wave)).one(), by="test", at=utcnow())
    closed = owner.post(f"{MAIL}/{bo}/resend", data={"csrf_token": token})
    assert "is closed: nobody is asked any more" in check_page(closed, status=409).text
    assert state_of(bo) is MailState.FAILED


def test_mail_that_came_back_is_sent_once_the_address_is_mended(
    app: Flask, owner: FlaskClient
) -> None:
    put("Dee", MailState.UNCERTAIN)
    cy = put("Cy", MailState.BOUNCED, "550 No such user")
    assert "Mend the address of this person" in owner.get(f"{MAIL}?state=bounced").text
    assert press(owner, MAIL, f"{MAIL}/{cy}/resend") == 409
    with transaction() as session:
        session.execute(update(Contact).where(Contact.name == "Cy").values(bounced_at=None))
    assert press(owner, f"{MAIL}?state=bounced", f"{MAIL}/{cy}/resend") == 303
    assert state_of(cy) is MailState.QUEUED


def test_who_only_reads_gets_no_buttons_and_no_outbox(app: Flask) -> None:
    ann = put("Ann", MailState.UNCERTAIN)
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    shown = check_page(analyst.get(MAIL))
    assert "ann@example.com" in shown.text
    assert not [form for form in shown.forms if "/mail/" in form]
    assert "Read the outbox" not in shown.text
    assert analyst.get(f"{MAIL}/outbox").status_code == 403
    assert analyst.get(f"{MAIL}/outbox/{ann}").status_code == 403


def test_mail_of_another_programme_is_not_found(app: Flask) -> None:
    ann = put("Ann", MailState.UNCERTAIN)
    open_wave(app, "Zoe", slug="other")
    stranger = sign_in(app, "other", email="owner@other.example")
    assert "ann@example.com" not in stranger.get("/p/other/mail").text
    token = token_of(stranger, "/p/other/mail?state=queued")
    for action in ("resend", "settle"):
        answer = stranger.post(f"/p/other/mail/{ann}/{action}", data={"csrf_token": token})
        assert answer.status_code == 404
    assert stranger.get(f"/p/other/mail/outbox/{ann}").status_code == 404
    assert state_of(ann) is MailState.UNCERTAIN


def test_the_outbox_is_read_on_the_page_without_its_html(app: Flask, owner: FlaskClient) -> None:
    while worker.tick():
        pass
    listed = check_page(owner.get(f"{MAIL}/outbox"))
    assert "These mails hold live links" in listed.text
    letters = [link for link in listed.links.values() if re.search(r"/outbox/[0-9a-f-]{36}$", link)]
    letters = letters or [
        link for link in listed.links if re.search(r"/outbox/[0-9a-f-]{36}$", link)
    ]
    assert len(letters) == 4
    shown = check_page(owner.get(letters[0]))
    assert "List-Unsubscribe" in shown.text
    assert re.search(r"http://127\.0\.0\.1:8000/r/[\w-]{43}", shown.text)
    assert 'class="open"' not in shown.html
    assert not [link for link in shown.links if "/r/" in link], "the live link is not a link here"


def test_a_file_that_is_gone_is_said_to_be(app: Flask, owner: FlaskClient) -> None:
    ann = put("Ann", MailState.SENT)
    shown = check_page(owner.get(f"{MAIL}/outbox/{ann}"))
    assert "no longer in the outbox" in shown.text
    queued = put("Bo", MailState.QUEUED)
    assert owner.get(f"{MAIL}/outbox/{queued}").status_code == 404


def test_reminders_that_would_tell_who_has_not_answered_are_counted_and_not_listed(
    app_on_both: Flask,
) -> None:
    open_wave(app_on_both, "Ann", "Bo")
    owner = sign_in(app_on_both, "kestrin")
    with app_on_both.app_context(), transaction() as session:
        ids = session.scalars(select(Invitation.id)).all()
        mail.queue_many(session, ids, step="reminder-1", at=utcnow() + timedelta(days=1))
    waiting = check_page(owner.get(f"{MAIL}?state=queued"))
    assert "2 reminders wait too" in waiting.text
    assert "Invitation" in waiting.text
    assert "Reminder 1" not in waiting.text
    with app_on_both.app_context(), transaction() as session:
        session.execute(
            update(OutgoingMail).values(state=MailState.SENT, sent_at=utcnow(), error="")
        )
        reminder = session.scalars(
            select(OutgoingMail.id).where(OutgoingMail.step == "reminder-1").limit(1)
        ).one()
    written = check_page(owner.get(f"{MAIL}/outbox"))
    assert "2 reminders are not listed" in written.text
    assert "Reminder 1" not in written.text
    assert owner.get(f"{MAIL}/outbox/{reminder}").status_code == 404


def test_with_a_mail_server_the_pages_name_it_and_not_its_password(tmp_path: Path) -> None:
    app = make_app(tmp_path, SURVEYAPP_SMTP_URL="smtp://jo:secretword@mail.example")
    open_wave(app, "Ann")
    owner = sign_in(app, "kestrin")
    for page in (MAIL, f"{MAIL}/outbox"):
        shown = check_page(owner.get(page))
        assert "Mail goes to the server mail.example" in shown.text
        assert "secretword" not in shown.html
    with app.app_context():
        db.engine.dispose()


def test_a_test_mail_reaches_only_oneself_and_holds_no_personal_link(
    app: Flask, owner: FlaskClient
) -> None:
    with transaction() as session:
        user = session.scalars(select(User)).one()
        wave = session.scalars(select(Wave)).one()
        programme = session.scalars(select(Programme)).one()
        for step in ("test-invitation", "test-reminder"):
            outgoing = mail.queue_for_user(
                session,
                user,
                step=step,
                programme=programme,
                wave=wave,
                locale="en",
                at=utcnow(),
            )
    while worker.tick():
        pass
    shown = check_page(owner.get(f"{MAIL}/outbox/{outgoing.id}"))
    assert "[Test] Still open: how is working with Kestrin going?" in shown.text
    assert "programme.owner@kestrin.example" in shown.text
    assert "This is a test." in shown.text
    assert "/r/" not in shown.text
    assert "/stop/" not in shown.text
