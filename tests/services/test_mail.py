"""Mail: at most one message an invitation and step, and links that are stored nowhere."""

import email
import email.policy
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from surveyapp import log
from surveyapp.clock import utcnow
from surveyapp.delivery.files import FileTransport
from surveyapp.delivery.memory import MemoryTransport
from surveyapp.delivery.message import Connection, Message, Transport
from surveyapp.delivery.outcomes import (
    AddressRefused,
    MessageRefused,
    RefusedForNow,
    ServerRefused,
    Unconfirmed,
)
from surveyapp.errors import NotFound, Unavailable
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import invitations, jobs, links, mail, mail_sending, waves
from surveyapp.services.mail_messages import Sender
from tests.web.world import dump, open_wave

PEOPLE = ("Ann", "Bo", "Cy")


@pytest.fixture
def wave_id(app: Flask) -> uuid.UUID:
    open_wave(app, *PEOPLE)
    with reading() as session:
        return session.scalars(select(Wave.id)).one()


class Fake:
    """A transport that is its own connection."""

    @contextmanager
    def open(self) -> Iterator[Connection]:
        yield self

    def send(self, message: Message) -> None:
        raise NotImplementedError


class Dying(Fake):
    """Hands over so many messages, then the process is gone before it can note the last one."""

    def __init__(self, after: int) -> None:
        self.sent: list[Message] = []
        self.after = after

    def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) == self.after:
            raise KeyboardInterrupt


class Refusing(Fake):
    """Takes every message but those to one address."""

    def __init__(self, refused: str, error: Exception) -> None:
        self.sent: list[Message] = []
        self.refused, self.error = refused, error

    def send(self, message: Message) -> None:
        if message.recipient == self.refused:
            raise self.error
        self.sent.append(message)


def sender(transport: Transport) -> Sender:
    return Sender(
        transport=transport,
        link_key=state().settings.link_key,
        base_url="https://survey.example.com",
        address="surveys@example.com",
        password_link=lambda user: f"https://survey.example.com/set-password/{user.id.hex}/token",
    )


def send(wave_id: uuid.UUID, transport: Transport, *, at: datetime | None = None) -> int:
    moment = at or utcnow()
    return mail_sending.send_due(
        transaction,
        wave_id,
        sender(transport),
        now=lambda: moment,
        progress=lambda _done, _total: None,
    )


def states() -> list[str]:
    with reading() as session:
        return sorted(each.value for each in session.scalars(select(OutgoingMail.state)))


def recipients(messages: list[Message]) -> list[str]:
    return sorted(message.recipient.partition("@")[0] for message in messages)


def token_in(message: Message) -> str:
    [token] = set(re.findall(r"/r/([\w-]+)", message.text))
    return str(token)


def test_everybody_gets_one_message_however_often_it_is_sent(wave_id: uuid.UUID) -> None:
    transport = MemoryTransport()
    assert send(wave_id, transport) == 3
    assert send(wave_id, transport) == 0
    assert recipients(transport.sent) == ["ann", "bo", "cy"]
    assert states() == ["sent"] * 3


def test_senders_at_once_send_everything_once(
    wave_id: uuid.UUID, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    transport = MemoryTransport()
    found = at_once([lambda: send(wave_id, transport)] * 3)
    assert sum(each for each in found if isinstance(each, int)) == 3, found
    assert recipients(transport.sent) == ["ann", "bo", "cy"]


def test_an_invitation_and_step_has_one_message(wave_id: uuid.UUID) -> None:
    def queue_again() -> None:
        with transaction() as session:
            invitation = session.scalars(select(Invitation)).first()
            assert invitation is not None
            mail.queue(session, invitation, step="invitation", at=utcnow())

    with pytest.raises(IntegrityError):
        queue_again()
    with reading() as session:
        assert session.scalar(select(func.count(OutgoingMail.id))) == 3


def test_what_a_dead_sender_left_is_listed_as_uncertain_and_not_sent_again(
    wave_id: uuid.UUID,
) -> None:
    dying = Dying(after=2)
    with pytest.raises(KeyboardInterrupt):
        send(wave_id, dying)
    assert states() == ["claimed", "queued", "sent"], "only what was under way is in doubt"
    other = MemoryTransport()
    assert send(wave_id, other) == 1
    assert send(wave_id, other, at=utcnow() + 2 * mail_sending.LEASE) == 0
    assert not set(recipients(other.sent)) & set(recipients(dying.sent))
    assert states() == ["claimed", "sent", "sent"]
    for at, are_listed in (
        (utcnow(), False),
        (utcnow() + mail_sending.LEASE + timedelta(seconds=1), True),
    ):
        with reading() as session:
            assert mail.has_abandoned(session, at=at) is are_listed
        with transaction() as session:
            mail.list_abandoned(session, at=at)
        assert ("uncertain" in states()) is are_listed
    with reading() as session:
        said = session.scalars(
            select(OutgoingMail.error).where(OutgoingMail.state == MailState.UNCERTAIN)
        ).all()
    assert set(said) == {"The sender stopped between handing it over and marking it."}


def rows(name: str) -> list[OutgoingMail]:
    with reading() as session:
        return list(
            session.scalars(
                select(OutgoingMail)
                .join(OutgoingMail.invitation)
                .join(Invitation.contact)
                .where(Contact.name == name)
                .order_by(OutgoingMail.step)
            )
        )


def row(name: str) -> OutgoingMail:
    [found] = rows(name)
    return found


def test_what_is_refused_for_now_is_tried_later_and_later_and_then_given_up(
    wave_id: uuid.UUID,
) -> None:
    transport = Refusing("bo@example.com", RefusedForNow("450 Try later."))
    at = utcnow()
    for attempt, minutes in enumerate((1, 5, 25, 125), start=1):
        send(wave_id, transport, at=at)
        bo = row("Bo")
        assert (bo.state, bo.attempts, bo.error) == (MailState.QUEUED, attempt, "450 Try later.")
        assert bo.due_at == at + timedelta(minutes=minutes)
        assert send(wave_id, MemoryTransport(), at=bo.due_at - timedelta(seconds=1)) == 0
        at = bo.due_at
    send(wave_id, transport, at=at)
    assert row("Bo").state is MailState.FAILED
    assert row("Bo").attempts == mail_sending.MAX_ATTEMPTS
    assert send(wave_id, MemoryTransport(), at=at + timedelta(days=1)) == 0
    assert recipients(transport.sent) == ["ann", "cy"], "one refusal holds up nobody else"


def test_what_is_due_later_is_asked_for_at_its_time(wave_id: uuid.UUID) -> None:
    send(wave_id, Refusing("bo@example.com", RefusedForNow("450 Try later.")))
    due_at = row("Bo").due_at
    with reading() as session:
        later = session.scalars(select(Job).where(Job.due_at >= due_at)).all()
        assert [job.kind for job in later] == ["send-mail"]
        assert later[0].due_at - due_at < timedelta(minutes=1)
        assert jobs.next_due(session, at=due_at) != later[0].id
    assert send(wave_id, MemoryTransport(), at=later[0].due_at) == 1


def test_an_address_that_does_not_work_is_remembered_with_its_person(wave_id: uuid.UUID) -> None:
    said = "550 5.1.1 No such user."
    at = utcnow()
    send(wave_id, Refusing("bo@example.com", AddressRefused(said)), at=at)
    assert (row("Bo").state, row("Bo").error) == (MailState.BOUNCED, said)
    with reading() as session:
        bo = session.scalars(select(Contact).where(Contact.name == "Bo")).one()
    assert (bo.bounced_at, bo.bounce) == (at, said)
    remind(wave_id, at=at)
    later = MemoryTransport()
    send(wave_id, later, at=at)
    assert recipients(later.sent) == ["ann", "cy"]
    assert rows("Bo")[1].error == "Not sent: mail to this address had come back."


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (MessageRefused("554 This is spam."), MailState.FAILED),
        (Unconfirmed("The connection ended."), MailState.UNCERTAIN),
    ],
)
def test_what_is_refused_for_good_or_unconfirmed_is_never_sent_again(
    wave_id: uuid.UUID, error: Exception, left: MailState
) -> None:
    send(wave_id, Refusing("bo@example.com", error))
    assert (row("Bo").state, row("Bo").error) == (left, str(error))
    other = MemoryTransport()
    assert send(wave_id, other, at=utcnow() + timedelta(days=1)) == 0
    with reading() as session:
        assert session.scalars(select(Contact.bounced_at).distinct()).all() == [None]


def test_an_outage_counts_against_nobody_and_is_not_met_for_everybody(wave_id: uuid.UUID) -> None:
    asked: list[str] = []

    class Down(Fake):
        def send(self, message: Message) -> None:
            asked.append(message.recipient)
            raise Unavailable("No connection.")

    for _ in range(2 * mail_sending.MAX_ATTEMPTS):
        with pytest.raises(Unavailable, match="No connection"):
            send(wave_id, Down())
    assert len(asked) == 2 * mail_sending.MAX_ATTEMPTS, "each run stops at the first"
    assert states() == ["queued"] * 3
    with reading() as session:
        assert set(session.scalars(select(OutgoingMail.attempts))) == {0}
    assert send(wave_id, MemoryTransport()) == 3


def test_a_server_that_refuses_us_is_not_asked_for_everybody(app: Flask) -> None:
    open_wave(app, *(f"Person {number}" for number in range(8)), slug="other")
    with reading() as session:
        wave_id = session.scalars(select(Wave.id)).one()
    asked: list[str] = []

    class Closed(Fake):
        def send(self, message: Message) -> None:
            asked.append(message.recipient)
            raise ServerRefused("554 5.7.1 Relay access denied.")

    with pytest.raises(Unavailable, match=r"refused 3 messages in a row: 554 5.7.1"):
        send(wave_id, Closed())
    assert len(asked) == 3
    assert states() == ["queued"] * 8
    assert send(wave_id, MemoryTransport(), at=utcnow() + timedelta(minutes=2)) == 8


def remind(wave_id: uuid.UUID, *, at: datetime) -> int:
    with transaction() as session:
        ids = session.scalars(select(Invitation.id).where(Invitation.wave_id == wave_id)).all()
        return mail.queue_many(session, ids, step="reminder-1", at=at)


def test_reminders_are_asked_for_once_however_often(
    wave_id: uuid.UUID, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    at = utcnow()
    found = at_once([lambda: remind(wave_id, at=at)] * 4)
    assert sum(each for each in found if isinstance(each, int)) == 3, found
    assert remind(wave_id, at=at) == 0
    transport = MemoryTransport()
    assert send(wave_id, transport) == 6
    assert recipients(transport.sent) == ["ann", "ann", "bo", "bo", "cy", "cy"]
    assert sum(message.subject.startswith("Still open:") for message in transport.sent) == 3


def test_who_has_answered_everything_gets_no_reminder(wave_id: uuid.UUID) -> None:
    send(wave_id, MemoryTransport())
    remind(wave_id, at=utcnow())
    with transaction() as session:
        ann = select(Contact.id).where(Contact.name == "Ann")
        invited = select(Invitation.id).where(Invitation.contact_id.in_(ann))
        session.execute(
            update(Assignment)
            .where(Assignment.invitation_id.in_(invited))
            .values(submitted_at=utcnow())
        )
    transport = MemoryTransport()
    assert send(wave_id, transport) == 2
    assert recipients(transport.sent) == ["bo", "cy"]
    assert rows("Ann")[1].error == "Not sent: nothing was left to ask."


def test_a_wave_that_pauses_keeps_its_mail(wave_id: uuid.UUID) -> None:
    with transaction() as session:
        session.execute(update(Wave).values(state=WaveState.PAUSED))
    transport = MemoryTransport()
    assert send(wave_id, transport) == 0
    assert states() == ["queued"] * 3
    with transaction() as session:
        session.execute(update(Wave).values(state=WaveState.OPEN))
    assert send(wave_id, transport) == 3


def test_a_sender_that_was_slow_marks_what_was_listed_as_uncertain_and_nothing_else(
    wave_id: uuid.UUID,
) -> None:
    class Slow(Fake):
        """Takes so long over each message that its claim is over, then says what became of it."""

        def __init__(self, error: Exception | None) -> None:
            self.error = error

        def send(self, _message: Message) -> None:
            with transaction() as session:
                mail.list_abandoned(session, at=utcnow() + 2 * mail_sending.LEASE)
            if self.error:
                raise self.error

    with pytest.raises(Unavailable):
        send(wave_id, Slow(Unavailable("Gone.")))
    assert states() == ["queued", "queued", "uncertain"], "nobody may send it again by itself"
    assert send(wave_id, Slow(None)) == 2
    assert states() == ["sent", "sent", "uncertain"]


def test_who_opted_out_after_the_launch_gets_no_mail(wave_id: uuid.UUID) -> None:
    with transaction() as session:
        session.execute(update(Contact).where(Contact.name == "Cy").values(opted_out_at=utcnow()))
    transport = MemoryTransport()
    assert send(wave_id, transport) == 2
    assert recipients(transport.sent) == ["ann", "bo"]
    assert states() == ["dropped", "sent", "sent"]


def test_a_wave_that_closed_before_its_mail_went_sends_none(wave_id: uuid.UUID) -> None:
    with transaction() as session:
        waves.close(session, waves.load(session, wave_id), by="test", at=utcnow())
    transport = MemoryTransport()
    assert send(wave_id, transport) == 0
    assert transport.sent == []
    assert states() == ["dropped"] * 3
    with reading() as session:
        assert set(session.scalars(select(OutgoingMail.error))) == {
            "Not sent: the wave had closed."
        }


def test_the_link_in_the_file_opens_and_its_token_is_stored_nowhere(
    capfd: pytest.CaptureFixture[str], app: Flask, wave_id: uuid.UUID, tmp_path: Path
) -> None:
    log.configure(level="INFO", as_json=False)  # writes to where this test reads
    send(wave_id, FileTransport(tmp_path / "outbox"))
    files = sorted((tmp_path / "outbox").iterdir())
    assert len(files) == 3
    everything = repr(dump(app))
    opened = set()
    for file in files:
        parsed = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = parsed.get_body(("plain",))
        assert body is not None
        [token] = set(
            re.findall(r"https://survey\.example\.com/r/([\w-]{43})\b", body.get_content())
        )
        assert token not in everything
        page = app.test_client().get(f"/r/{token}")
        assert page.status_code == 200
        assert app.test_client().post(f"/r/{token}").status_code == 303
        with reading() as session:
            found = invitations.redeem(session, token, at=utcnow())
        assert parsed["To"].addresses[0].addr_spec == found.contact.email
        opened.add(found.contact.name)
        logged = "".join(capfd.readouterr())
        assert "respond.start" in logged
        assert token not in logged
    assert opened == set(PEOPLE)


def test_raising_the_generation_changes_the_link(wave_id: uuid.UUID) -> None:
    key = state().settings.link_key
    transport = MemoryTransport()
    send(wave_id, transport)
    old = token_in(transport.sent[0])
    with transaction() as session:
        invitation = invitations.redeem(session, old, at=utcnow()).invitation
        invitation.generation += 1
        new = links.token_for(invitation.id, invitation.generation, link_key=key)
        invitation.token_hash = links.token_hash(new)
    assert new != old
    with reading() as session:
        assert invitations.redeem(session, new, at=utcnow()).invitation.id == invitation.id
        with pytest.raises(NotFound, match="replaced by a newer one"):
            invitations.redeem(session, old, at=utcnow())
    other = links.token_for(invitation.id, invitation.generation, link_key=b"x" * 32)
    assert other not in {old, new}, "without the key no link can be made"
