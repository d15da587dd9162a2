"""Account files named after what is in them, as the command line takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from surveyapp.errors import ImportRefused, Problem
from surveyapp.services.account_sheets import Sheet
from surveyapp.tabular.isolation import read_parts
from surveyapp.tabular.parts import Part
from surveyapp.tabular.table import Table

_CSV, _WORKBOOK = ".csv", ".xlsx"


def read_files(files: Mapping[str, bytes]) -> dict[Sheet, Table]:
    """Read ``organisations.csv`` and so on, and workbooks whose sheets have these names.

    Raises
    ------
    ImportRefused
        With all problems of all files, a name that is none of the four included.
    """
    if not files:
        raise ImportRefused("There is no file to import.")
    tables: dict[Sheet, Table] = {}
    problems: list[Problem] = []
    for name, data in sorted(files.items()):
        try:
            parts = _named_parts(name, data)
        except ImportRefused as error:
            problems += error.problems
            continue
        for sheet, part in parts:
            problems += part.problems
            if sheet in tables:
                message = f"The {sheet} are in {tables[sheet].name} already. Give them once."
                problems.append(Problem(part.name, message))
            elif part.table is not None:
                tables[sheet] = part.table
    if problems:
        raise ImportRefused("The files cannot be read.", problems)
    return tables


def sheet_named(title: str) -> Sheet | None:
    """Return the kind that a file or sheet is named after, in any case."""
    known = {sheet.value: sheet for sheet in Sheet}
    return known.get(title.strip().casefold())


def _named_parts(name: str, data: bytes) -> list[tuple[Sheet, Part]]:
    ending = next((end for end in (_CSV, _WORKBOOK) if name.casefold().endswith(end)), None)
    sheet = sheet_named(name[: -len(ending)]) if ending else None
    if ending is None or (ending == _CSV and sheet is None):
        expected = ", ".join(f"{known}{_CSV}" for known in Sheet)
        message = f"The file's name says what is in it. Use: {expected}, or a workbook (.xlsx)."
        raise ImportRefused(f"{name} cannot be read.", [Problem(name, message)])
    parts = read_parts(data, name)
    if ending == _CSV and sheet is not None:
        return [(sheet, part) for part in parts]
    return _sheets_of_workbook(name, parts)


def _sheets_of_workbook(name: str, parts: Sequence[Part]) -> list[tuple[Sheet, Part]]:
    """Choose the visible sheets that are named after what is in them; say which are left out."""
    named = [(sheet_named(part.title), part) for part in parts]
    chosen = [(sheet, part) for sheet, part in named if sheet and not part.is_hidden]
    if not chosen:
        message = f"No visible sheet is called one of: {', '.join(Sheet)}. Rename the sheets."
        raise ImportRefused(f"{name} cannot be read.", [Problem(name, message)])
    left = [part.title for sheet, part in named if sheet is None or part.is_hidden]
    first_sheet, first = chosen[0]
    if left and first.table is not None:
        notice = f"Of {name} these sheets are left out: {', '.join(left)}."
        table = replace(first.table, notices=[*first.table.notices, notice])
        chosen[0] = (first_sheet, replace(first, table=table))
    return chosen
