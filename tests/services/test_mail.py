"""Mail: at most one message an invitation and step, and links that are stored nowhere."""

import email
import email.policy
import re
import uuid
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from surveyapp.clock import utcnow
from surveyapp.delivery.files import FileTransport
from surveyapp.delivery.memory import MemoryTransport
from surveyapp.delivery.message import Message, Transport
from surveyapp.errors import NotFound, Unavailable
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.services import invitations, links, mail, waves
from tests.web.world import dump, open_wave

PEOPLE = ("Ann", "Bo", "Cy")


@pytest.fixture
def wave_id(app: Flask) -> uuid.UUID:
    open_wave(app, *PEOPLE)
    with reading() as session:
        return session.scalars(select(Wave.id)).one()


class Dying:
    """Hands over so many messages, then the process is gone before it can note the last one."""

    def __init__(self, after: int) -> None:
        self.sent: list[Message] = []
        self.after = after

    def send(self, message: Message) -> None:
        self.sent.append(message)
        if len(self.sent) == self.after:
            raise KeyboardInterrupt


class Refusing:
    """Takes every message but those to one address."""

    def __init__(self, refused: str) -> None:
        self.sent: list[Message] = []
        self.refused = refused

    def send(self, message: Message) -> None:
        if message.recipient == self.refused:
            raise Unavailable("The mailbox is full.")
        self.sent.append(message)


def send(wave_id: uuid.UUID, transport: Transport, *, at: datetime | None = None) -> int:
    sender = mail.Sender(
        transport=transport,
        link_key=state().settings.link_key,
        base_url="https://survey.example.com",
        address="surveys@example.com",
    )
    moment = at or utcnow()
    return mail.send_due(
        transaction, wave_id, sender, now=lambda: moment, progress=lambda _done, _total: None
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
    assert send(wave_id, other, at=utcnow() + 2 * mail.LEASE) == 0
    assert not set(recipients(other.sent)) & set(recipients(dying.sent))
    assert states() == ["claimed", "sent", "sent"]
    for at, are_listed in (
        (utcnow(), False),
        (utcnow() + mail.LEASE + timedelta(seconds=1), True),
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


def test_refused_mail_goes_back_and_is_given_up_after_some_attempts(wave_id: uuid.UUID) -> None:
    transport = Refusing("bo@example.com")
    for attempt in range(1, mail.MAX_ATTEMPTS + 1):
        is_last = attempt == mail.MAX_ATTEMPTS
        with nullcontext() if is_last else pytest.raises(Unavailable):
            send(wave_id, transport)
        with reading() as session:
            bo = session.scalars(
                select(OutgoingMail)
                .join(OutgoingMail.invitation)
                .join(Invitation.contact)
                .where(Contact.name == "Bo")
            ).one()
        assert bo.attempts == attempt
        assert bo.state is (MailState.FAILED if is_last else MailState.QUEUED)
        assert bo.error == "The mailbox is full."
    assert send(wave_id, transport) == 0
    assert recipients(transport.sent) == ["ann", "cy"]
    assert states() == ["failed", "sent", "sent"]


def test_one_full_mailbox_holds_up_nobody_else(wave_id: uuid.UUID) -> None:
    transport = Refusing("bo@example.com")
    with pytest.raises(Unavailable, match="mailbox is full"):
        send(wave_id, transport)
    assert recipients(transport.sent) == ["ann", "cy"]
    assert states() == ["queued", "sent", "sent"]


def test_a_transport_that_is_down_is_not_asked_for_everybody(app: Flask) -> None:
    open_wave(app, *(f"Person {number}" for number in range(8)), slug="other")
    with reading() as session:
        wave_id = session.scalars(select(Wave.id)).one()
    asked: list[str] = []

    class Down:
        def send(self, message: Message) -> None:
            asked.append(message.recipient)
            raise Unavailable("No connection.")

    for _ in range(2):
        with pytest.raises(Unavailable, match="No connection"):
            send(wave_id, Down())
    assert len(asked) == len(set(asked)) == 6, "those not tried yet come first"
    assert states() == ["queued"] * 8
    assert send(wave_id, MemoryTransport()) == 8


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
            "Not sent: the wave had closed or the person had opted out."
        }


def test_the_link_in_the_file_opens_and_its_token_is_stored_nowhere(
    app: Flask, wave_id: uuid.UUID, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
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
        captured = capfd.readouterr()
        assert token not in captured.out + captured.err
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
