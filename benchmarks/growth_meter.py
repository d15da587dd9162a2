"""What one operation costs: the clock, processor time, memory above idle, questions to the database."""

import ctypes
import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from sqlalchemy import Engine, event

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one operation, done once."""

    units: int
    seconds: float
    processor_s: float
    """Of this process and, on PostgreSQL, of the database's."""
    peak_mb: float
    """Most memory this process held meanwhile, above what it held before."""
    queries: int

    @property
    def unit_us(self) -> float:
        """Microseconds of processor time for one unit."""
        return self.processor_s / self.units * 1e6


@dataclass
class Meter:
    """Measures in this process; knows where the database works when that is elsewhere."""

    database_pid: int | None

    def once(self, units: int, do: Callable[[], object]) -> Cost:
        """Measure something that can be done only once."""
        return self._measured(units, do, rounds=1)

    def typical(self, units: int, do: Callable[[], object], *, rounds: int) -> Cost:
        """Measure something several times after once for nothing; return what one time costs."""
        do()
        return self._measured(units, do, rounds=rounds)

    def _measured(self, units: int, do: Callable[[], object], *, rounds: int) -> Cost:
        self._rest()
        clock: list[float] = []
        asked: list[int] = []
        # the system counts a database's time in hundredths: only of many rounds is it exact
        with _counted() as statements:
            before, held = self._processor(), _memory("VmRSS")
            _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
            for _ in range(rounds):
                started, so_far = time.perf_counter(), statements[0]
                do()
                clock.append(time.perf_counter() - started)
                asked.append(statements[0] - so_far)
            spent = self._processor() - before
        return Cost(
            units,
            statistics.median(clock),
            spent / rounds,
            max(0.0, _memory("VmHWM") - held),
            min(asked),
        )

    def _rest(self) -> None:
        """Give back what is free, or the next operation would use it and seem to need nothing."""
        gc.collect()
        if sys.platform.startswith("linux"):
            ctypes.CDLL(None).malloc_trim(0)

    def _processor(self) -> float:
        return time.process_time() + (_of_tree(self.database_pid) if self.database_pid else 0.0)


def _of_tree(pid: int) -> float:
    """Add up a process, all it has started, and those of them that ended."""
    server = psutil.Process(pid)
    total = 0.0
    for each in (server, *server.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue  # it ended just now: the server counts it
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _memory(which: str) -> float:
    """Read a line of this process's status, in MB."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    [found] = [line for line in lines if line.startswith(f"{which}:")]
    return int(found.split()[1]) / 1024


@contextmanager
def _counted() -> Iterator[list[int]]:
    statements = [0]

    def note(*_: Any) -> None:  # noqa: ANN401 SQLAlchemy's own
        statements[0] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
