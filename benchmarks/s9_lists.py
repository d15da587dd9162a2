"""S9: every list of the console at 10,000 relationships and 100,000 contacts.

Each list is asked for in every order, with its filters and on its first, middle and last page, as a
programme owner and as a relationship manager. Measured is the whole request inside one process, and what
of it the process itself worked: on SQLite that is everything but waiting for other programs. A page
must take as many queries at its end as at its beginning.
Run: ``python -m benchmarks.s9_lists [--quick] [--database sqlite] [--list people] [--slow]``.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from flask.testing import FlaskClient
from sqlalchemy import event, text

from benchmarks import programmes_at_size, stage
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction, writing_engine
from surveyapp.models.people import Role
from surveyapp.models.waves import View
from surveyapp.questionnaires import catalogue
from surveyapp.services import definitions, wave_launches, waves
from tests.web.console_world import sign_in

BAR_MS: Final = 300.0
_QUICK: Final = 1_000
"""Relationships of a quick run; ten times as many contacts."""
_ROUNDS: Final = 3
_FEWEST: Final = 10
"""Requests for a list by each role, also when it has one address."""
_NEVER: Final = lambda *_: None  # noqa: E731 nobody watches the progress here


@dataclass(frozen=True, slots=True)
class List:
    """A page with rows: where it is, how it is sorted, how it is narrowed."""

    endpoint: str
    path: str
    sorts: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    pages: tuple[int, ...] = (1,)


def lists(relationships: int, contacts: int) -> tuple[List, ...]:
    """Return every list, with pages at its beginning, middle and end."""
    return (
        List(
            "relationships.index",
            "/relationships",
            (
                *("buyer", "supplier", "segment", "value", "renewal", "manager"),
                *("buyer_people", "supplier_people", "missing"),
            ),
            (
                *("q=foods", "q=kestrin+12", "q=%C3%98sterg%C3%A5rd", "segment=Segment+1"),
                *("region=Region+3&service_team=Team+3", "manager=nobody", "undecided=buyer"),
                *("undecided=both", "missing=expected", "missing=buyer.finance", "q=nothing+fits"),
            ),
            (1, relationships // 100, relationships // 50),
        ),
        List("relationships.functions", "/relationships/functions"),
        List(
            "people.index",
            "/people",
            ("name", "email", "organisation"),
            (
                *("q=vey", "q=p77@", "q=%C3%A9mile", "q=nobody+fits", "organisation=marine"),
                *("side=buyer", "function=it", "side=supplier&function=sales", "decides=1"),
                *(
                    "state=bounced",
                    "state=address+bounced",
                    "state=opted+out",
                    "state=can+be+asked",
                ),
            ),
            (1, contacts // 100, contacts // 50),
        ),
        List(
            "search.show",
            "/search",
            (),
            ("q=vey", "q=foods", "q=brandt+ivo", "q=p777", "q=%C3%98ST", "q=%E9%9D%92", "q=x%25"),
        ),
        List("overview.show", ""),
        List("programme.show", "/rules"),
        List("waves.index", "/waves"),
        List("waves.show", "/waves/autumn"),
        List(
            "waves.people",
            "/waves/autumn/people",
            ("name", "organisation", "reason", "position"),
            ("q=vey", "position=waiting", "q=nobody+fits"),
            (1, contacts // 120, contacts // 60),
        ),
        List("coverage.show", "/waves/autumn/coverage"),
        List("mail.index", "/mail"),
        List("jobs.index", "/jobs"),
        List("members.index", "/members"),
        List("imports.index", "/imports"),
        List("results.overview", "/results"),
    )


def addresses(each: List) -> Iterator[str]:
    """Combine a list's orders, filters and pages."""
    orders = [f"sort={sign}{sort}" for sort in each.sorts for sign in ("", "-")] or [""]
    for order in orders:
        for page in each.pages:
            yield f"{each.path}?{order}&page={page}"
    for narrowed in each.filters:
        yield f"{each.path}?{narrowed}"
        if each.sorts:
            yield f"{each.path}?{narrowed}&sort=-{each.sorts[-1]}&page=99999"


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

    def p95_worked(self) -> float:
        """Milliseconds of this process that one request in twenty takes more than."""
        return _p95(self.worked)


def _p95(seconds: list[float]) -> float:
    found = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return round(found * 1000, 1)


def main() -> None:
    """Ask for every list on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    parser.add_argument("--list", help="only lists whose endpoint holds this")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="how often each is asked for")
    parser.add_argument("--slow", action="store_true", help="name each address over the bar")
    asked = parser.parse_args()
    relationships = _QUICK if asked.quick else programmes_at_size.RELATIONSHIPS
    detail: dict[str, float | str] = {"relationships": relationships, "bar_ms": BAR_MS}
    worst = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            _fill(relationships)
            for each in lists(relationships, relationships * 10):
                if each.endpoint in on.app.view_functions and (asked.list or "") in each.endpoint:
                    taken = _ask(
                        on, each, rounds=1 if asked.quick else asked.rounds, slow=asked.slow
                    )
                    worst = max(worst, taken.p95())
                    detail[f"{database} {each.endpoint}"] = taken.p95()
                    detail[f"{database} {each.endpoint} cpu"] = taken.p95_worked()
                    _print(database, each, taken)
    report("S9 lists", worst, "ms", detail)


def _print(database: str, each: List, taken: Taken) -> None:
    counts = sorted(set(taken.queries.values()))
    most = max(taken.seconds) * 1000
    print(
        f"{database:10} {each.endpoint:24} p50 {statistics.median(taken.seconds) * 1000:6.1f}"
        f"  p95 {taken.p95():6.1f} (cpu {taken.p95_worked():6.1f})  max {most:6.1f} ms at {taken.slowest[1]}"
        f"  queries {counts[0]} to {counts[-1]}  n {len(taken.seconds)}"
    )


def _ask(on: Stage, each: List, *, rounds: int, slow: bool) -> Taken:
    """Ask for all addresses of a list as owner and as manager."""
    taken = Taken()
    browsers = {
        "owner": sign_in(on.app, "large"),
        "manager": sign_in(
            on.app, "large", role=Role.RELATIONSHIP_MANAGER, email="manager0@large.example"
        ),
    }
    for who, browser in browsers.items():
        if Context().run(browser.get, f"/p/large{each.path}").status_code == 403:
            continue
        asked = list(addresses(each))
        for address in asked:
            for _ in range(max(rounds, _FEWEST // len(asked))):
                _one(browser, address, f"{who} {address}", taken)
            if slow and taken.seconds[-1] * 1000 > BAR_MS:
                print(f"  {taken.seconds[-1] * 1000:6.1f} ms {who} {address}")
    return taken


def _one(browser: FlaskClient, address: str, name: str, taken: Taken) -> None:
    with _counted() as statements:
        # a context of its own: inside the stage's, Flask would keep who asked before
        started, worked = time.perf_counter(), time.process_time()
        response = Context().run(browser.get, f"/p/large{address}")
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    if response.status_code not in {200, 303}:
        raise RuntimeError(f"{name} gave {response.status_code}")
    # fewer are fine: the figures of a large wave's coverage are kept for a minute
    if taken.queries.setdefault(name, len(statements)) < len(statements):
        raise RuntimeError(f"{name} took {taken.queries[name]} queries, then {len(statements)}")
    taken.seconds.append(seconds)
    taken.worked.append(worked)
    taken.slowest = max(taken.slowest, (seconds, name))


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 SQLAlchemy's own
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _fill(relationships: int) -> None:
    """Write the programme and launch a wave of it."""
    at = utcnow() - timedelta(days=1)
    with transaction() as session:
        made = programmes_at_size.fill(
            session, at=at, relationships=relationships, contacts=relationships * 10
        )
        version = definitions.publish(
            session, made.programme, catalogue.find("relationship-core"), by="benchmark", at=at
        )
        wave = waves.create(
            session,
            made.programme,
            slug="autumn",
            name="Autumn",
            view=View.BUYER_ON_SUPPLIER,
            version=version,
            closes_at=at + timedelta(days=20),
            by="benchmark",
            at=at,
        )
        waves.launch(session, wave, by="benchmark", at=utcnow())
    key = state().settings.link_key
    wave_launches.invite_all(
        reading, transaction, wave.id, link_key=key, now=utcnow, progress=_NEVER
    )
    if db.engine.dialect.name == "postgresql":
        # as autovacuum does a minute after so many rows were written
        with writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as it:
            it.execute(text("ANALYZE"))


if __name__ == "__main__":
    main()
