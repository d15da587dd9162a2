"""A message, and the port that carries it."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any, Final, Protocol

from surveyapp.delivery.outcomes import MessageRefused

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, ready to go."""

    key: str
    """Names the message for good: sending it again is sending the same one."""
    sender: str
    sender_name: str = ""
    recipient: str
    recipient_name: str = ""
    subject: str
    text: str
    html: str = ""
    written_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} cannot name a message.")


class Connection(Protocol):
    """An open way out, for as many messages as there are."""

    def send(self, message: Message) -> None:
        """Hand the message over.

        Raises
        ------
        Refused
            It was not taken; the class says whether for now or for good.
        Unconfirmed
            It may have been taken.
        Unavailable
            Nothing can be handed over at the moment.
        """


class Transport(Protocol):
    """Carries messages out of the house."""

    def open(self) -> AbstractContextManager[Connection]:
        """Return a connection for a batch of messages; it is closed at the end."""


class _Whole(UnstructuredHeader, BaseHeader):
    """A header with an address of a page: cut into encoded words no mail program could open it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> Any:  # noqa: ANN401 typeshed has no name for a policy with a header factory
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Whole)
    return SMTP.clone(header_factory=registry)


_POLICY: Final = _policy()


def as_email(message: Message) -> EmailMessage:
    """Compose the mail: plain text first, HTML beside it, addresses and subject safely encoded.

    Every byte is ASCII, so that no server has reason to refuse or re-encode it.
    """
    email = EmailMessage(policy=_POLICY)
    email["From"] = Address(message.sender_name, addr_spec=message.sender)
    email["To"] = Address(message.recipient_name, addr_spec=message.recipient)
    email["Subject"] = message.subject
    email["Date"] = format_datetime(message.written_at)
    # the same key gives the same id, so a mail program shows a repeated delivery once
    email["Message-ID"] = f"<{message.key}@{message.sender.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        email[name] = value
    email.set_content(message.text, cte="quoted-printable")
    if message.html:
        email.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return email


def as_bytes(message: Message) -> bytes:
    """Write the mail down. Raises MessageRefused for an address or name no mail can carry."""
    try:
        return as_email(message).as_bytes()
    except (ValueError, MessageError) as error:
        raise MessageRefused(f"This cannot be written as a mail: {error}") from error
