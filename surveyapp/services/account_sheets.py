"""The four sheets an owner hands in: their columns, and their rows as typed records."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveyapp.errors import Problem
from surveyapp.models.accounts import Function, Influence, Raci, Side
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.services import account_cells as cells
from surveyapp.services.account_cells import Value
from surveyapp.services.languages import language_tag
from surveyapp.tabular.table import Row, Table, cell_address


class Sheet(StrEnum):
    """What a file or a sheet of a workbook is about; also its name. The order is that of storing."""

    ORGANISATIONS = "organisations"
    RELATIONSHIPS = "relationships"
    CONTACTS = "contacts"
    STAKEHOLDERS = "stakeholders"


@dataclass(frozen=True, slots=True)
class Column:
    """A column a sheet may have."""

    name: str
    parse: cells.Parser
    is_required: bool = False
    """The header must have it and each row must fill it."""
    empty: Value = ""
    """What an empty cell stands for."""


_NARROWING = tuple(
    Column(name, cells.text(100)) for name in ("product_line", "service_team", "region")
)
_REFERENCE = cells.text(100)
COLUMNS: Mapping[Sheet, tuple[Column, ...]] = {
    Sheet.ORGANISATIONS: (
        Column("reference", _REFERENCE, is_required=True),
        Column("name", cells.text(300), is_required=True),
        Column("country", cells.text(100)),
    ),
    Sheet.RELATIONSHIPS: (
        Column("buyer", _REFERENCE, is_required=True),
        Column("supplier", _REFERENCE, is_required=True),
        *_NARROWING,
        Column("segment", cells.text(100)),
        Column("annual_value", cells.amount, empty=None),
        Column("currency", cells.currency),
        Column("renewal_on", cells.day, empty=None),
        Column("manager", cells.email, empty=None),
    ),
    Sheet.CONTACTS: (
        Column("email", cells.email, is_required=True),
        Column("name", cells.text(300), is_required=True),
        Column("organisation", _REFERENCE, is_required=True),
        Column("locale", language_tag, empty=None),
    ),
    Sheet.STAKEHOLDERS: (
        Column("email", cells.email, is_required=True),
        Column("buyer", _REFERENCE, is_required=True),
        Column("supplier", _REFERENCE, is_required=True),
        *_NARROWING,
        Column("side", cells.one_of(Side), empty=None),
        Column("function", cells.one_of(Function), is_required=True),
        Column("influence", cells.one_of(Influence), is_required=True),
        Column("raci", cells.one_of(Raci), empty=None),
        Column("from_on", cells.day, empty=None),
        Column("until_on", cells.day, empty=None),
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row with its values; a cell with a problem is absent, and so is a column not there."""

    table: Table
    row: int
    values: Mapping[str, Value]

    def text(self, column: str) -> str:
        """Return a text value; an absent column is an empty text."""
        return str(self.values.get(column) or "")

    def has(self, *columns: str) -> bool:
        """Whether these cells were read without a problem."""
        return all(column in self.values for column in columns)

    def problem(self, column: str, message: str) -> Problem:
        """Name a problem with a cell; when its column is not there, with the row."""
        if column in self.table.columns:
            return Problem(self.table.place(self.row, column), message)
        return Problem(cell_address(self.table.name, self.row, 0), message)


def header_problems(sheet: Sheet, table: Table) -> list[Problem]:
    """Columns that are missing, and columns nobody knows, with a guess."""
    known = {column.name: column for column in COLUMNS[sheet]}
    problems = []
    missing = [
        name for name, column in known.items() if column.is_required and name not in table.columns
    ]
    unknown = [name for name in table.columns if name and name not in known]
    for name in unknown:
        index = table.columns.index(name)
        hint = did_you_mean(name, known.keys() - set(table.columns))
        message = (
            f"The column {table.headings[index]!r} is not known.{hint}"
            f" {table.name} may have: {', '.join(known)}."
        )
        problems.append(Problem(cell_address(table.name, table.header_row, index), message))
    problems += [
        Problem(
            f"{table.name}:{table.header_row}",
            f"The column {name!r} is missing. Add it to the header.",
        )
        for name in missing
    ]
    return problems


def records(sheet: Sheet, table: Table) -> tuple[list[Record], list[Problem]]:
    """Parse every cell; a problem costs its cell, not its row, so that later checks still run."""
    problems: list[Problem] = []
    columns = [
        (table.columns.index(column.name), column)
        for column in COLUMNS[sheet]
        if column.name in table.columns
    ]
    found = [
        Record(table, row.number, _values(table, row, columns, problems)) for row in table.rows
    ]
    return found, problems


def _values(
    table: Table, row: Row, columns: list[tuple[int, Column]], problems: list[Problem]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for index, column in columns:
        cell = row.cells[index]
        if fault := table.faults.get((row.number, index)):
            problems.append(Problem(cell_address(table.name, row.number, index), fault))
            continue
        try:
            values[column.name] = _value(column, cell)
        except ValueError as error:
            problems.append(Problem(cell_address(table.name, row.number, index), str(error)))
    return values


def _value(column: Column, cell: str) -> Value:
    if cell:
        return column.parse(cell)
    if column.is_required:
        raise ValueError("This cell is empty. Each row needs it.")
    return column.empty
