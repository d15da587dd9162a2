"""Workbooks for tests: good ones by openpyxl, broken ones piece by piece."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Write sheets of rows as a spreadsheet program would."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Rewrite the members of a workbook."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            target.writestr(member, change(member, source.read(member)))
    return out.getvalue()


def with_sheet_xml(inside: str, *, before: str = "", after: str = "") -> bytes:
    """Make a workbook of one sheet, ``Contacts``, whose rows are the given XML."""
    xml = (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{NAMESPACE}">'
        f"<sheetData>{inside}</sheetData>{after}</worksheet>"
    )

    def change(member: str, content: bytes) -> bytes:
        return xml.encode() if member == "xl/worksheets/sheet1.xml" else content

    return changed(workbook({"Contacts": [["email"], ["a@x.example"]]}), change)


def cell(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'
