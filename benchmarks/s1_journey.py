"""S1: eight respondents at once answer whole questionnaires through two web processes.

Each journey opens a personal link, presses Start, opens and sends every page of relationship-core, looks
everything over, sends it and reads the receipt. Clients are threads of one small process, whose processor
time is said apart. Afterwards every answer is read back: one that is not what was typed ends the program
with an error. Run: ``python -m benchmarks.s1_journey [--quick] [--database sqlite|postgresql]``.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psutil
from sqlalchemy import text

from benchmarks import journey_wave, stage
from benchmarks.journey_wave import Person
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.extensions import transaction

CLIENTS: Final = 8
WHOLE: Final = 600
QUICK: Final = 120
_WARM_UP: Final = 2 * CLIENTS
_POSTS: Final = ("POST start", "POST section", "POST submit")
_SURE: Final = {
    "sqlite": {"synchronous": "2"},
    "postgresql": {"fsync": "on", "synchronous_commit": "on"},
}
"""What the database must say of itself: a commit is on the disk before it is acknowledged."""


def main() -> None:
    """Measure on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer journeys: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    detail: dict[str, float | str] = {}
    databases = [asked.database] if asked.database else list(stage.DATABASES)
    for database in databases:
        with stage.on(database) as on:
            found = play(on, QUICK if asked.quick else WHOLE)
        for name, each in found.items():
            print(f"S1 {database} {name}: {each}")
        detail |= {f"{database}_{name}": each for name, each in found.items()}
    slowest = min(float(detail[f"{database}_requests_per_s"]) for database in databases)
    report("S1", slowest, "req/s", detail)


def play(on: Stage, journeys: int) -> dict[str, float | str]:
    """Let everybody answer; return what it cost. Raises RuntimeError when anything was lost."""
    sure = _is_sure(on)
    people = journey_wave.open_for(on, _WARM_UP + journeys)
    on.start_pages(workers=2)
    _let_answer(on, people[:_WARM_UP])
    with _processor_time(on) as spent:
        said = _let_answer(on, people[_WARM_UP:])
    if lost := journey_wave.lost(people):
        raise RuntimeError(f"{len(lost)} of {len(people)} lost answers, such as {lost[0]}.")
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    times: dict[str, list[float]] = said["times"]
    requests = sum(map(len, times.values()))
    posts = [each for kind in _POSTS for each in times[kind]]
    return {
        **sure,
        "requests_per_s": round(requests / said["seconds"], 1),
        "web_cpu_ms_a_request": round(spent["web"] / requests * 1000, 2),
        "database_cpu_ms_a_request": round(spent["database"] / requests * 1000, 2),
        "client_cpu_ms_a_request": round(said["cpu_s"] / requests * 1000, 2),
        "post_p50_ms": round(statistics.median(posts), 1),
        "post_p95_ms": round(statistics.quantiles(posts, n=20)[-1], 1),
        "post_p99_ms": round(statistics.quantiles(posts, n=100)[-1], 1),
        "requests": requests,
        "requests_a_journey": round(requests / journeys, 2),
        "journeys": journeys,
        "lost": 0,
        **{f"{kind.replace(' ', '_')}_p50_ms": statistics.median(times[kind]) for kind in times},
    }


def _let_answer(on: Stage, people: list[Person]) -> dict[str, Any]:
    asked = {
        "port": on.port,
        "clients": CLIENTS,
        "journeys": [{"link": each.link, "variant": each.variant} for each in people],
        "forms": [journey_wave.forms(variant) for variant in range(journey_wave.VARIANTS)],
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.respondents"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    if said["wrong"]:
        raise RuntimeError("\n".join([*said["wrong"][:5], on.last_words()]))
    return said


def _is_sure(on: Stage) -> dict[str, str]:
    """Ask a connection that writes how careful the database is. Raises RuntimeError."""
    ask = "PRAGMA {}" if on.database == "sqlite" else "SHOW {}"
    with transaction() as session:
        said = {
            name: str(session.execute(text(ask.format(name))).scalar_one())
            for name in _SURE[on.database]
        }
    if said != _SURE[on.database]:
        raise RuntimeError(f"The database says {said}: what it acknowledges may be lost.")
    return said


@contextmanager
def _processor_time(on: Stage) -> Iterator[dict[str, float]]:
    """Note the seconds of processor time that the web processes and those of the database spend."""
    web = on.pid_of("pages")
    server = on.database_pid()
    before = {"web": _seconds(web), "database": _seconds(server) if server else 0.0}
    spent: dict[str, float] = {}
    yield spent
    spent["web"] = _seconds(web) - before["web"]
    spent["database"] = (_seconds(server) if server else 0.0) - before["database"]


def _seconds(pid: int) -> float:
    """Add up a process, all it has started, and those of them that ended."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(
        each.user + each.system + each.children_user + each.children_system for each in times
    )


if __name__ == "__main__":
    main()
