"""Bar S6: scoring a wave, from the database to stored results, at one and at ten times the size.

Run: ``python -m benchmarks.s6_scoring [--quick] [--database sqlite]``.
"""

import argparse
import resource
import time
from datetime import timedelta

import psutil

from benchmarks import stage, waves_at_size
from benchmarks.report import report
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs import worker
from surveyapp.services import results, scoring_runs

RELATIONSHIPS, RESPONSES, ITEMS = 8_000, 50_000, 20


def main() -> None:
    """Score on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the answers, once")
    parser.add_argument("--times", type=int, default=10, help="size of a second wave; 1 for none")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    sizes = [0.1] if asked.quick else sorted({1.0, float(asked.times)})
    worker.settle()
    detail: dict[str, float | str] = {}
    slowest = 0.0
    for database in [asked.database] if asked.database else stage.DATABASES:
        for size in sizes:
            with stage.on(database):
                found = play(size)
            name = f"{database}_{size:g}x"
            print(f"S6 on {name}: {found}")
            detail |= {f"{name}_{key}": value for key, value in found.items()}
            if size <= 1:
                detail |= {f"{database}_{key}": value for key, value in found.items()}
                slowest = max(slowest, found["s"])
        if len(sizes) > 1:
            ratio = float(detail[f"{database}_{sizes[1]:g}x_s"]) / float(detail[f"{database}_1x_s"])
            detail[f"{database}_ratio"] = round(ratio, 2)
    report("S6 scoring", slowest, "s", detail)


def play(size: float) -> dict[str, float]:
    """Fill a wave, score it, and say what it took."""
    at = utcnow() - timedelta(days=60)
    relationships, responses = round(RELATIONSHIPS * size), round(RESPONSES * size)
    with transaction() as session:
        wave_id = waves_at_size.fill(
            session, relationships=relationships, responses=responses, at=at
        ).id
    process = psutil.Process()
    before, spent = process.memory_info().rss, process.cpu_times()
    started = time.perf_counter()
    run_id = scoring_runs.score_wave(
        reading, transaction, wave_id, state().store, by="benchmark", at=utcnow()
    )
    seconds = time.perf_counter() - started
    used = process.cpu_times()
    if run_id is None:
        raise RuntimeError("The wave was not scored.")
    with reading() as session:
        found = results.scores_of(session, results.run(session, run_id))
    if len(found) != relationships:
        raise RuntimeError(f"{len(found)} of {relationships} relationships have a score.")
    return {
        "answers": responses * ITEMS,
        "s": round(seconds, 2),
        "cpu_s": round(used.user + used.system - spent.user - spent.system, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "more_mb": round((process.memory_info().rss - before) / 2**20),
    }


if __name__ == "__main__":
    main()
