"""The mail server's address in the settings: read strictly, its password kept out of every sentence."""

import pytest

from surveyapp.errors import Invalid
from surveyapp.smtp_server import SmtpServer


def read(url: str) -> SmtpServer:
    found = SmtpServer.from_url(url)
    assert found is not None
    return found


def test_without_an_address_there_is_no_server() -> None:
    assert SmtpServer.from_url("") is None


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://mail.example", 587, "starttls"),
        ("smtp://mail.example:25", 25, "starttls"),
        ("smtp://mail.example:25?tls=never", 25, "none"),
        ("smtps://mail.example", 465, "tls"),
        ("smtps://mail.example:8465/", 8465, "tls"),
        ("smtp://127.0.0.1:1025", 1025, "none"),
        ("smtp://[::1]:1025", 1025, "none"),
        ("smtp://localhost", 587, "none"),
        ("smtp://localhost?tls=always", 587, "starttls"),
    ],
)
def test_encryption_is_left_out_only_on_this_machine_or_when_said(
    url: str, port: int, security: str
) -> None:
    assert (read(url).port, read(url).security) == (port, security)


def test_a_name_and_password_may_hold_any_ascii_character() -> None:
    server = read("smtps://jo%40kestrin.example:a%2Fb%3Ac%40d@mail.example?timeout=7")
    assert (server.user, server.password) == ("jo@kestrin.example", "a/b:c@d")
    assert server.timeout_seconds == 7.0
    assert "a/b:c@d" not in repr(server)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example:587", "cannot be used"),
        ("http://mail.example", "cannot be used"),
        ("smtp://", "cannot be used"),
        ("smtp://:secretword@mail.example", "needs a name and a password"),
        ("smtp://jo@mail.example", "needs a name and a password"),
        ("smtp://jo:secretw%C3%B6rd@mail.example", "plain ASCII"),
        ("smtp://jo:secretword@mail.example:0", "cannot be used"),
        ("smtp://jo:secretword@mail.example:port", "cannot be used"),
        ("smtp://jo:secretword@mail.example/inbox", "cannot be used"),
        ("smtp://jo:secretword@mail.example?tls", "cannot be used"),
        ("smtp://jo:secretword@mail.example?starttls=1", "cannot be used"),
        ("smtp://jo:secretword@mail.example?tls=maybe", "tls=always or tls=never"),
        ("smtps://jo:secretword@mail.example?tls=never", "Choose one of the two"),
        ("smtp://jo:secretword@mail.example?tls=never", "readable by anybody on the way"),
        ("smtp://jo:secretword@mail.example?timeout=0", "whole seconds, 1 to 30"),
        ("smtp://jo:secretword@mail.example?timeout=31", "whole seconds, 1 to 30"),
        ("smtp://jo:secretword@mail.example?timeout=1e1", "whole seconds, 1 to 30"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence_without_the_password(
    url: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        SmtpServer.from_url(url)
    assert "SURVEYAPP_SMTP_URL" in str(refused.value)
    assert "secretw" not in str(refused.value)
