"""XLSX to tables. The only module that loads openpyxl; ``isolation`` runs it in a process of its own."""

import hashlib
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from surveyapp.errors import ImportRefused, Problem
from surveyapp.tabular.assembling import assemble
from surveyapp.tabular.cell_text import as_text
from surveyapp.tabular.parts import Part
from surveyapp.tabular.table import MAX_COLUMNS, MAX_ROWS, Table, cell_address

MAX_UNPACKED = 200_000_000
"""Bytes of XML that a workbook may unpack to; 100,000 contacts are about 25 MB."""
MAX_MEMBERS = 2_000
MAX_SHEETS = 30
MAX_TEXT = 40_000_000
"""Letters of all cells: one shared text may be named by millions of cells."""
_LAST_ROW = 1_048_576
_MAX_MERGED = 10_000
_NO_RESULT = (
    "This cell holds a formula, and its result is not in the file. Open the file in a spreadsheet"
    " program and save it, or write the value instead."
)


def read_workbook(data: bytes, name: str) -> list[Part]:
    """Read every sheet. What is wrong with one sheet stays with its part.

    Nothing is evaluated: of a formula the result that was saved with it counts.

    Raises
    ------
    ImportRefused
        The whole file cannot be used. Whatever a damaged file makes openpyxl raise comes through.
    """
    _require_bounded(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of looks and charts that we do not read
        book, sheets = _opened(data)
        if len(sheets) > MAX_SHEETS:
            message = f"The workbook has {len(sheets)} sheets; at most {MAX_SHEETS} are read."
            raise _refused(name, f"{message} Remove those that are not for the import.")
        sha256 = hashlib.sha256(data).hexdigest()
        left = MAX_TEXT
        parts = []
        for sheet in sheets:
            reading = _Reading(f"{name}!{sheet.title}", sheet, book, left)
            parts.append(_part(reading, sha256))
            left = reading.text_left
            if left < 0:
                message = f"Its cells hold more than {MAX_TEXT:,} letters together. Split it."
                raise _refused(name, message)
    return parts


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that the workbook names."""

    title: str
    is_hidden: bool
    path: str
    """In the zip file."""


def _opened(data: bytes) -> tuple[ExcelReader, list[_Sheet]]:
    """Read what the sheets have in common: names, texts, formats.

    Step by step, because openpyxl's ``load_workbook`` reads each sheet from end to end when it
    does not say its size, before anybody can count its rows.
    """
    book = ExcelReader(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    book.read_manifest()
    book.read_strings()
    book.read_workbook()
    apply_stylesheet(book.archive, book.wb)
    sheets = [
        _Sheet(sheet.name, sheet.state != "visible", rel.target)
        for sheet, rel in book.parser.find_sheets()
        if rel.target in book.valid_files and "chartsheet" not in rel.Type
    ]
    return book, sheets


def _require_bounded(data: bytes, name: str) -> None:
    """Look at the directory before anything is unpacked: a bomb is large there already.

    zipfile never unpacks more of a member than its directory entry says.
    """
    try:
        members = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        message = f"The workbook is damaged: {error}. Save it again as Excel workbook (.xlsx)."
        raise _refused(name, message) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        message = (
            f"The workbook unpacks to {unpacked:,} bytes in {len(members):,} pieces; at most"
            f" {MAX_UNPACKED:,} bytes in {MAX_MEMBERS:,} are read. Split it, or save it as CSV."
        )
        raise _refused(name, message)
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or "xl/workbook.bin" in names:
        message = "This is not an Excel workbook of the kind .xlsx. Save it as one, or as CSV."
        raise _refused(name, message)


def _part(reading: "_Reading", sha256: str) -> Part:
    sheet = reading.sheet
    try:
        table = reading.table(sha256)
    except ImportRefused as error:
        return Part(sheet.title, reading.name, None, error.problems, sheet.is_hidden)
    return Part(sheet.title, reading.name, table, (), sheet.is_hidden)


@dataclass(slots=True)
class _Reading:
    """One sheet while it is read."""

    name: str
    sheet: _Sheet
    book: ExcelReader
    text_left: int
    faults: dict[tuple[int, int], str] = field(default_factory=dict)

    def table(self, sha256: str) -> Table:
        """Return the sheet as a table. Raises ImportRefused."""
        parser = _Parser(self.sheet, self.book)
        numbered = []
        for number, cells in self._rows(parser):
            if any(text.strip() for text in cells.values()):
                numbered.append((number, cells))
            if len(numbered) > MAX_ROWS + 1:
                raise _refused(self.name, f"The sheet has more than {MAX_ROWS:,} rows. Split it.")
            if self.text_left < 0:
                raise _refused(self.name, "The sheet holds too much text.")
        if not numbered:
            raise _refused(self.name, "The sheet is empty.")
        rows = self._laid_out(numbered)
        self._note_merged(parser, [number for number, _ in rows], len(rows[0][1]))
        header_row = rows[0][0]
        problems = [
            Problem(cell_address(self.name, row, column), message)
            for (row, column), message in self.faults.items()
            if row == header_row
        ]
        return assemble(self.name, rows, sha256=sha256, faults=self.faults, problems=problems)

    def _rows(self, parser: "_Parser") -> Iterator[tuple[int, dict[int, str]]]:
        last = 0
        for number, found in parser.rows():
            if not last < number <= _LAST_ROW:
                message = f"Row {number} follows row {last}: the sheet is damaged. Save it again."
                raise _refused(self.name, message)
            last = number
            yield number, {cell["column"] - 1: self._text(cell) for cell in found}

    def _text(self, cell: dict[str, Any]) -> str:
        """Return what the cell shows; a cell without a usable value is noted, and is not blank."""
        try:
            text = "=" if cell["data_type"] == "f" else as_text(cell["value"])
        except ValueError as error:
            self.faults[cell["row"], cell["column"] - 1] = str(error)
            return "#"
        if cell["data_type"] == "f":
            self.faults[cell["row"], cell["column"] - 1] = _NO_RESULT
        elif cell["data_type"] == "e":
            self.faults[cell["row"], cell["column"] - 1] = (
                f"The cell shows {text}. Mend its formula, or write the value instead."
            )
        self.text_left -= len(text) + 1
        return text

    def _laid_out(self, numbered: list[tuple[int, dict[int, str]]]) -> list[tuple[int, list[str]]]:
        """Give every row the width up to the last cell that holds text."""
        width = 1 + max(
            column for _, cells in numbered for column, text in cells.items() if text.strip()
        )
        if width > MAX_COLUMNS:
            row, column = next(
                (number, column)
                for number, cells in numbered
                for column, text in cells.items()
                if column >= MAX_COLUMNS and text.strip()
            )
            message = (
                f"This cell is right of column {MAX_COLUMNS}, the last that is read. Clear it."
            )
            raise ImportRefused(
                f"{self.name} cannot be read.",
                [Problem(cell_address(self.name, row, column), message)],
            )
        return [
            (number, [cells.get(column, "") for column in range(width)])
            for number, cells in numbered
        ]

    def _note_merged(self, parser: "_Parser", numbers: list[int], width: int) -> None:
        """Note the cells that look filled in a spreadsheet and hold nothing."""
        noted = 0
        for top, left, bottom, right in parser.merged():
            first = cell_address(self.name, top, left).rpartition("!")[2]
            message = f"This cell is merged with {first}, which alone holds the value. Split them, and fill each."
            rows = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
            for row in rows:
                for column in range(left, min(right + 1, width)):
                    if (row, column) != (top, left):
                        self.faults[row, column] = message
                        noted += 1
                if noted > _MAX_MERGED:
                    message = f"More than {_MAX_MERGED:,} cells are merged. Split them all."
                    raise _refused(self.name, message)


class _Parser(WorkSheetParser):
    """openpyxl's own reader of a sheet, which the public one hides.

    The public one fills every gap up to the row and column a file claims, so that a file of 1 kB
    can ask for 17 thousand million cells; and it shows a formula without a result as an empty cell.
    """

    def __init__(self, sheet: _Sheet, book: ExcelReader) -> None:
        self._open = partial(book.archive.open, sheet.path)
        formats: Any = book.wb  # its stubs leave out what the public reader uses
        super().__init__(
            BytesIO(),  # the sheet itself is opened when its rows are asked for
            book.shared_strings,
            data_only=True,
            epoch=formats.epoch,
            date_formats=formats._date_formats,  # noqa: SLF001 see the class
            timedelta_formats=formats._timedelta_formats,  # noqa: SLF001 as above
        )

    def rows(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield each row that is in the file, with the cells that are in it."""
        with self._open() as self.source:
            yield from self.parse()

    def parse_cell(self, element: Any) -> dict[str, Any]:  # noqa: ANN401 an element of openpyxl's XML library
        """Read a cell; a formula that was never computed is marked, and not taken for nothing."""
        cell: dict[str, Any] = super().parse_cell(element)
        if (
            element.find(FORMULA_TAG) is not None
            and element.get("t") != "str"  # the result is an empty text
            and not element.findtext(VALUE_TAG)
        ):
            cell["data_type"] = "f"
        return cell

    def merged(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield the merged ranges: top row, left column from 0, bottom row, right column from 0."""
        for each in self.merged_cells.mergeCell if self.merged_cells else ():
            yield each.min_row, each.min_col - 1, each.max_row, each.max_col - 1


def _refused(name: str, message: str) -> ImportRefused:
    return ImportRefused(f"{name} cannot be read.", [Problem(name, message)])
