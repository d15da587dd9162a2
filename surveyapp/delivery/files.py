"""The default transport: each message becomes an ``.eml`` file that any mail program opens."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from surveyapp.delivery.message import Message, as_bytes
from surveyapp.errors import Unavailable


class FileTransport:
    """Writes messages into a folder. They hold live links: the folder is for its owner only."""

    def __init__(self, outbox: Path) -> None:
        self.outbox = outbox

    @contextmanager
    def open(self) -> Iterator["FileTransport"]:
        """Take messages until the end of the block."""
        yield self

    def send(self, message: Message) -> None:
        """Write the file whole or not at all; the same message again replaces its own file."""
        data = as_bytes(message)
        try:
            self.outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=self.outbox, suffix=".part")
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path(message.key))
        except OSError as error:
            raise Unavailable(f"The outbox {self.outbox} cannot be written: {error}.") from error

    def read(self, key: str) -> EmailMessage | None:
        """Return the mail of that key as any mail program reads it; None when its file is not there."""
        try:
            data = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"The outbox {self.outbox} cannot be read: {error}.") from error
        return message_from_bytes(data, _class=EmailMessage, policy=policy.default)

    def path(self, key: str) -> Path:
        """Where the message of that key is, once sent."""
        return self.outbox / f"{key}.eml"
