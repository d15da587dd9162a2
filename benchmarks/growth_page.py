"""The table and the chart of growth in its investigation, renewed between two marks of the page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks import growth_chart
from benchmarks.bars import FLAT
from benchmarks.bench_table import renew
from benchmarks.growth_costs import growth_of_queries, queries_told, worst_step
from benchmarks.growth_meter import Cost
from surveyapp.clock import utcnow

PAGE: Final = "0013-growth.md"
CHART: Final = "0013-growth.svg"
BEGIN, END = "<!-- table: written by benchmarks.growth --write -->", "<!-- end of the table -->"
_DATABASES: Final = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}

Found = Mapping[str, Mapping[int, Mapping[str, Cost]]]
"""By database, size and operation."""


def write(folder: Path, found: Found, *, machine: str, is_busy: bool) -> None:
    """Renew the chart, and the page between its marks."""
    beside = "; **other programs ran, so times are upper bounds**" if is_busy else ""
    told = f"{machine}; {utcnow().date().isoformat()}{beside}.\n\n{tables(found)}"
    renew(folder / PAGE, BEGIN, END, told)
    (folder / CHART).write_text(f"{growth_chart.draw(_relative(found))}\n", encoding="utf-8")


def tables(found: Found) -> str:
    """Write a table for each database, and a sentence of what does not stay the same."""
    parts = []
    for database, by_size in found.items():
        sizes = list(by_size)
        names = list(by_size[sizes[0]])
        lines = [
            (
                f"| {_DATABASES[database]}: one ... | processor time, {_sizes(sizes)} | times "
                f"| by the clock, {sizes[-1]}x | queries | MB above idle |"
            ),
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name in names:
            costs = [by_size[size][name] for size in sizes]
            lines.append(_line(name, costs))
        parts += ["\n".join(lines), _unlike(by_size)]
    return "\n\n".join(parts)


def _sizes(sizes: list[int]) -> str:
    return " / ".join(f"{size}x" for size in sizes)


def _line(name: str, costs: list[Cost]) -> str:
    times = worst_step(costs)
    told = f"**{times:.2f}**" if times > FLAT else f"{times:.2f}"
    each = " / ".join(_duration(cost.unit_us) for cost in costs)
    clock = _duration(costs[-1].seconds / costs[-1].units * 1e6)
    queries = " / ".join(f"{queries_told(cost):,.0f}" for cost in costs)
    memory = " / ".join(f"{cost.peak_mb:,.0f}" for cost in costs)
    return f"| {WHAT[name]} | {each} | {told} | {clock} | {queries} | {memory} |"


WHAT: Final = {
    "import": "contact imported with its part",
    "launch": "contact invited",
    "answer": "page of answers saved",
    "relationships": "list of relationships",
    "people": "list of people",
    "wave": "page of a wave, counted anew",
    "coverage": "page of coverage, counted anew",
    "results": "page of results",
    "scoring": "answer scored",
    "scorecard": "scorecard made",
    "export": "relationship exported",
}
"""What one unit of each operation is."""


def _duration(microseconds: float) -> str:
    for unit, of in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= of:
            return f"{microseconds / of:.3g} {unit}"
    return f"{microseconds:.3g} µs"


def _unlike(by_size: Mapping[int, Mapping[str, Cost]]) -> str:
    sizes = list(by_size)
    costs = {name: [by_size[size][name] for size in sizes] for name in by_size[sizes[0]]}
    dear = [WHAT[name] for name, each in costs.items() if worst_step(each) > FLAT]
    asking = [WHAT[name] for name, each in costs.items() if growth_of_queries(each) > 1]
    return (
        f"Dearer by more than {FLAT} times: {', '.join(dear) or 'nothing'}. "
        f"More queries: {', '.join(asking) or 'nothing'}."
    )


def _relative(found: Found) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Put each operation's cost of one beside its cost at the smallest size."""
    relative: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for database, by_size in found.items():
        first = by_size[min(by_size)]
        relative[_DATABASES[database]] = {
            name: [
                (size, each[name].unit_us / first[name].unit_us) for size, each in by_size.items()
            ]
            for name in first
        }
    return relative
