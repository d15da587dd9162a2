"""Messages as they leave: encoded safely, written whole, once per key."""

import email
import stat
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from surveyapp.delivery.files import FileTransport
from surveyapp.delivery.memory import MemoryTransport
from surveyapp.delivery.message import Message, Transport, as_email
from surveyapp.delivery.outcomes import MessageRefused
from surveyapp.errors import Unavailable


def message(**changed: Any) -> Message:
    given: dict[str, Any] = {
        "key": "7f3a",
        "sender": "survey@kestrin.example",
        "sender_name": "Kestrin, Zoë",
        "recipient": "tomas@aldermere.example",
        "recipient_name": "Tomáš Vey",
        "subject": "Wie läuft es?",
        "text": "Grüß Gott\nhttps://x.example/r/" + "t" * 43 + "\n",
        "html": "<p>Grüß Gott</p>",
    } | changed
    return Message(**given, written_at=datetime(2026, 3, 1, 9, tzinfo=UTC))


def read(path: Path) -> EmailMessage:
    parsed = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_written_mail_reads_back_whole(tmp_path: Path) -> None:
    transport: Transport = FileTransport(tmp_path / "outbox")
    with transport.open() as connection:
        connection.send(message())
    parsed = read(tmp_path / "outbox" / "7f3a.eml")
    assert parsed["Subject"] == "Wie läuft es?"
    assert parsed["To"].addresses[0].display_name == "Tomáš Vey"
    assert parsed["To"].addresses[0].addr_spec == "tomas@aldermere.example"
    assert parsed["Date"].datetime == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert parsed["Message-ID"] == "<7f3a@kestrin.example>"
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "https://x.example/r/" + "t" * 43 in text.get_content()
    assert "Grüß Gott" in html.get_content()


def test_sending_again_replaces_the_file_and_leaves_no_pieces(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    transport.send(message(subject="first"))
    transport.send(message(subject="second"))
    assert [path.name for path in tmp_path.iterdir()] == ["7f3a.eml"]
    assert read(transport.path("7f3a"))["Subject"] == "second"


def test_files_with_live_links_are_for_their_owner_only(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "outbox")
    transport.send(message())
    assert stat.S_IMODE((tmp_path / "outbox").stat().st_mode) == 0o700
    assert stat.S_IMODE(transport.path("7f3a").stat().st_mode) == 0o600


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="outbox"):
        FileTransport(tmp_path / "file" / "outbox").send(message())


@pytest.mark.parametrize("key", ["", "../up", "a/b", ".hidden", "x" * 101])
def test_a_key_that_would_leave_the_outbox_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="cannot name a message"):
        message(key=key)


def test_a_line_break_cannot_smuggle_a_header() -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|CR or LF"):
        as_email(message(subject="Hello\nBcc: all@x.example"))
    with pytest.raises(ValueError, match=r"CR or LF|invalid"):
        as_email(message(recipient_name="A\r\nBcc: all@x.example"))


def test_what_cannot_be_written_as_a_mail_is_refused_for_good(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path)
    for broken in (message(recipient="no address"), message(subject="two\nlines")):
        with pytest.raises(MessageRefused, match="cannot be written as a mail"):
            transport.send(broken)
    assert list(tmp_path.iterdir()) == []


def test_the_address_to_be_asked_no_more_stays_whole() -> None:
    page = "<https://survey.kestrin-logistics.example/stop/" + "t" * 43 + ">"
    lines = as_email(message(headers={"List-Unsubscribe": page})).as_bytes().split(b"\r\n")
    assert f"List-Unsubscribe: {page}".encode() in lines


def test_every_byte_is_plain_ascii() -> None:
    assert as_email(message()).as_bytes().isascii()


def test_plain_mail_has_no_html_part() -> None:
    assert not as_email(message(html="")).is_multipart()


def test_memory_keeps_what_it_was_given() -> None:
    transport = MemoryTransport()
    with transport.open() as connection:
        connection.send(message())
    assert [sent.recipient for sent in transport.sent] == ["tomas@aldermere.example"]
