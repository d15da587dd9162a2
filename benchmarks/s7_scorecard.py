"""S7: one four-page scorecard in a warm worker, and scorecards a minute with two workers.

The first is measured in this process: numbers gathered, checked, drawn, signed, stored, as the job does
it, the machine's time and this process's own. The second is two workers as an operator runs them.
Run: ``python -m benchmarks.s7_scorecard [--quick]``.
"""

import argparse
import statistics
import time
from typing import Final

from sqlalchemy import select

from benchmarks import scorecards_asked_for as asked_for
from benchmarks import stage
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs import worker
from surveyapp.jobs.press import press
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports.reading import page_words
from surveyapp.services import scorecards

BAR_SECONDS: Final = 0.35
BAR_A_MINUTE: Final = 300
_PAGES: Final = 4
_WARM: Final = 2


def main() -> None:
    """Measure; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer scorecards: under 50 s")
    quick = parser.parse_args().quick
    worker.settle()
    with stage.on("sqlite") as on:
        found = play(on, relationships=8 if quick else 32, rounds=2 if quick else 4)
    report("S7", found["one_s"], "s", found)


def play(on: Stage, *, relationships: int, rounds: int) -> dict[str, float | str]:
    """Build scorecards one by one here, then leave others to two workers."""
    run_id, about = asked_for.run_of(relationships)
    asked_for.ask(run_id, about, asked_for.LOCALES[0])
    walls, works, size = _one_by_one()
    one = round(statistics.median(walls), 3)
    work = round(statistics.median(works), 3)
    print(f"S7 one scorecard: {one} s, of which this process worked {work} s; bar {BAR_SECONDS} s")
    for name in ("first", "second"):
        on.start_worker(name, "--nice", "19")
    before = asked_for.ready()
    before += asked_for.ask(run_id, about[:4], asked_for.LOCALES[1])
    stage.wait_until(lambda: asked_for.ready() == before)
    started = time.perf_counter()
    wanted = before + sum(
        asked_for.ask(run_id, about, locale) for locale in asked_for.LOCALES[2 : 2 + rounds]
    )
    stage.wait_until(lambda: asked_for.ready() == wanted, seconds=600, every=0.05)
    minute = round((wanted - before) / (time.perf_counter() - started) * 60, 1)
    print(f"S7 two workers: {minute} a minute; bar {BAR_A_MINUTE}")
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    return {
        "one_s": one,
        "one_worked_s": work,
        "one_max_s": round(max(walls), 3),
        "pages": _PAGES,
        "bytes": size,
        "two_workers_a_minute": minute,
        "scorecards": wanted - before,
    }


def _one_by_one() -> tuple[list[float], list[float], int]:
    """Do the jobs' work here; each file must have four pages."""
    walls, works, size = [], [], 0
    with reading() as session:
        waiting = Scorecard.state == ScorecardState.QUEUED
        ids = list(session.scalars(select(Scorecard.id).where(waiting)))
    for number, document_id in enumerate(ids):
        wall, work = time.perf_counter(), time.process_time()
        scorecards.build(reading, transaction, document_id, state().store, press(), at=utcnow())
        if number >= _WARM:
            walls.append(time.perf_counter() - wall)
            works.append(time.process_time() - work)
        with reading() as session:
            content = state().store.get(scorecards.find(session, document_id).file_sha256)
        size = max(size, len(content))
        if len(page_words(content)) != _PAGES:
            raise RuntimeError(f"A scorecard has {len(page_words(content))} pages, not {_PAGES}.")
    return walls, works, size


if __name__ == "__main__":
    main()
