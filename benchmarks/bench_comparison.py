"""What a run's figures mean: beside the bars, and beside the last committed results."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from benchmarks.bars import NEEDS_QUIET, NOISE, NOISE_WHEN_BUSY, TOO_SMALL, Figure, Program

_KEYS: Final = ("bar", "value", "unit", "detail", "machine", "commit")


class Beside(StrEnum):
    """How a figure stands to the last committed one."""

    SAME = "as last"
    BETTER = "better than last"
    WORSE = "worse than last"
    BUSY = "worse than last beside other programs"
    NEW = "no figure to compare"
    ELSEWHERE = "not comparable: another machine"
    OTHERWISE = "not comparable: measured otherwise"


@dataclass(frozen=True, slots=True)
class Found:
    """What a program said in its last line."""

    machine: str
    commit: str
    detail: Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Last:
    """What was committed of a program: its figures and where they come from."""

    machine: str
    commit: str
    measured_on: str
    arguments: tuple[str, ...]
    figures: Mapping[str, float]
    is_quiet: bool
    """Nothing else ran."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure on one database."""

    bar: str
    figure: Figure
    database: str
    now: float
    reach: float | None
    size: str
    """What was measured where that is not what the bar speaks of; then it is not held against it."""
    last: float | None
    beside: Beside
    is_disturbed: bool
    """Other programs ran, and this figure is one that they change."""

    @property
    def name(self) -> str:
        """Name it in a sentence."""
        where = f" on {self.database}" if self.database else ""
        return f"{self.bar} {self.figure.name}{where}"

    @property
    def is_met(self) -> bool | None:
        """Tell whether the bar is reached; None without one."""
        if self.reach is None or self.size:
            return None
        return self.now >= self.reach if self.figure.is_more_better else self.now <= self.reach

    @property
    def is_regression(self) -> bool:
        """Tell whether somebody should find out why."""
        return self.beside is Beside.WORSE


def found_in(line: str) -> Found:
    """Read the object that ends a program.

    Raises
    ------
    ValueError
        It is not that object; the sentence says why.
    """
    try:
        told = json.loads(line)
    except json.JSONDecodeError:
        raise ValueError(f"The last line is no JSON object: {line[:120]!r}") from None
    absent = [key for key in _KEYS if not isinstance(told, dict) or key not in told]
    if absent:
        raise ValueError(f"The last line lacks {', '.join(absent)}: {line[:120]!r}")
    return Found(str(told["machine"]), str(told["commit"]), dict(told["detail"]))


def name_of(figure: Figure, database: str) -> str:
    """Return what a figure is kept under."""
    return f"{figure.name} ({database})"


def figures_of(program: Program, found: Found) -> tuple[dict[str, float], list[str]]:
    """Return the program's figures by name, and a sentence for each that it did not tell."""
    told: dict[str, float] = {}
    absent = []
    for figure in program.figures:
        for database in figure.databases:
            value = found.detail.get(figure.key_on(database))
            if isinstance(value, int | float):
                told[name_of(figure, database)] = float(value)
            else:
                absent.append(f"{program.module} did not tell {figure.key_on(database)}")
    return told, absent


def compared(
    program: Program,
    found: Found,
    last: Last | None,
    *,
    arguments: tuple[str, ...],
    is_busy: bool,
) -> list[Row]:
    """Put each figure beside its bar and the last one. A bar of another size is not held against it."""
    told, _absent = figures_of(program, found)
    obstacle = _obstacle(found, last, arguments)
    rows = []
    for figure in program.figures:
        for database in figure.databases:
            name = name_of(figure, database)
            if name not in told:
                continue
            before = last.figures.get(name) if last else None
            rows.append(
                Row(
                    bar=program.bar,
                    figure=figure,
                    database=database if len(figure.databases) > 1 else "",
                    now=told[name],
                    reach=figure.bar_on(database),
                    size=program.size if arguments == program.arguments else "a quick run",
                    last=before,
                    beside=_beside(figure, told[name], before, obstacle=obstacle, is_busy=is_busy),
                    is_disturbed=is_busy and figure.kind in NEEDS_QUIET,
                )
            )
    return rows


def stored(program: Program, last: Last) -> list[Row]:
    """Return what is committed of a program as rows, beside the bars alone."""
    details = {
        figure.key_on(database): last.figures[name_of(figure, database)]
        for figure in program.figures
        for database in figure.databases
        if name_of(figure, database) in last.figures
    }
    found = Found(last.machine, last.commit, details)
    return compared(program, found, None, arguments=last.arguments, is_busy=not last.is_quiet)


def _beside(
    figure: Figure, now: float, before: float | None, *, obstacle: Beside | None, is_busy: bool
) -> Beside:
    if obstacle is not None:
        return obstacle
    if before is None:
        return Beside.NEW
    worse, better = (before, now) if figure.is_more_better else (now, before)
    is_told_apart = abs(worse - better) > TOO_SMALL.get(figure.unit, 0)
    noise = NOISE[figure.kind]
    if is_told_apart and worse > better * (NOISE_WHEN_BUSY if is_busy else NOISE)[figure.kind]:
        return Beside.WORSE
    if is_told_apart and worse > better * noise:
        return Beside.BUSY
    return Beside.BETTER if is_told_apart and better > worse * noise else Beside.SAME


def _obstacle(found: Found, last: Last | None, arguments: tuple[str, ...]) -> Beside | None:
    """Say why nothing of a program can be compared; None when it can."""
    if last is None:
        return Beside.NEW
    if last.machine != found.machine:
        return Beside.ELSEWHERE
    return Beside.OTHERWISE if last.arguments != arguments else None


def read_last(path: Path) -> dict[str, Last]:
    """Read the committed results, by bar; nothing where none are."""
    if not path.exists():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        bar: Last(**{**each, "arguments": tuple(each["arguments"])}) for bar, each in kept.items()
    }


def write_last(path: Path, results: Mapping[str, Last]) -> None:
    """Write results to be committed; a program that did not run keeps its former ones."""
    kept = read_last(path) | dict(results)
    plain = {
        bar: {
            "machine": each.machine,
            "commit": each.commit,
            "measured_on": each.measured_on,
            "arguments": list(each.arguments),
            "is_quiet": each.is_quiet,
            "figures": dict(sorted(each.figures.items())),
        }
        for bar, each in sorted(kept.items())
    }
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
