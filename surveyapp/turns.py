"""Turns: writers of one SQLite file write in the order they came, in all processes of a host.

SQLite lets waiters sleep up to a tenth of a second at a time while newcomers overtake. Where many write
all the time, some waited more than thirty seconds and were refused: "database is locked". A lock on a
file beside the database is handed over by the kernel at once. It only orders who comes next; SQLite's
own lock still decides, so whoever cannot have a turn in time goes on without.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PATIENCE_SECONDS: Final = 20.0
"""A holder that is frozen must not hold up the others for ever."""
_mine = threading.local()


@contextmanager
def turn(path: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Wait for this thread's turn, and hand it on at the end. Inside a turn another one is none."""
    if getattr(_mine, "has_turn", False):
        yield
        return
    try:
        waiting = _Waiting(path)
    except OSError:
        # a folder that cannot be written: SQLite is about to say so in its own words
        yield
        return
    waiting.wait(patience)
    _mine.has_turn = True
    try:
        yield
    finally:
        _mine.has_turn = False
        waiting.leave()


class _Waiting:
    """One thread's place in the row."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._settled = threading.Lock()
        self._came = threading.Event()
        self._has_left = False

    def wait(self, seconds: float) -> None:
        """Return when it is our turn, or when that took too long."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # the kernel's queue has no time limit, so a thread stands in it for us
            threading.Thread(target=self._stand, name="turn", daemon=True).start()
            if not self._came.wait(seconds):
                self._give_up()

    def leave(self) -> None:
        """Hand the turn on; a thread that still stands in the row does so when it comes."""
        with self._settled:
            if not self._has_left:
                self._close()

    def _stand(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        with self._settled:
            if self._has_left:
                self._close()
            else:
                self._came.set()

    def _give_up(self) -> None:
        with self._settled:
            if not self._came.is_set():
                self._has_left = True

    def _close(self) -> None:
        # a process that was forked meanwhile holds the file too: closing ours would not end the lock
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)
