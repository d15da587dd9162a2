"""Mail to people with an account, and all mail over a real server: nothing of it is kept anywhere."""

import email
import email.policy
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp import log
from surveyapp.clock import utcnow
from surveyapp.delivery.smtp import SmtpTransport
from surveyapp.errors import Unavailable
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.people import User
from surveyapp.models.waves import Wave
from surveyapp.services import jobs, mail, mail_sending, users
from surveyapp.services.mail_messages import Sender
from surveyapp.smtp_server import SmtpServer
from tests.delivery.mail_server import Script, mail_server
from tests.web.world import dump, open_wave

BASE = "https://survey.example.com"
NOBODY = lambda *_: None  # noqa: E731 nobody watches the progress here


@pytest.fixture
def user(app: Flask) -> User:
    with transaction() as session:
        return users.create(session, email="jo@example.com", name="Jo Kern", at=utcnow())


def sender(server: SmtpServer) -> Sender:
    settings = state().settings
    return Sender(
        transport=SmtpTransport(server),
        link_key=settings.link_key,
        base_url=BASE,
        address="surveys@example.com",
        password_link=partial(users.password_link, base_url=BASE, secret_key=settings.secret_key),
    )


def ask(user: User, locale: str = "en") -> uuid.UUID:
    with transaction() as session:
        found = session.get_one(User, user.id)
        return mail.queue_for_user(
            session, found, step="set-password", locale=locale, at=utcnow()
        ).id


def states() -> list[str]:
    with reading() as session:
        return sorted(each.value for each in session.scalars(select(OutgoingMail.state)))


def text_of(script: Script, position: int = 0) -> str:
    content = script.accepted[position].content
    assert isinstance(content, bytes)
    body = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_one_link_for_a_password_waits_at_most(
    user: User, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    found = set(at_once([lambda: ask(user)] * 4))
    assert len(found) == 1, found
    assert states() == ["queued"]


def test_the_link_in_the_mail_opens_and_is_kept_nowhere(
    app: Flask, user: User, capfd: pytest.CaptureFixture[str]
) -> None:
    log.configure(level="INFO", as_json=False)  # writes to where this test reads
    mail_id = ask(user, locale="de")
    script = Script()
    with mail_server(script) as server:
        assert mail_sending.send_to_user(transaction, mail_id, sender(server), now=utcnow)
        assert not mail_sending.send_to_user(transaction, mail_id, sender(server), now=utcnow)
    text = text_of(script)
    assert "Guten Tag Jo Kern," in text
    [link] = set(re.findall(rf"{BASE}(/set-password/\S+)", text))
    assert app.test_client().get(link).status_code == 200
    token = link.rpartition("/")[2]
    logged = "".join(capfd.readouterr())
    assert "auth.show_password" in logged
    assert token not in logged
    assert token not in repr(dump(app))
    assert ask(user) != mail_id, "once it went, another may be asked for"


def test_a_refusal_for_now_asks_again_by_itself(user: User) -> None:
    mail_id = ask(user)
    script = Script()
    script.rcpt["jo@example.com"] = "450 4.2.0 Try later"
    with mail_server(script) as server:
        assert not mail_sending.send_to_user(transaction, mail_id, sender(server), now=utcnow)
        with reading() as session:
            later = session.scalars(
                select(Job).where(Job.arguments["user_mail"].as_string() == str(mail_id))
            ).all()
            due_at = max(job.due_at for job in later)
            assert len(later) == 2
            assert due_at > utcnow() + timedelta(seconds=30)
            assert jobs.next_due(session, at=due_at) in {job.id for job in later}
        script.rcpt.clear()
        assert mail_sending.send_to_user(transaction, mail_id, sender(server), now=lambda: due_at)


def test_an_account_that_was_shut_gets_no_mail(user: User) -> None:
    mail_id = ask(user)
    with transaction() as session:
        users.disable(session, session.get_one(User, user.id), at=utcnow())
    script = Script()
    with mail_server(script) as server:
        assert not mail_sending.send_to_user(transaction, mail_id, sender(server), now=utcnow)
    assert states() == ["dropped"]
    assert script.accepted == []


def test_a_server_that_is_away_costs_no_attempt(user: User) -> None:
    mail_id = ask(user)
    with mail_server(Script()) as server:
        pass
    with pytest.raises(Unavailable):
        mail_sending.send_to_user(transaction, mail_id, sender(server), now=utcnow)
    with reading() as session:
        assert session.get_one(OutgoingMail, mail_id).attempts == 0


def test_a_wave_over_a_real_server_ends_with_every_message_where_it_belongs(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    log.configure(level="DEBUG", as_json=False)
    open_wave(app, "Ann", "Bo", "Cy", "Dee", "Eve", "Fay")
    with reading() as session:
        wave_id = session.scalars(select(Wave.id)).one()
    script = Script()
    script.rcpt["bo@example.com"] = "550 5.1.1 No such user"
    script.rcpt["cy@example.com"] = "451 4.7.1 Greylisted"
    script.data["dee@example.com"] = "drop"
    script.data["eve@example.com"] = "554 5.6.0 Spam"
    script.before_data["fay@example.com"] = "at once"
    with mail_server(script) as server:
        count = mail_sending.send_due(
            transaction, wave_id, sender(server), now=utcnow, progress=NOBODY
        )
        script.rcpt.clear()
        script.before_data.clear()
        later = utcnow() + timedelta(minutes=2)
        count += mail_sending.send_due(
            transaction, wave_id, sender(server), now=lambda: later, progress=NOBODY
        )
    assert count == 3
    with reading() as session:
        rows = session.execute(
            select(Contact.name, OutgoingMail.state)
            .join(Invitation, Invitation.contact_id == Contact.id)
            .join(OutgoingMail, OutgoingMail.invitation_id == Invitation.id)
            .order_by(Contact.name)
        )
        assert [(name, each.value) for name, each in rows] == [
            ("Ann", "sent"),
            ("Bo", "bounced"),
            ("Cy", "sent"),
            ("Dee", "uncertain"),
            ("Eve", "failed"),
            ("Fay", "sent"),
        ]
    people = script.recipients()
    assert len(people) == len(set(people)) == 4, "Dee had hers, and nobody had two"
    tokens = {
        token
        for position in range(len(people))
        for token in re.findall(r"/(?:r|stop)/([\w-]{43})", text_of(script, position))
    }
    assert len(tokens) == 4
    stored, logged = repr(dump(app)), "".join(capfd.readouterr())
    for secret in (*tokens, "Nothing is recorded before you press Start", "would like to hear"):
        assert secret not in stored
        assert secret not in logged


def test_a_link_that_the_server_quotes_is_not_kept(app: Flask) -> None:
    [ann] = open_wave(app, "Ann")
    with reading() as session:
        wave_id = session.scalars(select(Wave.id)).one()
    script = Script()
    script.data["ann@example.com"] = f"554 5.7.1 Bad link {BASE}/r/{ann.token} in the mail"
    with mail_server(script) as server:
        mail_sending.send_due(transaction, wave_id, sender(server), now=utcnow, progress=NOBODY)
    with reading() as session:
        said = session.scalars(select(OutgoingMail.error)).one()
    assert said.startswith("554 5.7.1 Bad link")
    assert ann.token not in repr(dump(app))


def test_two_senders_and_a_real_server_reach_everybody_once(
    app: Flask, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    names = [f"Person {number}" for number in range(30)]
    open_wave(app, *names)
    with reading() as session:
        wave_id = session.scalars(select(Wave.id)).one()
    script = Script()
    with mail_server(script) as server:
        run = partial(
            mail_sending.send_due,
            transaction,
            wave_id,
            sender(server),
            now=utcnow,
            progress=NOBODY,
        )
        found = at_once([run] * 3)
    assert sum(each for each in found if isinstance(each, int)) == 30, found
    assert sorted(script.recipients()) == sorted(
        f"{name.replace(' ', '.').lower()}@example.com" for name in names
    )
    assert script.connections <= 3
    assert states() == ["sent"] * 30
