"""Files by content hash in a folder."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from surveyapp.errors import Invalid, NotFound

_NAME = re.compile(r"[a-z]+-[0-9a-f-]{8,40}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class FileStore:
    """Keeps each content in ``root/ab/abcd...``; a file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes) -> str:
        """Keep the bytes; return their SHA-256 in hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._place(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
        return sha256

    def put_written(self, write: Callable[[BinaryIO], None]) -> tuple[str, int]:
        """Keep what is written into a file, however large; return its SHA-256 in hex and its size.

        When the writing fails, nothing is kept.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.root)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                size = file.seek(0, os.SEEK_END)
                file.seek(0)
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            target = self._place(sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        return sha256, size

    def get(self, sha256: str) -> bytes:
        """Return the bytes. Raises NotFound when they are not here, Invalid when they were changed."""
        place = self.path(sha256)
        content = place.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Invalid(f"The file {place} was changed on disk. Restore it from a backup.")
        return content

    def path(self, sha256: str) -> Path:
        """Return the file with the bytes. Raises NotFound when it is not here."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(f"The file {sha256[:12]} is not in the store {self.root}.")
        return place

    def remove(self, sha256: str) -> None:
        """Take the bytes out for good; nothing happens when they are not here."""
        self._place(sha256).unlink(missing_ok=True)

    def within(self, name: str) -> "FileStore":
        """Return a part of the store of its own: what is removed there is kept nowhere else."""
        if not _NAME.match(name):
            raise ValueError(f"{name!r} cannot name a part of the store.")
        return FileStore(self.root / name)

    def _place(self, sha256: str) -> Path:
        if not _SHA256.match(sha256):
            raise NotFound(f"{sha256[:70]!r} is not the hash of a file.")
        return self.root / sha256[:2] / sha256
