"""A transport that keeps messages in a list, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from surveyapp.delivery.message import Message


class MemoryTransport:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    @contextmanager
    def open(self) -> Iterator["MemoryTransport"]:
        """Take messages until the end of the block."""
        yield self

    def send(self, message: Message) -> None:
        """Keep the message."""
        self.sent.append(message)
