"""A message, and the port that carries it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

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


class Transport(Protocol):
    """Carries messages out of the house."""

    def send(self, message: Message) -> None:
        """Hand the message over. Raises Unavailable when trying again may help."""


def as_email(message: Message) -> EmailMessage:
    """Compose the mail: plain text first, HTML beside it, addresses and subject safely encoded."""
    email = EmailMessage(policy=SMTP)
    email["From"] = Address(message.sender_name, addr_spec=message.sender)
    email["To"] = Address(message.recipient_name, addr_spec=message.recipient)
    email["Subject"] = message.subject
    email["Date"] = format_datetime(message.written_at)
    # the same key gives the same id, so a mail program shows a repeated delivery once
    email["Message-ID"] = f"<{message.key}@{message.sender.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        email[name] = value
    email.set_content(message.text)
    if message.html:
        email.add_alternative(message.html, subtype="html")
    return email
