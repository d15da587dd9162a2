"""Problems of an import as a person reads them: the same sentence once, with its cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveyapp.errors import Problem


@dataclass(frozen=True, slots=True)
class Group:
    """One sentence about one table."""

    table: str
    message: str
    cells: list[str]
    """The first places, without the table's name."""
    count: int


def grouped(problems: Sequence[Problem], *, cells: int) -> list[Group]:
    """Gather equal sentences about one table, in the order of their first place."""
    found: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        table, cell = _split(problem.place)
        found.setdefault((table, problem.message), []).append(cell)
    return [
        Group(table, message, [cell for cell in places[:cells] if cell], len(places))
        for (table, message), places in found.items()
    ]


def _split(place: str) -> tuple[str, str]:
    """Part ``book.xlsx!Contacts!C7`` into table and cell, and ``contacts.csv:3`` into table and row."""
    table, mark, cell = place.rpartition("!")
    if mark and cell[:1].isupper() and cell[-1:].isdigit() and cell.isalnum():
        return table, cell
    table, mark, row = place.rpartition(":")
    return (table, f"row {row}") if mark and row.isdigit() else (place, "")
