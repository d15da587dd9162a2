"""The table that ends ``make bench``, and the one of committed results in the documentation."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.bars import BOTH, Program
from benchmarks.bench_comparison import Beside, Last, Row, stored

_HEADINGS: Final = ("bar", "figure", "database", "now", "to reach", "last", "change", "verdict")
_NUMBERS: Final = frozenset({3, 4, 5, 6})
_DATABASES: Final = dict(zip(BOTH, ("PostgreSQL", "SQLite"), strict=True))
_NOTHING: Final = "·"


def table(rows: Sequence[Row]) -> str:
    """Draw every figure as one line, numbers flush right."""
    lines = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    drawn = [_joined(line, widths) for line in lines]
    return "\n".join([drawn[0], "-" * max(map(len, drawn)), *drawn[1:]])


def committed(programs: Sequence[Program], kept: Mapping[str, Last]) -> str:
    """Write what is committed as a table of Markdown; a program without results is named below it."""
    headings = ("bar", "figure", "database", "measured", "to reach", "")
    lines = [f"| {' | '.join(headings)} |", "|---|---|---|---:|---:|---|"]
    origins: dict[str, list[str]] = {}
    absent = []
    for program in programs:
        last = kept.get(program.bar)
        if last is None:
            absent.append(f"{program.bar} (`python -m benchmarks.{program.module}`)")
            continue
        for row in stored(program, last):
            bar, figure, database, now, reach, *_, verdict = _cells(row)
            lines.append(f"| {bar} | {figure} | {database} | {now} | {reach} | {verdict} |")
        where = f"{last.machine}; commit {last.commit}; {last.measured_on}"
        where += "" if last.is_quiet else "; other programs ran, so times are upper bounds"
        origins.setdefault(where, []).append(program.bar)
    parts = ["\n".join(lines)]
    parts += [f"{', '.join(bars)}: {where}." for where, bars in origins.items()]
    if absent:
        parts.append(f"Not measured yet: {', '.join(absent)}.")
    return "\n\n".join(parts)


def renew(page: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between two lines of a page.

    Raises
    ------
    ValueError
        The page lacks one of them.
    """
    before, has_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _old, has_end, after = rest.partition(end)
    if not has_begin or not has_end:
        raise ValueError(
            f"{page} lacks the lines {begin} and {end}, between which the table stands."
        )
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.figure.is_more_better else "≤"
    return (
        row.bar,
        row.figure.name,
        _DATABASES.get(row.database, _NOTHING),
        f"{told(row.now)} {row.figure.unit}",
        _NOTHING if row.reach is None else f"{sign} {told(row.reach)}",
        _NOTHING if row.last is None else told(row.last),
        _change(row),
        _verdict(row),
    )


def told(number: float) -> str:
    """Write a number with three digits, or as many as it has before the point."""
    if number and abs(number) < 100:
        return f"{number:.3g}"
    return f"{number:,.0f}"


def _change(row: Row) -> str:
    if not row.last or row.beside in {Beside.ELSEWHERE, Beside.OTHERWISE}:
        return _NOTHING
    return f"{(row.now / row.last - 1) * 100:+.0f}%"


def _verdict(row: Row) -> str:
    if row.is_met is None:
        first = "" if row.reach is None else f"not held: {row.size}"
    else:
        first = "met" if row.is_met else "MISSED"
        first += " beside other programs" if row.is_disturbed and not row.is_met else ""
    beside = "" if row.beside in {Beside.NEW, Beside.SAME} else str(row.beside)
    return "; ".join(part for part in (first, beside) if part) or _NOTHING


def _joined(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
