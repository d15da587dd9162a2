"""The table that ends ``make bench``."""

from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.bars import BOTH
from benchmarks.bench_comparison import Beside, Row

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


def markdown(rows: Sequence[Row]) -> str:
    """Return the same table for a page of the documentation."""
    ruler = ["---:" if column in _NUMBERS else "---" for column in range(len(_HEADINGS))]
    lines = [_HEADINGS, ruler, *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
    beside = "" if row.beside in {Beside.NEW, Beside.SAME} else str(row.beside)
    return "; ".join(part for part in (first, beside) if part) or _NOTHING


def _joined(cells: Iterable[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
