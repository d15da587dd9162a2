"""A table as a person sees it in a spreadsheet: named columns, numbered rows, cells with addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAX_BYTES = 20_000_000
"""Largest file that is read; 100,000 contacts are about 8 MB."""
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_HEADING = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts, and its trimmed cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from one file, ragged rows and doubled headers already refused."""

    name: str
    """The file's name as the person knows it."""
    columns: tuple[str, ...]
    """Header names in snake case; empty for a nameless, empty column."""
    headings: tuple[str, ...]
    """Header names as written."""
    rows: Sequence[Row]
    sha256: str
    """Of the file's bytes, for the audit trail."""
    header_row: int = 1
    notices: Sequence[str] = field(default=())
    """What was assumed while reading and is worth a look."""
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Cells without a usable value (row number, column from 0), each with a sentence and a remedy."""

    def place(self, row: int, column: str) -> str:
        """Address of a cell, as a spreadsheet shows it: ``contacts.csv!C7``."""
        return cell_address(self.name, row, self.columns.index(column))


def cell_address(name: str, row: int, column: int) -> str:
    """Spell ``contacts.csv!C7`` from a row number and a column index from 0."""
    return f"{name}!{column_letters(column)}{row}"


def column_letters(index: int) -> str:
    """Letters of a column: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    while index >= 0:
        index, place = divmod(index, 26)
        letters = chr(ord("A") + place) + letters
        index -= 1
    return letters


def column_name(heading: str) -> str:
    """Fold spelling that means the same: ``Product line`` and ``product-line`` are product_line."""
    return "_".join(heading.casefold().replace("-", " ").replace("_", " ").split())
