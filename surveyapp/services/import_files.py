"""Files handed in on the pages: read once, kept by content hash, with what they hold."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from surveyapp.errors import Invalid, Problem
from surveyapp.models.imports import ImportBatch
from surveyapp.services.account_sheets import Sheet
from surveyapp.services.import_columns import Remembered, guess_sheet, renamed
from surveyapp.storage import Store
from surveyapp.tabular.isolation import read_parts
from surveyapp.tabular.parts import Part, as_json, from_json
from surveyapp.tabular.table import Table

MAX_FILES: Final = 8
_LONGEST_NAME: Final = 120
_EXAMPLE: Final = 60
_PROBLEMS: Final = 20
"""Of a sheet that cannot be read, beside others that can."""


def receive(
    store: Store, uploads: Sequence[tuple[str, bytes]], known: Remembered
) -> list[dict[str, Any]]:
    """Read and keep files; return what an ``ImportBatch`` says of them.

    Slow for large workbooks, so it is called outside any transaction. The first table that looks
    like a kind is taken for it; hidden sheets are left out until somebody asks for them.

    Raises
    ------
    Invalid
        With the problems of every file that cannot be used at all.
    """
    if not uploads:
        raise Invalid("Choose at least one file.")
    if len(uploads) > MAX_FILES:
        raise Invalid(f"At most {MAX_FILES} files go into one import; these are {len(uploads)}.")
    read, problems = [], list[Problem]()
    for name, data in _named(uploads):
        try:
            parts = read_parts(data, name)
        except Invalid as error:
            problems += error.problems
            continue
        read.append((name, data, parts))
        if not any(part.table for part in parts):
            problems += [problem for part in parts for problem in part.problems]
    if problems:
        raise Invalid(
            "Some files cannot be read. Nothing was kept; each reason is below.", problems
        )
    taken: set[Sheet] = set()
    return [
        {
            "name": name,
            "sha256": store.put(data),
            "read": store.put(as_json(parts)),
            "parts": [_described(part, known, taken) for part in parts],
        }
        for name, data, parts in read
    ]


def tables_of(store: Store, batch: ImportBatch) -> dict[Sheet, Table]:
    """Return the chosen tables under our column names."""
    tables: dict[Sheet, Table] = {}
    for file in batch.files:
        chosen = [each["sheet"] for each in file["parts"]]
        if not any(chosen):
            continue
        for sheet, part in zip(chosen, from_json(store.get(file["read"])), strict=True):
            if sheet and part.table is not None:
                tables[Sheet(sheet)] = renamed(part.table, batch.mapping.get(sheet, {}))
    return tables


def parts_of(batch: ImportBatch) -> list[dict[str, Any]]:
    """Return the descriptions of all parts, in the order of the files."""
    return [part for file in batch.files for part in file["parts"]]


def chosen_parts(batch: ImportBatch) -> Mapping[Sheet, dict[str, Any]]:
    """Return the part that is taken for each kind, in the order of storing."""
    by_sheet = {part["sheet"]: part for part in parts_of(batch) if part["sheet"]}
    return {sheet: by_sheet[sheet.value] for sheet in Sheet if sheet.value in by_sheet}


def _described(part: Part, known: Remembered, taken: set[Sheet]) -> dict[str, Any]:
    """Say what the pages show of a part, so that they need not read it again."""
    table = part.table
    headings = list(table.headings) if table else []
    sheet = guess_sheet(part.title, headings, known) if table and not part.is_hidden else None
    is_first = sheet is not None and sheet not in taken
    if sheet is not None:
        taken.add(sheet)
    return {
        "name": part.name,
        "sheet": sheet.value if sheet is not None and is_first else "",
        "is_hidden": part.is_hidden,
        "rows": len(table.rows) if table else 0,
        "headings": headings,
        "examples": _examples(table) if table else [],
        "problems": [str(problem) for problem in part.problems[:_PROBLEMS]],
        "more_problems": max(0, len(part.problems) - _PROBLEMS),
    }


def _examples(table: Table) -> list[str]:
    """The first filled cell of each column."""
    found = [""] * len(table.headings)
    for row in table.rows[:100]:
        for index, cell in enumerate(row.cells):
            found[index] = found[index] or cell[:_EXAMPLE]
    return found


def _named(uploads: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Give each file a harmless name of its own, as a person would recognise it."""
    seen: set[str] = set()
    named = []
    for number, (given, data) in enumerate(uploads, start=1):
        name = _harmless(given) or f"file-{number}"
        while name in seen:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
        seen.add(name)
        named.append((name, data))
    return named


def _harmless(name: str) -> str:
    """Keep the last piece of a path and the letters that can be seen; the name is never a path here."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    ending = PurePosixPath(seen).suffix[:10]
    if len(seen) > _LONGEST_NAME:
        seen = seen[: _LONGEST_NAME - len(ending)] + ending
    return seen
