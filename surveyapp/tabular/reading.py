"""CSV to a table: delimiter found, quoting checked, every problem named with its place."""

import csv
import hashlib
import io
from collections.abc import Iterator

from surveyapp.errors import ImportRefused, Problem
from surveyapp.tabular.assembling import assemble
from surveyapp.tabular.encoding import decode
from surveyapp.tabular.table import MAX_BYTES, MAX_ROWS, Table, cell_address

DELIMITERS = ",;\t|"
_QUOTING = {
    "unexpected end of data": (
        "A quotation mark that opens in this row is never closed. Close it, or double it if it is"
        ' part of the text: "".'
    ),
    "expected after": (
        "Text follows a closing quotation mark. Double quotation marks that are part of the text:"
        ' "".'
    ),
    "field larger than": "A cell is longer than 131,072 characters. Is a quotation mark missing?",
}


def read_csv(data: bytes, name: str) -> Table:
    """Read a CSV file handed in by a person.

    Cells are trimmed and in Unicode's composed form, blank rows are skipped (their numbers stay),
    and nothing is evaluated: a cell that looks like a formula is text.

    Raises
    ------
    ImportRefused
        With every problem found and its place.
    """
    if len(data) > MAX_BYTES:
        message = f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read. Split it."
        raise _refused(name, [Problem(name, message)])
    text, notices = decode(data, name)
    records = _records(text, name) if text.strip() else ()
    numbered = [row for row in records if any(cell.strip() for cell in row[1])]
    if not numbered:
        message = "The file is empty. It needs a header row and at least one row."
        raise _refused(name, [Problem(name, message)])
    (_, header), body = numbered[0], numbered[1:]
    return assemble(
        name,
        numbered,
        sha256=hashlib.sha256(data).hexdigest(),
        notices=notices,
        problems=_shape_problems(name, len(header), body),
    )


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Parse strictly and number: blank lines count, so that numbers match the spreadsheet's rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True)
    starts_at = 1
    try:
        for number, record in enumerate(reader, start=1):
            if number > MAX_ROWS + 1:
                message = f"The file has more than {MAX_ROWS:,} rows. Split it."
                raise _refused(name, [Problem(name, message)])
            yield number, record
            starts_at = reader.line_num + 1
    except csv.Error as error:
        said = next((ours for theirs, ours in _QUOTING.items() if theirs in str(error)), None)
        message = said or f"This row cannot be read: {error}. Save the file as CSV again."
        raise _refused(name, [Problem(f"{name}:{starts_at}", message)]) from error


def find_delimiter(text: str) -> str:
    """Find what separates the header's cells: the candidate that yields most of them.

    Only the header is asked: texts further down are full of commas. Ties go to the comma.
    """
    header_on = text.lstrip("\r\n")

    def cells(delimiter: str) -> int:
        lines = io.StringIO(header_on, newline="")
        try:
            return len(next(csv.reader(lines, delimiter=delimiter, strict=True)))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)


def _shape_problems(name: str, width: int, body: list[tuple[int, list[str]]]) -> list[Problem]:
    """Rows with too few cells, or with text beyond the last column: something slipped."""
    return [
        Problem(
            cell_address(name, number, 0),
            f"The row has {len(cells)} cells where the header has {width}."
            " Is a delimiter missing, or one too many, or text with one not in quotation marks?",
        )
        for number, cells in body
        if len(cells) < width or any(cell.strip() for cell in cells[width:])
    ]


def _refused(name: str, problems: list[Problem]) -> ImportRefused:
    return ImportRefused(f"{name} cannot be read.", problems)
