"""Processes that a command starts and ends: they never outlive it, however it dies."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 20.0


def end_with(parent: int | None) -> None:
    """Ask the kernel for SIGTERM when the process that started this one dies, even by kill -9.

    Called by the process itself as it starts. Linux only; elsewhere nothing happens.
    """
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel knew
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def stopping_on_signals() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set, so that what was begun can be finished."""
    stopping = threading.Event()
    before = {
        asked: signal.signal(asked, lambda *_: stopping.set())
        for asked in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stopping
    finally:
        for asked, handler in before.items():
            signal.signal(asked, handler)


class Processes:
    """Processes started together and ended together, in reverse order."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def start(self, name: str, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        """Start a surveyapp command in a session of its own, so that Ctrl-C reaches only us."""
        process = subprocess.Popen(
            [*this_command(*arguments), "--parent", str(os.getpid())],
            env=environ,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        self._running.append((name, process))

    def ended(self) -> str | None:
        """Name the first process that is no longer running, with how it ended."""
        for name, process in self._running:
            if process.poll() is not None:
                return f"{name} ended with {process.returncode}"
        return None

    def end(self) -> None:
        """Ask all to end; who does not within twenty seconds is killed. Only our own are touched."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _GRACE_SECONDS
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def this_command(*arguments: str) -> list[str]:
    """Return the command line that runs surveyapp with these arguments in this Python."""
    return [sys.executable, "-m", "surveyapp.cli", *arguments]
