"""S9 for the coverage of a wave: 10,000 relationships, 100,000 people, half of whom have answered.

The first page is asked for both ways: counted anew, and within the minute for which a large wave's
figures are kept. The lists are counted anew each time. Measured is the whole request inside one process,
and what of it the process itself worked (on PostgreSQL the database works elsewhere).
Run: ``python -m benchmarks.coverage_at_size [--quick] [--database sqlite] [--confidential]``.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Final

from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks import coverage_rows, stage
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction, writing_engine
from tests.web.console_world import sign_in

BAR_MS: Final = 300.0
_COVERAGE: Final = "/p/large/waves/autumn/coverage"
_LISTS: Final = (
    *(
        "/silent",
        "/silent?sort=name",
        "/silent?sort=-answered&page=40",
        "/silent?segment=Segment+1",
    ),
    *("/relationships", "/relationships?sort=-name&page=100", "/relationships?sort=answered"),
    *("/relationships?heard=somebody&sort=deciders&page=99999", "/relationships?region=Region+3"),
    *("/money", "/money?by=service+team", "/money?by=region&sort=-undecided"),
)
_ROUNDS: Final = 4


def main() -> None:
    """Ask for every page on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    parser.add_argument("--confidential", action="store_true", help="under a promise")
    asked = parser.parse_args()
    relationships = 1_000 if asked.quick else 10_000
    anonymity = "confidential" if asked.confidential else "identified"
    detail: dict[str, float | str] = {"relationships": relationships, "contract": anonymity}
    worst = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            _fill(relationships, anonymity)
            browser = sign_in(on.app, "large")
            found = _measure(on, browser)
            for name, (wall, worked) in found.items():
                print(
                    f"{database:10} {name:10} p95 {wall:7.1f} ms  of it worked here {worked:7.1f} ms"
                )
                detail[f"{database} {name}"] = wall
                detail[f"{database} {name} cpu"] = worked
            worst = max(worst, found["lists"][0], found["kept"][0])
    report("S9 coverage", worst, "ms", detail)


def _measure(on: Stage, browser: FlaskClient) -> dict[str, tuple[float, float]]:
    def anew() -> None:
        on.app.extensions.pop("coverage-figures", None)

    def nothing() -> None:
        pass

    return {
        "anew": _p95(browser, ("",) * 3, before=anew),
        "kept": _p95(browser, ("",) * 3, before=nothing),
        "lists": _p95(browser, _LISTS, before=nothing),
        "reminder": _p95(browser, ("/reminder?whom=all", "/reminder?whom=silent"), before=nothing),
        "export": _p95(browser, ("/relationships.csv",), before=nothing),
    }


def _p95(
    browser: FlaskClient, paths: tuple[str, ...], *, before: Callable[[], None]
) -> tuple[float, float]:
    walls, worked = [], []
    for path in paths:
        for _round in range(_ROUNDS):
            before()
            wall, work = time.perf_counter(), time.process_time()
            response = browser.get(_COVERAGE + path)
            walls.append(time.perf_counter() - wall)
            worked.append(time.process_time() - work)
            if response.status_code != 200:
                raise RuntimeError(f"{path} gave {response.status_code}")
    return _at_95(walls), _at_95(worked)


def _at_95(seconds: list[float]) -> float:
    return round(statistics.quantiles(seconds, n=20, method="inclusive")[-1] * 1000, 1)


def _fill(relationships: int, anonymity: str) -> None:
    with transaction() as session:
        coverage_rows.write(session, relationships=relationships, anonymity=anonymity, at=utcnow())
    if db.engine.dialect.name == "postgresql":
        # as autovacuum does a minute after so many rows were written
        with writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as it:
            it.execute(text("ANALYZE"))


if __name__ == "__main__":
    main()
