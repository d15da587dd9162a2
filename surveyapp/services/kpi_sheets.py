"""Observation files to records: long (a row for each value) or wide (a column for each KPI)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from surveyapp.errors import Problem
from surveyapp.models.kpis import KpiDefinition
from surveyapp.questionnaires.suggestions import did_you_mean
from surveyapp.services import account_cells, kpi_cells
from surveyapp.services.kpi_cells import Period
from surveyapp.services.kpi_definitions import COLUMNS, PARTS
from surveyapp.tabular.table import Row, Table, cell_address, column_name

_SYNONYMS: Final = {
    "organization": "organisation",
    "from_on": "from",
    "until_on": "until",
    "as_of_on": "as_of",
    "date": "as_of",
}
_LONG_ONLY: Final = ("kpi", "value", "numerator", "denominator")
_SUBJECT: Final = ("buyer", "supplier", "product_line", "service_team", "region", "organisation")
_MOST_VALUES: Final = 500_000

Subject = tuple[str, str, str, str, str, str]
"""Buyer, supplier, product line, service team, region; or the organisation, the last. Lower case."""
Definitions = Mapping[str, KpiDefinition]


@dataclass(slots=True)
class Record:
    """One value as it stands in a file."""

    row: int
    column: int
    """Where its value stands, from 0."""
    definition_id: uuid.UUID
    subject: Subject
    period: Period
    value: float
    numerator: float | None
    denominator: float | None
    as_of_on: date | None


@dataclass(slots=True)
class Parsed:
    """A file whose cells were looked at, so that nothing slow is left to do while others wait."""

    table: Table
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: Mapping[str, int] = field(default_factory=dict)

    def place(self, row: int, *columns: str) -> str:
        """Address of the first of these columns that the file has; else of the row."""
        at = next((self.columns[name] for name in columns if name in self.columns), 0)
        return cell_address(self.table.name, row, at)

    def complain(self, row: int, column: int, message: str) -> None:
        """Note a problem with a cell."""
        self.problems.append(Problem(cell_address(self.table.name, row, column), message))


@dataclass(frozen=True, slots=True)
class _Cells:
    """Which columns hold one KPI's value in a wide file."""

    definition: KpiDefinition
    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None


def parse(table: Table, definitions: Sequence[KpiDefinition]) -> Parsed:
    """Read every cell; ``definitions`` are the KPIs in use. A problem costs its value, not the rest."""
    observed = {each.slug: each for each in definitions}
    columns = {_SYNONYMS.get(name, name): index for index, name in enumerate(table.columns) if name}
    parsed = Parsed(table, columns=columns)
    named = _by_any_name(observed)
    wide = {} if "kpi" in columns else _wide_columns(columns, named)
    parsed.problems += _header_problems(parsed, wide, observed)
    if parsed.problems:
        return parsed
    for row in table.rows:
        _read_row(parsed, row, named, wide)
        if len(parsed.records) > _MOST_VALUES:
            message = f"The file holds more than {_MOST_VALUES:,} values. Split it."
            parsed.complain(row.number, 0, message)
            break
    return parsed


def _by_any_name(definitions: Definitions) -> dict[str, KpiDefinition]:
    """Let a KPI be named by its short name, with kpi. before it, or by its name."""
    return {
        **{column_name(each.name): each for each in definitions.values()},
        **{f"kpi.{slug}": each for slug, each in definitions.items()},
        **definitions,
    }


def _wide_columns(columns: Mapping[str, int], named: Definitions) -> dict[str, _Cells]:
    found: dict[str, dict[str, int]] = {}
    for column, index in columns.items():
        ending = next((part for part in PARTS if column.endswith(part)), "")
        kpi = named.get(column.removesuffix(ending)) if column not in COLUMNS else None
        if kpi is not None:
            found.setdefault(kpi.slug, {})[ending.removeprefix("_") or "value"] = index
    return {slug: _Cells(named[slug], **cells) for slug, cells in found.items()}


def _header_problems(
    parsed: Parsed, wide: Mapping[str, _Cells], definitions: Definitions
) -> Iterator[Problem]:
    table, columns = parsed.table, parsed.columns
    header = f"{table.name}:{table.header_row}"
    used = {at for each in wide.values() for at in (each.value, each.numerator, each.denominator)}
    known = [*(name for name in COLUMNS if "kpi" in columns or name not in _LONG_ONLY)]
    for name, index in columns.items():
        if name not in known and index not in used:
            hint = did_you_mean(name, [*known, *definitions])
            message = (
                f"The column {table.headings[index]!r} is neither a KPI in use nor known.{hint}"
            )
            yield Problem(cell_address(table.name, table.header_row, index), message)
    if not {"buyer", "supplier"} <= columns.keys() and "organisation" not in columns:
        message = "Say what the values are about: columns buyer and supplier, or organisation."
        yield Problem(header, message)
    if "period" not in columns and not {"from", "until"} <= columns.keys():
        message = "Say which time the values are about: a column period, or from and until."
        yield Problem(header, message)
    if "kpi" in columns and not columns.keys() & {"value", "numerator"}:
        yield Problem(
            header, "The values are missing: a column value, or numerator and denominator."
        )
    if "kpi" not in columns and not wide:
        message = (
            "There is no value: add a column kpi and a column value, or a column for each KPI."
        )
        yield Problem(header, message)
    for each in wide.values():
        if each.definition.formula:
            place = cell_address(table.name, table.header_row, each.value or 0)
            yield Problem(place, _computed(each.definition))


def _read_row(parsed: Parsed, row: Row, named: Definitions, wide: Mapping[str, _Cells]) -> None:
    def cell(name: str) -> str:
        return row.cells[parsed.columns[name]] if name in parsed.columns else ""

    before = len(parsed.problems)
    for (number, column), fault in _faults(parsed.table, row):
        parsed.complain(number, column, fault)
    subject = _subject(parsed, row)
    period = _period(parsed, row)
    as_of = _day(parsed, row, "as_of") if cell("as_of") else None
    targets = list(wide.values())
    if "kpi" in parsed.columns:
        targets = _named_in(parsed, row, cell("kpi"), named)
    if len(parsed.problems) > before or period is None:
        return
    for each in targets:
        record = _record(parsed, row, each, subject, period)
        if record is not None:
            record.as_of_on = as_of
            parsed.records.append(record)


def _faults(table: Table, row: Row) -> Iterator[tuple[tuple[int, int], str]]:
    if table.faults:
        for column in range(len(row.cells)):
            if fault := table.faults.get((row.number, column)):
                yield (row.number, column), fault


def _named_in(parsed: Parsed, row: Row, cell: str, named: Definitions) -> list[_Cells]:
    """Return the one KPI that a row of a long file is about."""
    columns = parsed.columns
    kpi = named.get(cell.casefold()) or named.get(column_name(cell))
    if kpi is None or kpi.formula:
        hint = did_you_mean(cell.casefold(), named)
        message = _computed(kpi) if kpi else f"There is no KPI {cell!r} in use.{hint}"
        parsed.complain(row.number, columns["kpi"], message if cell else "Name the KPI.")
        return []
    return [_Cells(kpi, columns.get("value"), columns.get("numerator"), columns.get("denominator"))]


def _computed(kpi: KpiDefinition) -> str:
    return f"{kpi.name} is computed from other KPIs; values cannot be imported. Leave it out."


def _subject(parsed: Parsed, row: Row) -> Subject:
    def cell(name: str) -> str:
        at = parsed.columns.get(name)
        return "" if at is None else row.cells[at].casefold()

    subject = (
        *(cell("buyer"), cell("supplier"), cell("product_line"), cell("service_team")),
        *(cell("region"), cell("organisation")),
    )
    buyer, supplier, *_narrowing, organisation = subject
    if organisation and any(subject[:-1]):
        place = parsed.place(row.number, "organisation")
        message = "A value is about one relationship or one organisation. Leave one of them empty."
        parsed.problems.append(Problem(place, message))
    elif not organisation and not (buyer and supplier):
        missing = "buyer" if not buyer else "supplier"
        place = parsed.place(row.number, missing, "organisation")
        message = "Name buyer and supplier, or the organisation if the value is about all its relationships."
        parsed.problems.append(Problem(place, message))
    return subject


def _period(parsed: Parsed, row: Row) -> Period | None:
    columns = parsed.columns
    at = columns.get("period")
    if at is not None and row.cells[at]:
        try:
            return kpi_cells.period(row.cells[at])
        except ValueError as error:
            parsed.complain(row.number, at, str(error))
            return None
    if not {"from", "until"} <= columns.keys():
        parsed.complain(row.number, at or 0, "Write the period the value is about, as in 2026Q3.")
        return None
    first, last = _day(parsed, row, "from"), _day(parsed, row, "until")
    if first is None or last is None:
        return None
    if first > last:
        parsed.complain(row.number, columns["until"], f"{last} lies before {first}. Swap them.")
        return None
    return Period(first, last)


def _day(parsed: Parsed, row: Row, name: str) -> date | None:
    at = parsed.columns[name]
    try:
        return account_cells.day(row.cells[at])
    except ValueError as error:
        parsed.complain(row.number, at, str(error))
        return None


def _record(
    parsed: Parsed, row: Row, cells: _Cells, subject: Subject, period: Period
) -> Record | None:
    """Read the value of one KPI; empty cells of a wide file say nothing."""
    texts = [
        "" if at is None else row.cells[at]
        for at in (cells.value, cells.numerator, cells.denominator)
    ]
    columns = [at for at in (cells.value, cells.numerator, cells.denominator) if at is not None]
    at = next((at for at in columns if row.cells[at]), columns[0])
    if not any(texts):
        if "kpi" in parsed.columns:
            parsed.complain(row.number, at, "The value is empty. Fill it, or remove the row.")
        return None
    try:
        value, numerator, denominator = kpi_cells.told(cells.definition, *texts)
    except ValueError as error:
        parsed.complain(row.number, at, str(error))
        return None
    kpi = cells.definition.id
    return Record(row.number, at, kpi, subject, period, value, numerator, denominator, None)
