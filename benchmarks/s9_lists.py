"""S9: every page of the console that lists or counts, at 10,000 relationships and 100,000 contacts.

The pages are those of the route table: one that is new is measured without being named here, and one
that is not must be named with the reason. What can be asked of a list is read from its page; of that, the
page itself and late pages of its orders and filters are asked for, each twice, as a
programme owner and as a relationship manager. Before, the page is asked for once and what was counted for it is
forgotten: a process prepares templates and statements once in its life, but counts anew each minute. A list that is plainly over the bar is not asked for again.
With ``--every`` it is each order both ways, the second, a middle and the last page, each choice of a
filter, a word in each text field, which takes some ten minutes. Measured is the whole request inside one process, and
what of it the process itself worked: on SQLite that is everything but waiting for other programs. Each
address must take the same number of queries whenever it is asked for.
Run: ``python -m benchmarks.s9_lists [--quick] [--database sqlite] [--list people] [--slow] [--every]``.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks import console_at_size, list_pages, programmes_at_size, stage
from benchmarks.list_pages import List
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.people import Role
from surveyapp.web import coverage_kept
from tests.web.console_world import sign_in

BAR_MS: Final = 300.0
_QUICK: Final = 300
"""Relationships of a quick run; ten times as many contacts."""
_ROUNDS: Final = 2
"""How often an address is asked for: the second time what the first counted may have been kept."""
_MOST: Final = {"owner": 12, "manager": 4}
_MOST_QUICK: Final = {"owner": 4, "manager": 2}
"""Addresses of a list that each role asks for. A manager sees a twenty-fifth."""
_PLAINLY_OVER: Final = 4
"""Requests over twice the bar: no more are needed to know."""


@dataclass(frozen=True, slots=True)
class How:
    """How thoroughly lists are asked for."""

    rounds: int
    most: Mapping[str, int] | None
    """Addresses of a list by role; None: every one, however slow."""
    names_slow: bool
    """Whether each address over the bar is printed."""


@dataclass
class Taken:
    """What the requests of one list took."""

    seconds: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    """Processor seconds of this process: what is left of them when others keep the machine busy."""
    queries: dict[str, int] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")

    def p95(self) -> float:
        """Milliseconds that one request in twenty takes longer than."""
        return _p95(self.seconds)

    def is_plainly_over(self) -> bool:
        """Tell whether further requests would only say again that the bar is missed."""
        return sum(each * 1000 > 2 * BAR_MS for each in self.seconds) >= _PLAINLY_OVER

    def p95_worked(self) -> float:
        """Milliseconds of this process that one request in twenty takes more than."""
        return _p95(self.worked)


def _p95(seconds: list[float]) -> float:
    found = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return round(found * 1000, 1)


def main() -> None:
    """Ask for every list on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rows, some addresses: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    parser.add_argument("--list", nargs="+", default=[""], help="only lists whose name holds one")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="how often each is asked for")
    parser.add_argument("--every", action="store_true", help="each address: some ten minutes")
    parser.add_argument("--slow", action="store_true", help="name each address over the bar")
    asked = parser.parse_args()
    relationships = _QUICK if asked.quick else programmes_at_size.RELATIONSHIPS
    detail: dict[str, float | str] = {"relationships": relationships, "bar_ms": BAR_MS}
    worst = 0.0
    over: list[str] = []
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            _fill(relationships)
            how = How(
                rounds=asked.rounds,
                most=None if asked.every else _MOST_QUICK if asked.quick else _MOST,
                names_slow=asked.slow,
            )
            for each, taken in measure(on, asked.list, how):
                detail |= _figures(database, each, taken)
                detail |= _slowest(database, detail, taken)
                worst = max(worst, taken.p95())
                if taken.p95() > BAR_MS:
                    over.append(f"{database} {each.name}")
    print("over the bar:", ", ".join(over) or "none")
    report("S9", worst, "ms", {**detail, "over": ", ".join(over)})


def measure(on: Stage, only: Sequence[str], how: How) -> Iterator[tuple[List, Taken]]:
    """Ask for each list as an owner and as a manager; yield what that took, list by list."""
    browsers = {
        "owner": sign_in(on.app, "large"),
        "manager": sign_in(
            on.app, "large", role=Role.RELATIONSHIP_MANAGER, email="manager0@large.example"
        ),
    }
    for each in list_pages.found(on.app, "large"):
        if not any(wanted in each.name for wanted in only):
            continue
        taken = Taken()
        for who, browser in browsers.items():
            Context().run(browser.get, each.path)
            on.app.extensions.pop(coverage_kept.STORE, None)
            _ask(browser, each, who, taken, how)
        if taken.seconds:
            _print(on.database, each, taken)
            yield each, taken


def _figures(database: str, each: List, taken: Taken) -> dict[str, float | str]:
    name = f"{database}_{each.name}"
    return {
        f"{name}_p95_ms": taken.p95(),
        f"{name}_cpu_p95_ms": taken.p95_worked(),
        f"{name}_queries": max(taken.queries.values()),
    }


def _slowest(database: str, so_far: dict[str, float | str], taken: Taken) -> dict[str, float]:
    """Return the figures of the slowest list, the one with most queries among them."""
    figures = {
        f"{database}_slowest_p95_ms": taken.p95(),
        f"{database}_slowest_cpu_p95_ms": taken.p95_worked(),
        f"{database}_most_queries": max(taken.queries.values()),
    }
    return {name: max(float(so_far.get(name, 0)), value) for name, value in figures.items()}


def _print(database: str, each: List, taken: Taken) -> None:
    counts = sorted(set(taken.queries.values()))
    most = max(taken.seconds) * 1000
    print(
        f"{database:10} {each.name:28} p50 {statistics.median(taken.seconds) * 1000:6.1f}"
        f"  p95 {taken.p95():6.1f} (cpu {taken.p95_worked():6.1f})  max {most:6.1f} ms at {taken.slowest[1]}"
        f"  queries {counts[0]} to {counts[-1]}  n {len(taken.seconds)}",
        flush=True,
    )


def _ask(browser: FlaskClient, each: List, who: str, taken: Taken, how: How) -> None:
    """Ask for the addresses of a list; those that this role may not see are left out."""
    # the first look counts what others may keep, and says what there is
    first = _one(browser, each, each.path, who, taken)
    if first is None:
        return
    if how.most is None:
        asked = list(list_pages.addresses(each, first))
    else:
        asked = list_pages.hardest(each, first, how.most[who])
    for listed in asked:
        address = listed
        if how.most is not None and f"page={list_pages.BEYOND}" in listed:
            # the last page as the pager of the first one names it
            page = _one(browser, each, listed.partition("&page=")[0], who, taken)
            address = list_pages.last_page(listed, page or "")
        for number in range(how.rounds):
            if address == each.path and number == 0:
                continue
            if how.most is not None and taken.is_plainly_over():
                return
            _one(browser, each, address, who, taken)
            if how.names_slow and taken.seconds[-1] * 1000 > BAR_MS:
                print(f"  {taken.seconds[-1] * 1000:6.1f} ms {who} {address}")


def _one(browser: FlaskClient, each: List, address: str, who: str, taken: Taken) -> str | None:
    """Ask once and note what it took; return the page, None where this role has none."""
    with counted() as statements:
        # a context of its own: inside the stage's, Flask would keep who asked before
        started, worked = time.perf_counter(), time.process_time()
        response = Context().run(browser.get, address)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    name = f"{who} {address}"
    if address == each.path and response.status_code in each.refusals:
        return None
    if response.status_code not in {200, 303}:
        raise RuntimeError(f"{name} gave {response.status_code}")
    # fewer are fine: the figures of a large wave's coverage are kept for a minute
    if taken.queries.setdefault(name, len(statements)) < len(statements):
        raise RuntimeError(f"{name} took {taken.queries[name]} queries, then {len(statements)}")
    taken.seconds.append(seconds)
    taken.worked.append(worked)
    taken.slowest = max(taken.slowest, (seconds, name))
    return response.get_data(as_text=True)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note the statements of what is done meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 SQLAlchemy's own
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _fill(relationships: int) -> None:
    """Write the programme and its waves."""
    started = time.perf_counter(), time.process_time()
    with transaction() as session:
        at = utcnow() - timedelta(days=1)
        console_at_size.fill(session, relationships=relationships, at=at)
    with transaction() as session:
        console_at_size.analyse(session)
    # connections that were told to hold much of the file are let go
    db.engine.dispose()
    # as `surveyapp pages` does before it forks: what was made so far is no page's garbage
    gc.collect()
    gc.freeze()
    took, worked = time.perf_counter() - started[0], time.process_time() - started[1]
    print(f"{db.engine.dialect.name:10} filled in {took:.1f} s (cpu {worked:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
