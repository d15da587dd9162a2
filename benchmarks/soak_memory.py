"""Memory of processes over time: sampled while others work, and judged by its slope after warming up."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import psutil
from scipy import stats

WARMING_UP: Final = 0.3
"""Of the time: templates, statements and fonts are loaded when they are first needed."""
TOLERANCE_MB_A_MINUTE: Final = 0.5
"""Grows no faster, or it leaks. Allocators move by a megabyte or two within minutes and do not go on
doing so; half a megabyte a minute is 5 MB of a soak of ten minutes and would double a web process
within four hours of load."""
FEWEST_SECONDS: Final = 240.0
"""A shorter soak only warms up: then slopes are told and not judged."""
_EVERY_SECONDS: Final = 1.0
_MEGABYTE: Final = 2**20

Series = list[tuple[float, float]]
"""Seconds since the beginning, megabytes."""


@dataclass(frozen=True, slots=True)
class Slope:
    """How one process's memory went."""

    first_mb: float
    """After warming up."""
    last_mb: float
    a_minute_mb: float
    """Theil and Sen: the middle of the slopes between all pairs of samples, which peaks do not bend."""


@dataclass
class Watch:
    """Samples the resident memory of named processes, and notes when one is another than before."""

    processes: Callable[[], Mapping[str, int]]
    """Name and process, looked at anew each time: one that was started again must be seen."""
    series: dict[str, Series] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    _pids: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take samples meanwhile."""
        is_over = threading.Event()
        began = time.monotonic()

        def sample() -> None:
            while not is_over.wait(_EVERY_SECONDS):
                self.look(time.monotonic() - began)

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def look(self, at: float) -> None:
        """Take one sample of each process."""
        for name, pid in self.processes().items():
            if self._pids.setdefault(name, pid) != pid:
                self.replaced.append(f"{name} ended and was started again after {at:.0f} s")
                self._pids[name] = pid
            held = _resident(pid)
            if held is None:
                self.replaced.append(f"{name} ended after {at:.0f} s")
            else:
                self.series.setdefault(name, []).append((at, held))

    def slopes(self) -> dict[str, Slope]:
        """Return how each process's memory went after warming up."""
        return {name: slope_of(series) for name, series in self.series.items()}

    def most(self) -> dict[str, float]:
        """Return the most megabytes that each process ever held."""
        return {name: max(held for _, held in series) for name, series in self.series.items()}


def _resident(pid: int) -> float | None:
    """Megabytes a process holds; None when it ended, also where nobody has taken note of it yet."""
    try:
        process = psutil.Process(pid)
        is_over = process.status() == psutil.STATUS_ZOMBIE
        return None if is_over else process.memory_info().rss / _MEGABYTE
    except psutil.NoSuchProcess:
        return None


def slope_of(series: Sequence[tuple[float, float]]) -> Slope:
    """Judge what came after warming up."""
    until = series[-1][0] * WARMING_UP
    warm = [sample for sample in series if sample[0] >= until]
    if len(warm) < 2:
        return Slope(warm[0][1], warm[-1][1], 0.0)
    minutes, megabytes = [at / 60 for at, _ in warm], [held for _, held in warm]
    found = stats.theilslopes(megabytes, minutes)
    return Slope(megabytes[0], megabytes[-1], float(found.slope))


def leaks(slopes: Mapping[str, Slope], seconds: float) -> list[str]:
    """Name the processes whose memory grows; none where the soak was too short to tell."""
    if seconds < FEWEST_SECONDS:
        return []
    return [
        f"{name} grows by {each.a_minute_mb:.2f} MB a minute, from {each.first_mb:.0f} to {each.last_mb:.0f} MB"
        for name, each in slopes.items()
        if each.a_minute_mb > TOLERANCE_MB_A_MINUTE
    ]


def too_large(most: Mapping[str, float], bound_mb: float) -> list[str]:
    """Name the processes that held more than that at any time, however short the soak."""
    return [
        f"{name} held {held:.0f} MB; {bound_mb:.0f} is the most it may"
        for name, held in most.items()
        if held > bound_mb
    ]
