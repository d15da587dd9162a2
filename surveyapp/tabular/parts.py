"""What a file holds: one part for a CSV file, one for each sheet of a workbook."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from surveyapp.errors import ImportRefused, Problem
from surveyapp.tabular.reading import read_csv
from surveyapp.tabular.table import Row, Table


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a file, or why it cannot be one."""

    title: str
    """The sheet's name; of a CSV file its name without the ending."""
    name: str
    """How places name it: ``contacts.csv``, or ``accounts.xlsx!Contacts``."""
    table: Table | None
    problems: Sequence[Problem] = ()
    """Why there is no table."""
    is_hidden: bool = False
    """Somebody hid this sheet in the workbook."""


def read_csv_part(data: bytes, name: str) -> Part:
    """Read a CSV file as the one part it is. What is wrong with it stays with the part."""
    title = PurePath(name).stem
    try:
        return Part(title, name, read_csv(data, name))
    except ImportRefused as error:
        return Part(title, name, None, error.problems)


def as_json(parts: Sequence[Part]) -> bytes:
    """Write parts down, so that a file is read only once."""
    return json.dumps([_plain(part) for part in parts]).encode()


def from_json(data: bytes) -> list[Part]:
    """Return the parts that ``as_json`` wrote down."""
    return [_part(plain) for plain in json.loads(data)]


def _plain(part: Part) -> dict[str, Any]:
    table = part.table
    return {
        "title": part.title,
        "name": part.name,
        "is_hidden": part.is_hidden,
        "problems": [[problem.place, problem.message] for problem in part.problems],
        "table": table
        and {
            "columns": table.columns,
            "headings": table.headings,
            "rows": [(row.number, row.cells) for row in table.rows],
            "sha256": table.sha256,
            "header_row": table.header_row,
            "notices": list(table.notices),
            "faults": [[*cell, message] for cell, message in table.faults.items()],
        },
    }


def _part(plain: dict[str, Any]) -> Part:
    kept = plain["table"]
    return Part(
        title=plain["title"],
        name=plain["name"],
        is_hidden=plain["is_hidden"],
        problems=[Problem(place, message) for place, message in plain["problems"]],
        table=kept
        and Table(
            name=plain["name"],
            columns=tuple(kept["columns"]),
            headings=tuple(kept["headings"]),
            rows=[Row(number, tuple(cells)) for number, cells in kept["rows"]],
            sha256=kept["sha256"],
            header_row=kept["header_row"],
            notices=kept["notices"],
            faults={(row, column): message for row, column, message in kept["faults"]},
        ),
    )
