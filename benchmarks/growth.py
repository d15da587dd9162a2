"""Growth: what one unit of work costs at 1x, 10x and 100x the relationships, contacts and answers.

80, 800 and 8,000 relationships with 500, 5,000 and 50,000 contacts and 10,000, 100,000 and a million
answers. Each operation's processor time for one unit, memory above idle and questions to the database
should stay the same; where they do not, it is said. Run:
``python -m benchmarks.growth [--quick] [--database sqlite] [--write docs/performance]``.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil

from benchmarks import growth_operations, growth_page, growth_world, stage
from benchmarks.bars import BOTH, FLAT, GROWTH
from benchmarks.growth_costs import growth_of_queries, queries_told, worst_step
from benchmarks.growth_meter import Cost, Meter
from benchmarks.report import machine, report
from surveyapp.jobs import worker

SIZES: Final = (1, 10, 100)
_LOOK_SECONDS, _BUSY_PERCENT = 0.5, 10
"""When others take more of the processors before the first size, the page says so."""


def main() -> None:
    """Measure each size on each database; print the object that ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 10x: under 50 s")
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="renew the table and the chart"
    )
    asked = parser.parse_args()
    sizes = SIZES[:2] if asked.quick else SIZES
    worker.settle()
    is_busy = psutil.cpu_percent(interval=_LOOK_SECONDS) > _BUSY_PERCENT
    found: dict[str, dict[int, dict[str, Cost]]] = {}
    detail: dict[str, float | str] = {"sizes": " ".join(map(str, sizes))}
    for database in [asked.database] if asked.database else BOTH:
        found[database] = {size: _measure(database, size) for size in sizes}
        for name in GROWTH:
            detail |= _told(database, name, [found[database][size][name] for size in sizes])
    if asked.write:
        growth_page.write(asked.write, found, machine=machine(), is_busy=is_busy)
    worst = max(float(value) for name, value in detail.items() if name.endswith("_times"))
    report("growth", worst, "times", detail)


def _measure(database: str, size: int) -> dict[str, Cost]:
    with stage.on(database) as on:
        meter = Meter(on.database_pid())
        world = growth_world.make(meter, size)
        return world.costs | growth_operations.costs(meter, on, world)


def _told(database: str, name: str, costs: list[Cost]) -> Mapping[str, float]:
    """Say an operation in a line, and what does not stay the same; return its figures."""
    times, more = worst_step(costs), growth_of_queries(costs)
    units = ", ".join(f"{cost.unit_us:,.0f}" for cost in costs)
    memory = ", ".join(f"{cost.peak_mb:.0f}" for cost in costs)
    queries = ", ".join(f"{each:,.0f}" for each in map(queries_told, costs))
    flat = "flat" if times <= FLAT else "NOT FLAT"
    constant = "" if more <= 1 else ", QUERIES GROW"
    print(
        f"{database:10} {name:13} {units} µs each ({flat}: {times:.2f} times), "
        f"{memory} MB, {queries} queries{constant}"
    )
    last = costs[-1]
    return {
        f"{database}_{name}_times": round(times, 2),
        f"{database}_{name}_us": round(last.unit_us, 1),
        f"{database}_{name}_s": round(last.seconds, 3),
        f"{database}_{name}_mb": round(last.peak_mb, 1),
        f"{database}_{name}_queries": last.queries,
    }


if __name__ == "__main__":
    main()
