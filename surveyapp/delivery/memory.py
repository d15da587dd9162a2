"""A transport that keeps messages in a list, for tests."""

from surveyapp.delivery.message import Message


class MemoryTransport:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        """Keep the message."""
        self.sent.append(message)
