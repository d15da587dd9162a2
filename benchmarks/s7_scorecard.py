"""S7: one four-page scorecard in a warm worker, and scorecards a minute with two workers.

The first is measured in this process, the whole job: claimed, numbers gathered and checked, drawn, signed,
stored, recorded; the clock and this process's own time. The second is two workers as an operator runs
them. Other programs of the machine take their cores away, so it also says what a card cost the workers,
how long they rested (disk, locks, nothing to do), and how many a minute that gives where cores are free.
Run: ``python -m benchmarks.s7_scorecard [--quick] [--database sqlite]``.
"""

import argparse
import statistics
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from sqlalchemy import select

from benchmarks import scorecards_asked_for as asked_for
from benchmarks import stage
from benchmarks.report import report
from benchmarks.stage import Stage
from surveyapp.extensions import reading, state
from surveyapp.jobs import worker
from surveyapp.models.jobs import Job, JobState
from surveyapp.reports.reading import page_words
from surveyapp.services import scorecards

BAR_SECONDS: Final = 0.35
BAR_A_MINUTE: Final = 300
_PAGES: Final = 4
_WARM: Final = 2
_WORKERS: Final = ("first", "second")
_NANO: Final = 1e9


@dataclass(frozen=True, slots=True)
class Spent:
    """What the first threads of some processes did with their time, in seconds each."""

    worked: float
    wanted: float
    """Waited for a core that something else had."""
    clock: float

    @classmethod
    def by(cls, pids: list[int]) -> Self:
        """Read it off the kernel's scheduler."""
        told = [Path(f"/proc/{pid}/schedstat").read_text().split() for pid in pids]
        worked, wanted = (sum(int(each[place]) for each in told) / _NANO for place in (0, 1))
        return cls(worked, wanted, time.perf_counter() * len(pids))

    def since(self, before: Self) -> "Spent":
        """Return what came after."""
        return Spent(
            self.worked - before.worked, self.wanted - before.wanted, self.clock - before.clock
        )


def main() -> None:
    """Measure on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer scorecards: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    worker.settle()
    detail: dict[str, float | str] = {"pages": _PAGES}
    slowest = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        with stage.on(database) as on:
            found = play(on, relationships=8 if asked.quick else 32, rounds=2 if asked.quick else 4)
        print(f"S7 on {database}: {found}")
        detail |= {f"{database}_{name}": value for name, value in found.items()}
        slowest = max(slowest, found["one_s"])
    report("S7", slowest, "s", detail)


def play(on: Stage, *, relationships: int, rounds: int) -> dict[str, float]:
    """Build scorecards one by one here, then leave others to two workers."""
    run_id, about = asked_for.run_of(relationships)
    asked_for.ask(run_id, about, asked_for.LOCALES[0])
    walls, works, size = _one_by_one()
    for name in _WORKERS:
        on.start_worker(name, "--nice", "19")
    before = asked_for.ready()
    before += asked_for.ask(run_id, about[:4], asked_for.LOCALES[1])
    stage.wait_until(lambda: asked_for.ready() == before)
    pids = [on.pid_of(name) for name in _WORKERS]
    started = Spent.by(pids)
    count = sum(asked_for.ask(run_id, about, each) for each in asked_for.LOCALES[2 : 2 + rounds])
    stage.wait_until(lambda: asked_for.ready() == before + count, seconds=600, every=0.05)
    spent = Spent.by(pids).since(started)
    if faults := on.faults():
        raise RuntimeError("\n".join(faults[:5]))
    # the two rest while the first is asked for, too: an upper bound
    rested = max(spent.clock - spent.worked - spent.wanted, 0.0)
    return {
        "one_s": round(statistics.median(walls), 3),
        "one_worked_s": round(statistics.median(works), 3),
        "one_max_s": round(max(walls), 3),
        "bytes": size,
        "two_workers_a_minute": round(count / spent.clock * len(pids) * 60, 1),
        "worker_worked_s": round(spent.worked / count, 3),
        "worker_wanted_a_core_s": round(spent.wanted / count, 3),
        "worker_rested_s": round(rested / count, 3),
        "a_minute_on_free_cores": round(60 * len(pids) * count / (spent.worked + rested), 1),
        "scorecards": count,
    }


def _one_by_one() -> tuple[list[float], list[float], int]:
    """Do the jobs here; each file must have four pages."""
    walls, works, size = [], [], 0
    with reading() as session:
        waiting = select(Job).where(Job.kind == "build-scorecard", Job.state == JobState.QUEUED)
        asked = [(job.id, job.arguments["scorecard"]) for job in session.scalars(waiting)]
    for number, (job_id, document_id) in enumerate(asked):
        wall, work = time.perf_counter(), time.process_time()
        worker.run(job_id)
        if number >= _WARM:
            walls.append(time.perf_counter() - wall)
            works.append(time.process_time() - work)
        with reading() as session:
            document = scorecards.find(session, uuid.UUID(document_id))
            content = state().store.get(document.file_sha256)
        size = max(size, len(content))
        if len(page_words(content)) != _PAGES:
            raise RuntimeError(f"A scorecard has {len(page_words(content))} pages, not {_PAGES}.")
    return walls, works, size


if __name__ == "__main__":
    main()
