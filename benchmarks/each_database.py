"""How a speed program measures the same on each database, and says what it found."""

import argparse
from collections.abc import Callable, Iterable
from typing import Final

from benchmarks import stage
from benchmarks.report import report
from benchmarks.stage import Stage

Found = dict[str, float | str]
_HELP: Final = "less of it: under 50 s"


def main(
    bar: str,
    unit: str,
    play: Callable[[Stage, int], Found],
    *,
    told: str,
    worst: Callable[[Iterable[float]], float],
    whole: int,
    quick: int,
    description: str | None,
) -> None:
    """Play on each database, so much of it; print each figure and the object that ends it.

    Its value is the worst of the figure ``told``.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help=_HELP)
    parser.add_argument("--database", choices=stage.DATABASES, help="this one only")
    asked = parser.parse_args()
    databases = [asked.database] if asked.database else list(stage.DATABASES)
    detail: Found = {}
    for database in databases:
        with stage.on(database) as on:
            found = play(on, quick if asked.quick else whole)
        for name, each in found.items():
            print(f"{bar} {database} {name}: {each}")
        detail |= {f"{database}_{name}": each for name, each in found.items()}
    report(bar, worst(float(detail[f"{each}_{told}"]) for each in databases), unit, detail)
