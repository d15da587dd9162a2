"""S11: how soon the pages answer after their start, and what memory a web process holds.

Both are measured as operators run it: ``surveyapp pages`` with two processes. Memory is what belongs to a
process alone (USS), its share of what several hold (PSS) and all that is mapped (RSS), after the start and
after 500 requests of respondents. Modules that only workers need must not be there: one that is ends the
program with an error. Run: ``python -m benchmarks.s11_web_process [--quick]``.
"""

import statistics
import subprocess
import sys
import time
from typing import Final

import httpx
import psutil

from benchmarks import each_database, journey_wave
from benchmarks.stage import Stage

WORKERS: Final = 2
STARTS: Final = 10
QUICK_STARTS: Final = 4
_REQUESTS: Final = 500
_A_JOURNEY: Final = 24
_FORBIDDEN: Final = (
    "numpy",
    "scipy",
    "weasyprint",
    "openpyxl",
    "flask_migrate",
    "alembic",
    "pyphen",
    "fontTools",
)
"""What only workers and the command line need: seconds to import, and megabytes to hold."""
_MEGABYTE: Final = 1024 * 1024
_ASK: Final = "import sys; from surveyapp.app import create_app; create_app(); print(*sys.modules)"


def play(on: Stage, starts: int) -> dict[str, float | str]:
    """Start often; then let people answer, and weigh the processes before and after."""
    loaded = _modules(on)
    if found := sorted(each for each in _FORBIDDEN if each in loaded):
        raise RuntimeError(f"The pages load {', '.join(found)}.")
    times, processor = [], []
    for _ in range(starts):
        took, used = _start(on)
        times.append(took)
        processor.append(used)
        on.kill("pages")
    people = journey_wave.open_for(_REQUESTS // _A_JOURNEY + 1)
    _start(on)
    before = _memory(on)
    said = journey_wave.answer(on, people, clients=4)
    return {
        "start_s": round(statistics.median(times), 2),
        "start_worst_s": round(max(times), 2),
        "start_cpu_s": round(statistics.median(processor), 2),
        "modules": len(loaded),
        **{f"{name}_mb_after_start": each for name, each in before.items()},
        "requests": sum(map(len, said["times"].values())),
        **{f"{name}_mb_after_requests": each for name, each in _memory(on).items()},
    }


def _start(on: Stage) -> tuple[float, float]:
    """Start the pages; return the seconds to the first answer, and those of the processor."""
    started = time.perf_counter()
    on.start_pages(workers=WORKERS)
    httpx.get(f"{on.url}/sign-in", timeout=10).raise_for_status()
    took = time.perf_counter() - started
    process = psutil.Process(on.pid_of("pages"))
    everyone = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return took, sum(each.user + each.system for each in everyone)


def _memory(on: Stage) -> dict[str, float]:
    """Weigh the heaviest web process, in megabytes."""
    workers = psutil.Process(on.pid_of("pages")).children()
    if len(workers) != WORKERS:
        raise RuntimeError(f"There are {len(workers)} web processes, not {WORKERS}.")
    weights = [each.memory_full_info() for each in workers]
    return {
        name: round(max(getattr(each, name) for each in weights) / _MEGABYTE, 1)
        for name in ("uss", "pss", "rss")
    }


def _modules(on: Stage) -> set[str]:
    """Name what a web process has imported once it is built."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK], env=on.environ, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


if __name__ == "__main__":
    each_database.main(
        "S11",
        "s",
        play,
        told="start_s",
        worst=max,
        whole=STARTS,
        quick=QUICK_STARTS,
        description=__doc__,
    )
