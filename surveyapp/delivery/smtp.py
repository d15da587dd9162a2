"""Mail through a server: one connection a batch, and for each message what is certain afterwards."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from surveyapp.delivery.message import Message, as_bytes
from surveyapp.delivery.outcomes import (
    AddressRefused,
    MessageRefused,
    Refused,
    RefusedForNow,
    ServerRefused,
    Unconfirmed,
)
from surveyapp.errors import Unavailable
from surveyapp.smtp_server import SmtpServer

_CLOSING: Final = 421
_GO_ON: Final = 354
_FULL: Final = 552
_NOT_ABOUT_THE_READER: Final = frozenset({500, 502, 503, 504, 530, 535, 538})
"""Codes that speak of the conversation or the sender, whatever the recipient."""
_SHOWN: Final = 300
_LONG_WORD: Final = re.compile(r"[\w-]{20,}")


class SmtpTransport:
    """Hands messages to the mail server of the settings."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    @contextmanager
    def open(self) -> Iterator["SmtpConnection"]:
        """Hold one connection for the batch; it is made with the first message."""
        connection = SmtpConnection(self.server)
        try:
            yield connection
        finally:
            connection.close()


class SmtpConnection:
    """A conversation with the server; one that ended is taken up again with the next message."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: Message) -> None:
        """Hand the message over; see ``Connection.send`` for what may come of it."""
        data = _data(message)
        was_open = self._smtp is not None
        try:
            smtp = self._announce(message)
        except (_Ended, smtplib.SMTPException) as error:
            self.close()
            if not was_open:
                raise _not_now(error) from error
            # servers end a connection that was idle or carried many: a new one may do
            smtp = self._announce_anew(message)
        self._hand_over(smtp, data)

    def close(self) -> None:
        """End the conversation."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):  # the other side may be gone already
                smtp.quit()
            smtp.close()

    def _announce_anew(self, message: Message) -> smtplib.SMTP:
        try:
            return self._announce(message)
        except (_Ended, smtplib.SMTPException) as error:
            self.close()
            raise _not_now(error) from error

    def _announce(self, message: Message) -> smtplib.SMTP:
        """Say from whom and to whom, until the server asks for the message itself."""
        smtp = self._smtp = self._smtp or connect(self._server)
        code, said = smtp.mail(message.sender)
        if code == _CLOSING:
            raise _TakesNothing
        if not _is_yes(code):
            self._settle(smtp, code)
            raise Unavailable(f"The mail server refuses the sender: {_quoted(code, said)}")
        code, said = smtp.rcpt(message.recipient)
        if not _is_yes(code):
            self._settle(smtp, code)
            raise _of_recipient(code, _quoted(code, said))
        code, said = smtp.docmd("DATA")
        if code != _GO_ON:
            self._settle(smtp, code)
            raise _of_message(code, _quoted(code, said))
        return smtp

    def _settle(self, smtp: smtplib.SMTP, code: int) -> None:
        """After a refusal make the conversation fit for the next message."""
        if code == _CLOSING:
            raise _Ended
        with suppress(smtplib.SMTPException):
            if _is_yes(smtp.rset()[0]):
                return
        self.close()

    def _hand_over(self, smtp: smtplib.SMTP, data: bytes) -> None:
        """Send the message itself. Until its last byte is out the server cannot have accepted it."""
        try:
            smtp.send(data)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise ServerRefused(
                "The connection broke while the message was handed over; it was not accepted."
            ) from error
        try:
            code, said = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unconfirmed(
                "The connection ended after the whole message was handed over and before the server"
                " answered."
            ) from error
        if _is_yes(code):
            return
        if code == _CLOSING:
            self.close()
        if not 400 <= code < 600:  # noqa: PLR2004 neither yes nor no in RFC 5321
            self.close()
            raise Unconfirmed(f"The server's answer says neither yes nor no: {_quoted(code, said)}")
        raise _of_message(code, _quoted(code, said))


def connect(server: SmtpServer) -> smtplib.SMTP:
    """Connect, encrypt and log in as the settings say.

    Raises
    ------
    Unavailable
        The server does not answer, is not who it should be, or does not let us in.
    """
    place = f"The mail server {server.host}:{server.port}"
    try:
        return _connect(server)
    except smtplib.SMTPAuthenticationError as error:
        raise Unavailable(
            f"{place} refuses the name and password of SURVEYAPP_SMTP_URL (code {error.smtp_code})."
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        what = "no encryption (STARTTLS)" if server.security == "starttls" else "no login"
        raise Unavailable(f"{place} offers {what}, which SURVEYAPP_SMTP_URL asks for.") from error
    except smtplib.SMTPResponseException as error:
        raise Unavailable(f"{place} says {_quoted(error.smtp_code, error.smtp_error)}") from error
    except ssl.SSLCertVerificationError as error:
        raise Unavailable(f"{place} cannot prove who it is: {error.verify_message}.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"{place} does not answer: {error}.") from error


def _connect(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


class _Ended(Exception):
    """The server says that it ends the conversation; it has taken nothing."""


class _TakesNothing(_Ended):
    """It says so before it was told for whom the message is."""


def _not_now(error: Exception) -> Exception:
    """Say that a conversation ended although it was new."""
    if isinstance(error, _TakesNothing):
        return Unavailable("The mail server takes nothing at the moment (421).")
    if isinstance(error, _Ended):
        # perhaps for this reader only: who comes next must not wait for that
        return ServerRefused("The mail server ended the conversation at this message (421).")
    return ServerRefused("The connection broke before the message was handed over.")


def _of_recipient(code: int, said: str) -> Refused:
    detail = _detail(said)
    if code in _NOT_ABOUT_THE_READER or detail.startswith("5.7"):
        # policy, such as "relaying denied": a fault of ours must not mark everybody as bounced
        return ServerRefused(said)
    if code < 500 or code == _FULL or detail == "5.2.2":  # noqa: PLR2004 5xx is for good in RFC 5321
        return RefusedForNow(said)
    return AddressRefused(said)


def _of_message(code: int, said: str) -> Refused:
    if code == _CLOSING or code in _NOT_ABOUT_THE_READER:
        return ServerRefused(said)
    if code < 500:  # noqa: PLR2004 as above
        return RefusedForNow(said)
    return AddressRefused(said) if _detail(said).startswith("5.1.") else MessageRefused(said)


def _detail(said: str) -> str:
    """Return the enhanced status of RFC 3463, as in ``550 5.1.1 no such user``, if there is one."""
    found = re.match(r"\d{3} (\d\.\d{1,3}\.\d{1,3})\b", said)
    return found[1] if found else ""


def _is_yes(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 2xx is yes in RFC 5321


def _quoted(code: int, said: bytes | str) -> str:
    """Write down what the server said; a server may quote a link it dislikes, so long words go."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return _LONG_WORD.sub("\N{HORIZONTAL ELLIPSIS}", f"{code} {' '.join(plain.split())}")[:_SHOWN]


def _data(message: Message) -> bytes:
    """Return the mail as it goes over the line: dots at the start of a line doubled, one at the end."""
    lines = as_bytes(message)
    whole = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", whole) + b".\r\n"
