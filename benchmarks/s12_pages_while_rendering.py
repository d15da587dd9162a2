"""S12: how long pages take while two workers make PDFs, beside how long they take when nothing runs.

Two web processes answer one client that opens a respondent's page and lists of the console in turn; two
workers at nice 19 have more scorecards to make than they can meanwhile. The two are measured in turns, the
workers frozen in between, so that other work on the machine falls on both alike.
Run: ``python -m benchmarks.s12_pages_while_rendering [--quick] [--requests 720] [--database sqlite]``.
"""

import argparse
import os
import signal
import statistics
import time
from dataclasses import dataclass, field
from typing import Final

import httpx

from benchmarks import processor, stage
from benchmarks import scorecards_asked_for as asked_for
from benchmarks.report import report
from benchmarks.stage import Stage
from tests.web.console_world import sign_in
from tests.web.world import open_wave

BAR: Final = 1.2
_WORKERS: Final = ("first", "second")
_TURNS: Final = 6
_BREATH: Final = 0.01
_NEEDED: Final = 4
"""Documents the workers must have made meanwhile, else nothing was measured."""


@dataclass
class Asked:
    """Requests of one client, and what the web processes worked for them."""

    seconds: list[float] = field(default_factory=list)
    worked: float = 0.0

    def ask(self, on: Stage, client: httpx.Client, paths: list[str], count: int) -> None:
        """Open so many pages."""
        with processor.spent(on) as spent:
            self.seconds += _open(client, paths, count)
        self.worked += spent["web"]

    def p50_ms(self) -> float:
        """Milliseconds that half of the requests take longer than."""
        return round(statistics.median(self.seconds) * 1000, 1)

    def p99_ms(self) -> float:
        """Milliseconds that one request in a hundred takes longer than."""
        return round(statistics.quantiles(self.seconds, n=100)[-1] * 1000, 1)

    def web_cpu_ms(self) -> float:
        """Milliseconds of the web processes for one request: the same work takes longer where caches are shared."""
        return round(self.worked / len(self.seconds) * 1000, 2)


def main() -> None:
    """Measure; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    parser.add_argument("--requests", type=int, default=1500, help="of each, idle and busy")
    asked = parser.parse_args()
    detail: dict[str, float | str] = {}
    worst = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            found = play(
                on,
                requests=240 if asked.quick else asked.requests,
                relationships=8 if asked.quick else 32,
            )
        print(f"S12 on {database}: {found}; bar {BAR}")
        detail |= {f"{database}_{name}": value for name, value in found.items()}
        worst = max(worst, found["times_idle"])
    report("S12", worst, "times the idle p99", detail)


def play(on: Stage, *, requests: int, relationships: int) -> dict[str, float]:
    """Open pages when nothing runs, then while scorecards are made."""
    run_id, about = asked_for.run_of(relationships)
    [invited] = open_wave(on.app, "Ann Berg", slug="other")
    client = _signed_in(on)
    paths = [invited.link, "/p/kestrin/results", "/p/kestrin/relationships", "/p/kestrin/people"]
    on.start_pages(workers=2)
    for _ in range(10):
        _open(client, paths, len(paths))
    for name in _WORKERS:
        on.start_worker(name, "--nice", "19")
    asked_for.ask(run_id, about[:2], asked_for.LOCALES[0])
    stage.wait_until(lambda: asked_for.ready() == len(_WORKERS))
    for locale in asked_for.LOCALES[1:]:
        asked_for.ask(run_id, about, locale)
    before = asked_for.ready()
    idle, busy = Asked(), Asked()
    for _ in range(_TURNS):
        _signal(on, signal.SIGSTOP)
        idle.ask(on, client, paths, requests // _TURNS)
        _signal(on, signal.SIGCONT)
        busy.ask(on, client, paths, requests // _TURNS)
    made = asked_for.ready() - before
    if made < _NEEDED:
        raise RuntimeError(f"The workers made {made} documents meanwhile: nothing was measured.")
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    return {
        "times_idle": round(busy.p99_ms() / idle.p99_ms(), 2),
        "idle_p50_ms": idle.p50_ms(),
        "busy_p50_ms": busy.p50_ms(),
        "idle_p99_ms": idle.p99_ms(),
        "busy_p99_ms": busy.p99_ms(),
        "idle_web_cpu_ms": idle.web_cpu_ms(),
        "busy_web_cpu_ms": busy.web_cpu_ms(),
        "requests": requests,
        "scorecards_made": made,
    }


def _signal(on: Stage, which: signal.Signals) -> None:
    for name in _WORKERS:
        os.kill(on.pid_of(name), which)


def _open(client: httpx.Client, paths: list[str], count: int) -> list[float]:
    found = []
    for number in range(count):
        started = time.perf_counter()
        client.get(paths[number % len(paths)]).raise_for_status()
        found.append(time.perf_counter() - started)
        time.sleep(_BREATH)
    return found


def _signed_in(on: Stage) -> httpx.Client:
    """A browser of an owner, with the cookie that the application gives."""
    cookie = sign_in(on.app, "kestrin").get_cookie("session")
    if cookie is None:
        raise RuntimeError("Nobody is signed in.")
    return httpx.Client(base_url=on.url, cookies={"session": cookie.value}, timeout=30)


if __name__ == "__main__":
    main()
