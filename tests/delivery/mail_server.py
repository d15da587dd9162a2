"""A real SMTP server on the loopback that misbehaves as it is told."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from surveyapp.smtp_server import SmtpServer

CERTIFICATE = Path(__file__).parent / "loopback.pem"
"""Of localhost and 127.0.0.1, signed by itself, good for a hundred years; its key protects nothing."""
NAME, PASSWORD = "surveyapp", "not in any log"


class Script:
    """What the server answers, by recipient, and what it took."""

    def __init__(self) -> None:
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}
        """The answer after the final dot; ``"drop"`` ends the connection instead."""
        self.mail = ""
        self.before_data: dict[str, str] = {}
        """Recipients at whose DATA the connection ends: ``"at once"``, or ``"after 354"``."""
        self.pause = 0.0
        """Seconds to wait before each answer to RCPT."""
        self.pause_after_dot = 0.0
        self.each_connection = 1000
        """After so many messages the server ends the connection."""
        self.accepted: list[Envelope] = []
        self.connections = 0
        self.tls: list[bool] = []

    def recipients(self) -> list[str]:
        return [envelope.rcpt_tos[0] for envelope in self.accepted]

    async def handle_MAIL(  # noqa: N802 aiosmtpd finds its hooks by name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        carried = getattr(session, "carried", 0)
        if carried >= self.each_connection:
            return "421 4.7.0 Too many messages, closing"
        if self.mail:
            return self.mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 as above
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        await asyncio.sleep(self.pause)
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 as above
        await asyncio.sleep(self.pause_after_dot)
        assert server.transport is not None
        self.tls.append(server.transport.get_extra_info("sslcontext") is not None)
        answer = self.data.get(envelope.rcpt_tos[0], "250 OK")
        if answer.startswith("250") or answer == "drop":
            self.accepted.append(envelope)
            session.carried = getattr(session, "carried", 0) + 1  # type: ignore[attr-defined] # our own mark
        if answer == "drop":
            server.transport.abort()
        return answer


class _Scripted(SMTP):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 as above
        [recipient] = self.envelope.rcpt_tos if self.envelope else [""]
        how = self.event_handler.before_data.get(recipient)
        if how is None:
            await super().smtp_DATA(arg)
            return
        if how == "after 354":
            await self.push("354 Go on")
        assert self.transport is not None
        self.transport.abort()


class _Listening(Controller):
    options: Mapping[str, Any]

    def factory(self) -> SMTP:
        return _Scripted(self.handler, hostname="mail.example", **self.options)


def _login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    is_right = (data.login, data.password) == (NAME.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


def certificate() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@contextmanager
def mail_server(
    script: Script, *, security: str = "none", with_login: bool = False, **changed: Any
) -> Iterator[SmtpServer]:
    """Run the server; yield how it is reached."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listening = _Listening(
        script, "127.0.0.1", port, ssl_context=certificate() if security == "tls" else None
    )
    listening.options = {
        "tls_context": certificate() if security == "starttls" else None,
        "require_starttls": security == "starttls",
        "auth_required": with_login,
        "authenticator": _login if with_login else None,
    }
    listening.start()
    try:
        given: dict[str, Any] = {"security": security, "timeout_seconds": 5.0} | changed
        script.connections = 0  # the controller itself looks whether it listens
        yield SmtpServer(host="127.0.0.1", port=port, **given)
    finally:
        listening.stop()
