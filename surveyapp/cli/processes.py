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
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from surveyapp.errors import Unavailable

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 20.0
_MINUTE = 60.0
_STARTS_A_MINUTE = 3
_AT_ONCE = 3.0
"""A process that ends sooner after its start could never work: a port in use, a broken setting."""


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


@dataclass(slots=True)
class _Running:
    """One process, how it is started, and when it was."""

    name: str
    command: list[str]
    environ: Mapping[str, str] | None
    starts: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.process = subprocess.Popen(
            [*self.command, "--parent", str(os.getpid())],
            env=self.environ,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def how_it_ended(self) -> str:
        return f"{self.name} ended with {self.process.returncode}"

    def is_hopeless(self) -> bool:
        """Tell whether it gave up as soon as it began, or ended three times within a minute."""
        now = time.monotonic()
        gave_up = self.process.returncode > 0 and now - self.starts[-1] < _AT_ONCE
        return gave_up or sum(now - at < _MINUTE for at in self.starts) >= _STARTS_A_MINUTE


class Processes:
    """Processes started together and ended together, in reverse order."""

    def __init__(self) -> None:
        self._running: list[_Running] = []

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
        running = _Running(name, this_command(*arguments), environ)
        running.start()
        self._running.append(running)

    def revive(self) -> str | None:
        """Start what ended once more and say so; None while all are running.

        Raises
        ------
        Unavailable
            One ends again and again, so that starting it is no help.
        """
        for each in self._running:
            if each.has_ended:
                said = each.how_it_ended
                if each.is_hopeless():
                    raise Unavailable(f"{said[:1].upper()}{said[1:]}; see its messages above.")
                each.start()
                return f"{said[:1].upper()}{said[1:]}. It is started again."
        return None

    def end(self) -> None:
        """Ask all to end; who does not within twenty seconds is killed. Only our own are touched."""
        processes = [each.process for each in reversed(self._running)]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _GRACE_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


def this_command(*arguments: str) -> list[str]:
    """Return the command line that runs surveyapp with these arguments in this Python."""
    return [sys.executable, "-m", "surveyapp.cli", *arguments]
