"""Mail over a real connection: what was accepted, what was not, and what nobody knows."""

import email
import email.policy
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from surveyapp.delivery.files import FileTransport
from surveyapp.delivery.message import Message
from surveyapp.delivery.outcomes import (
    AddressRefused,
    MessageRefused,
    Refused,
    RefusedForNow,
    ServerRefused,
    Unconfirmed,
)
from surveyapp.delivery.smtp import SmtpTransport
from surveyapp.delivery.transports import transport_for
from surveyapp.errors import Unavailable
from surveyapp.settings import Settings
from surveyapp.smtp_server import SmtpServer
from tests.delivery.mail_server import CERTIFICATE, NAME, PASSWORD, Script, mail_server

ANN, BO, CY = "ann@a.example", "bo@b.example", "cy@c.example"


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[SmtpServer]:
    with mail_server(script) as running:
        yield running


def message(recipient: str = ANN, **changed: Any) -> Message:
    given: dict[str, Any] = {
        "key": f"key-of-{recipient.partition('@')[0]}",
        "sender": "survey@kestrin.example",
        "sender_name": "Kestrin, Zoë",
        "recipient": recipient,
        "subject": "Wie läuft es?",
        "text": "Grüß Gott\n.a line with a dot\n..and two\n",
        "html": "<p>Grüß Gott</p>",
        "written_at": datetime(2026, 3, 1, 9, tzinfo=UTC),
    } | changed
    return Message(**given)


def send(server: SmtpServer, *messages: Message) -> list[type[Exception] | None]:
    """Hand messages over on one connection; return what became of each."""
    found: list[type[Exception] | None] = []
    with SmtpTransport(server).open() as connection:
        for each in messages:
            try:
                connection.send(each)
            except (Refused, Unconfirmed, Unavailable) as error:
                found.append(type(error))
            else:
                found.append(None)
    return found


def parsed(script: Script, position: int = 0) -> EmailMessage:
    content = script.accepted[position].content
    assert isinstance(content, bytes)
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_message_arrives_whole_and_a_batch_has_one_connection(
    script: Script, server: SmtpServer
) -> None:
    assert send(server, message(ANN), message(BO), message(CY)) == [None] * 3
    assert script.recipients() == [ANN, BO, CY]
    assert script.connections == 1
    arrived = parsed(script)
    assert arrived["Subject"] == "Wie läuft es?"
    assert arrived["Message-ID"] == "<key-of-ann@kestrin.example>"
    body = arrived.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Grüß Gott\n.a line with a dot\n..and two\n"
    assert script.accepted[0].mail_from == "survey@kestrin.example"


def test_no_connection_is_made_for_no_message(script: Script, server: SmtpServer) -> None:
    assert send(server) == []
    assert script.connections == 0


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such user", AddressRefused),
        ("550 Mailbox unavailable", AddressRefused),
        ("553 5.1.3 Bad address", AddressRefused),
        ("554 5.7.1 Relay access denied", ServerRefused),
        ("530 5.7.0 Authentication required", ServerRefused),
        ("552 5.2.2 Mailbox full", RefusedForNow),
        ("450 4.2.0 Greylisted", RefusedForNow),
        ("451 Try again later", RefusedForNow),
    ],
)
def test_a_refused_recipient_holds_up_nobody_else(
    script: Script, server: SmtpServer, answer: str, outcome: type[Exception]
) -> None:
    script.rcpt[BO] = answer
    assert send(server, message(ANN), message(BO), message(CY)) == [None, outcome, None]
    assert script.recipients() == [ANN, CY]
    assert script.connections == 1, "the conversation goes on after a refusal"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("554 5.6.0 Looks like spam", MessageRefused),
        ("550 5.1.1 No such user after all", AddressRefused),
        ("451 4.3.0 Disk full", RefusedForNow),
    ],
)
def test_what_the_server_says_after_the_message_is_certain(
    script: Script, server: SmtpServer, answer: str, outcome: type[Exception]
) -> None:
    script.data[ANN] = answer
    assert send(server, message(ANN), message(BO)) == [outcome, None]
    assert script.recipients() == [BO]


def test_what_the_server_said_is_kept_without_a_link_it_may_quote(
    script: Script, server: SmtpServer
) -> None:
    token = "tOk3n-_" * 6
    script.data[ANN] = f"554 5.7.1 Link https://survey.example/r/{token} is on a list"
    with SmtpTransport(server).open() as connection, pytest.raises(MessageRefused) as refused:
        connection.send(message(text=f"https://survey.example/r/{token}"))
    assert str(refused.value) == "554 5.7.1 Link https://survey.example/r/… is on a list"


@pytest.mark.parametrize("when", ["at once", "after 354"])
def test_a_connection_that_dies_before_the_last_byte_has_certainly_not_delivered(
    script: Script, server: SmtpServer, when: str
) -> None:
    script.before_data[BO] = when
    long = "much more than any buffer between the two holds\n" * 300_000
    found = send(server, message(ANN), message(BO, text=long), message(CY))
    assert found == [None, ServerRefused, None]
    assert script.recipients() == [ANN, CY]


def test_a_connection_that_dies_after_the_last_byte_leaves_it_open(
    script: Script, server: SmtpServer
) -> None:
    script.data[BO] = "drop"
    assert send(server, message(ANN), message(BO), message(CY)) == [None, Unconfirmed, None]
    assert script.recipients() == [ANN, BO, CY], "this one had it, and we cannot know"
    assert script.connections == 2


def test_a_server_that_takes_a_few_messages_a_connection_gets_new_ones(
    script: Script, server: SmtpServer
) -> None:
    script.each_connection = 2
    found = send(server, *(message(f"p{number}@a.example") for number in range(5)))
    assert found == [None] * 5
    assert len(script.recipients()) == 5
    assert script.connections == 3


@pytest.mark.parametrize("answer", ["421 4.3.2 Shutting down", "550 5.7.1 Sender not allowed"])
def test_a_server_that_takes_nothing_from_us_says_nothing_of_the_message(
    script: Script, server: SmtpServer, answer: str
) -> None:
    script.mail = answer
    assert send(server, message(ANN)) == [Unavailable]


def test_a_server_that_leaves_at_one_recipient_holds_up_nobody_else(
    script: Script, server: SmtpServer
) -> None:
    script.rcpt[ANN] = "421 4.3.2 Not for this one"
    assert send(server, message(ANN), message(BO)) == [ServerRefused, None]


def test_a_silent_server_is_left_before_the_message_and_in_doubt_after_it() -> None:
    script = Script()
    with mail_server(script, timeout_seconds=0.3) as server:
        script.pause = 0.8
        assert send(server, message(ANN)) == [ServerRefused]
        script.pause, script.pause_after_dot = 0.0, 0.8
        assert send(server, message(BO)) == [Unconfirmed]


def test_a_server_that_is_not_there_is_an_outage(script: Script) -> None:
    with mail_server(script) as server:
        pass
    place = f"The mail server 127.0.0.1:{server.port}"
    assert refusal(server, message()).startswith(f"{place} does not answer")


def refusal(server: SmtpServer, wanted: Message) -> str:
    """What an outage says."""
    with SmtpTransport(server).open() as connection, pytest.raises(Unavailable) as refused:
        connection.send(wanted)
    return str(refused.value)


def trust_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(CERTIFICATE))


def test_a_name_and_password_are_said_and_a_wrong_one_is_an_outage(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_the_certificate(monkeypatch)
    given = {"security": "starttls", "with_login": True, "user": NAME}
    with mail_server(script, **given, password=PASSWORD) as server:
        assert send(server, message(ANN)) == [None]
    with mail_server(script, **given, password="guessed") as server:
        said = refusal(server, message(BO))
    assert "refuses the name and password of SURVEYAPP_SMTP_URL (code 535)" in said
    assert "guessed" not in said + repr(server)
    with mail_server(script, user=NAME, password=PASSWORD) as server:
        assert "offers no login" in refusal(server, message(BO))
    assert script.recipients() == [ANN]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_needs_a_certificate_that_can_be_trusted(
    script: Script, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(script, security=security) as server:
        assert "cannot prove who it is: self-signed" in refusal(server, message(ANN))
        trust_the_certificate(monkeypatch)
        assert send(server, message(ANN)) == [None]
    assert script.tls == [True]


def test_a_server_without_encryption_is_told_nothing_when_it_is_required(script: Script) -> None:
    with mail_server(script) as plain:
        server = SmtpServer(host=plain.host, port=plain.port, security="starttls")
        assert "offers no encryption" in refusal(server, message(ANN))
    assert script.accepted == []


def test_a_message_that_cannot_be_written_costs_no_connection(
    script: Script, server: SmtpServer
) -> None:
    assert send(server, message(key="odd", recipient="no address")) == [MessageRefused]
    assert script.connections == 0


def test_the_settings_choose_the_transport(tmp_path: Any) -> None:
    home = {"SURVEYAPP_HOME": str(tmp_path)}
    files = transport_for(Settings.from_env(home))
    assert isinstance(files, FileTransport)
    assert files.outbox == tmp_path / "outbox"
    url = {"SURVEYAPP_SMTP_URL": "smtp://jo:pa%40ss@mail.example"}
    smtp = transport_for(Settings.from_env(home | url))
    assert isinstance(smtp, SmtpTransport)
    assert smtp.server == SmtpServer(
        host="mail.example", port=587, security="starttls", user="jo", password="pa@ss"
    )
