"""Numbered rows to a table, whatever file they come from: headings checked, cells trimmed."""

import unicodedata
from collections.abc import Mapping, Sequence

from surveyapp.errors import ImportRefused, Problem
from surveyapp.tabular.table import (
    MAX_COLUMNS,
    MAX_HEADING,
    Row,
    Table,
    cell_address,
    column_name,
)

Numbered = tuple[int, Sequence[str]]
"""A row's number as a spreadsheet counts, and its cells as they stand in the file."""


def assemble(
    name: str,
    numbered: Sequence[Numbered],
    *,
    sha256: str,
    notices: Sequence[str] = (),
    faults: Mapping[tuple[int, int], str] | None = None,
    problems: Sequence[Problem] = (),
) -> Table:
    """Make a table of rows that are not blank, the first of which is the header.

    Raises
    ------
    ImportRefused
        With the problems found so far and those of the header.
    """
    (header_row, header), body = numbered[0], numbered[1:]
    if len(header) > MAX_COLUMNS:
        message = f"The header has {len(header):,} cells; at most {MAX_COLUMNS} are read."
        place = cell_address(name, header_row, MAX_COLUMNS)
        raise ImportRefused(f"{name} cannot be read.", [Problem(place, message)])
    headings = tuple(clean(cell) for cell in header)
    found = [*_header_problems(name, header_row, headings, body), *problems]
    if not body:
        message = "There is a header and no rows. Leave it out if there is nothing to import."
        found.append(Problem(name, message))
    if found:
        raise ImportRefused(f"{name} cannot be read.", found)
    width = len(headings)
    return Table(
        name=name,
        columns=tuple(column_name(heading) for heading in headings),
        headings=headings,
        rows=[Row(number, _cells(cells, width)) for number, cells in body],
        sha256=sha256,
        header_row=header_row,
        notices=notices,
        faults=faults or {},
    )


def clean(cell: str) -> str:
    """Trim, and write letters with accents as one character each."""
    return unicodedata.normalize("NFC", cell).strip()


def _cells(cells: Sequence[str], width: int) -> tuple[str, ...]:
    cleaned = tuple(clean(cell) for cell in cells[:width])
    return cleaned + ("",) * (width - len(cleaned))


def _header_problems(
    name: str, header_row: int, headings: tuple[str, ...], body: Sequence[Numbered]
) -> list[Problem]:
    problems = []
    seen: dict[str, int] = {}
    for index, heading in enumerate(headings):
        column = column_name(heading)
        place = cell_address(name, header_row, index)
        if len(heading) > MAX_HEADING:
            message = f"This heading has {len(heading):,} letters; at most {MAX_HEADING} are read."
            problems.append(Problem(place, message))
        elif not column:
            if any(len(cells) > index and cells[index].strip() for _, cells in body):
                message = "This column holds text and has no name. Name it in the header."
                problems.append(Problem(place, message))
        elif column in seen:
            first = cell_address(name, header_row, seen[column])
            message = f"The column {heading!r} is there twice; the first is {first}. Remove one."
            problems.append(Problem(place, message))
        seen.setdefault(column, index)
    return problems
