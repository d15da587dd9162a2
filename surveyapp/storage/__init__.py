"""Where files are kept: a port and its adapters."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol


class Store(Protocol):
    """Keeps bytes under their SHA-256; the same bytes twice are one file."""

    def put(self, content: bytes) -> str:
        """Keep the bytes; return their SHA-256 in hex."""

    def put_written(self, write: Callable[[BinaryIO], None]) -> tuple[str, int]:
        """Keep what is written into a file, however large; return its SHA-256 in hex and its size."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes. Raises NotFound when they are not here, Invalid when they were changed."""

    def path(self, sha256: str) -> Path:
        """Return a local file with the bytes, for sending. Raises NotFound."""

    def remove(self, sha256: str) -> None:
        """Take the bytes out for good; nothing happens when they are not here."""

    def within(self, name: str) -> "Store":
        """Return a part of the store of its own: what is removed there is kept nowhere else."""
