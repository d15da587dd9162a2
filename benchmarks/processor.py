"""Processor time of what a stage runs: what can be compared while a machine has other work as well."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.stage import Stage


@contextmanager
def spent(on: Stage) -> Iterator[dict[str, float]]:
    """Note the seconds that the web processes and those of the database spend meanwhile."""
    web, server = on.pid_of("pages"), on.database_pid()
    before = _seconds(web), _seconds(server)
    found: dict[str, float] = {}
    yield found
    found["web"] = _seconds(web) - before[0]
    found["database"] = _seconds(server) - before[1]


def _seconds(pid: int | None) -> float:
    """Add up a process, all it has started, and those of them that ended; nothing without one."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(
        each.user + each.system + each.children_user + each.children_system for each in times
    )
