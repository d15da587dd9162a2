"""Workbooks as people really send them, and as nobody should."""

import io
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from surveyapp.errors import ImportRefused
from surveyapp.tabular import isolation, workbooks
from surveyapp.tabular.cell_text import as_text
from surveyapp.tabular.isolation import read_parts
from surveyapp.tabular.parts import Part, as_json, from_json
from surveyapp.tabular.table import Table
from surveyapp.tabular.workbooks import read_workbook
from tests.tabular.workbook_files import cell, changed, saved, with_sheet_xml, workbook

HEADER = f'<row r="1">{cell("A1", "email")}{cell("B1", "name")}</row>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def one(data: bytes) -> Table:
    (part,) = read_workbook(data, "people.xlsx")
    assert part.table is not None, part.problems
    return part.table


def of_rows(*rows: list[Any]) -> Table:
    return one(workbook({"Contacts": rows}))


def refusal(data: bytes, name: str = "people.xlsx") -> str:
    """Every problem of a file or of its sheets; there must be one."""
    try:
        parts = read_parts(data, name)
    except ImportRefused as error:
        found = error.problems
    else:
        found = [problem for part in parts for problem in part.problems]
    assert found
    assert all(problem.place.startswith(name) for problem in found)
    return "\n".join(str(problem) for problem in found)


def test_cells_read_as_a_person_sees_them() -> None:
    row = [1200.0, 125000.5, 0.1 + 0.2, True, date(2026, 12, 31), " Zoe\u0308 ", None, 10**14]
    table = of_rows([f"c{n}" for n in range(len(row))], row)
    assert table.rows[0].cells == (
        *("1200", "125000.5", "0.3", "TRUE", "2026-12-31"),
        *("Zoë", "", "100000000000000"),
    )
    assert table.faults == {}
    assert table.place(2, "c2") == "people.xlsx!Contacts!C2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e15, "1000000000000000"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
        (False, "FALSE"),
        (datetime(2026, 1, 2), "2026-01-02"),  # noqa: DTZ001 spreadsheets know no zone
        (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),  # noqa: DTZ001 as above
        (time(9, 30), "09:30:00"),
        (timedelta(hours=26), "1 day, 2:00:00"),
        ("a_x000D_b", "a\rb"),
        ("_xD800_", "_xD800_"),
        ("_x0000_", "_x0000_"),
    ],
)
def test_values_become_text(value: Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="too large"):
        as_text(value)


def test_each_sheet_is_a_part_and_hidden_ones_say_so() -> None:
    book = Workbook()
    book.worksheets[0].title = "Contacts"
    book.worksheets[0].append(["email"])
    book.worksheets[0].append(["a@x.example"])
    book.create_sheet("Notes")
    hidden = book.create_sheet("Old")
    hidden.append(["email"])
    hidden.append(["b@x.example"])
    hidden.sheet_state = "hidden"
    contacts, notes, old = read_workbook(saved(book), "people.xlsx")
    assert (contacts.title, contacts.is_hidden, old.is_hidden) == ("Contacts", False, True)
    assert contacts.table is not None
    assert notes.table is None
    assert "is empty" in notes.problems[0].message
    assert old.table is not None


def test_blank_rows_are_skipped_and_counted() -> None:
    table = of_rows([], ["email", "name"], [], [" ", None], ["a@x.example", "A"], [])
    assert [(row.number, row.cells) for row in table.rows] == [(5, ("a@x.example", "A"))]
    assert table.header_row == 2


def test_a_stray_cell_in_the_last_row_is_a_row_like_any_other() -> None:
    stray = f'<row r="1048576">{cell("B1048576", "x")}</row>'
    table = one(with_sheet_xml(HEADER + stray))
    assert [(row.number, row.cells) for row in table.rows] == [(1_048_576, ("", "x"))]


def test_a_formula_counts_by_the_result_saved_with_it() -> None:
    row = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    table = one(with_sheet_xml(HEADER + row))
    assert table.rows[0].cells == ("2", "")
    assert table.faults == {}


def test_a_formula_without_a_result_and_an_error_are_named_and_not_taken_for_nothing() -> None:
    table = of_rows(["email", "name"], ["=1+1", "#REF!"])
    assert set(table.faults) == {(2, 0), (2, 1)}
    assert "result is not in the file" in table.faults[2, 0]
    assert "shows #REF!" in table.faults[2, 1]


def test_a_fault_in_the_header_is_a_problem() -> None:
    words = refusal(workbook({"Contacts": [["email", "#REF!"], ["a", "b"]]}))
    assert words.startswith("people.xlsx!Contacts!B1: The cell shows #REF!")


def test_merged_cells_are_named_where_they_hold_nothing() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["email", "name"], ["a@x.example", "A"], ["b@x.example", None], ["c@x.example"]):
        sheet.append(row)
    sheet.merge_cells("B2:B4")
    table = one(saved(book))
    assert set(table.faults) == {(3, 1), (4, 1)}
    assert "merged with B2" in table.faults[3, 1]


def test_a_doubled_heading_names_its_cell() -> None:
    words = refusal(workbook({"Contacts": [["Email", "email"], ["a", "b"]]}))
    assert "people.xlsx!Contacts!B1: The column 'email' is there twice" in words


def test_a_number_too_large_is_named() -> None:
    table = one(with_sheet_xml(HEADER + '<row r="2"><c r="A2"><v>1e999</v></c></row>'))
    assert "too large" in table.faults[2, 0]


HOSTILE = {
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel workbook"),
    "an encrypted workbook": (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
        "protected with a password",
    ),
    "a zip file cut off": (workbook({"A": [["a"], ["b"]]})[:900], "damaged"),
    "an empty zip file": (b"PK\x05\x06" + b"\0" * 18, "NUL"),
    "entities in a sheet": (with_sheet_xml(HEADER, before=ENTITIES), "XML entities"),
    "a row number beyond the last": (
        with_sheet_xml(HEADER + f'<row r="999999999999">{cell("A2", "x")}</row>'),
        "is damaged",
    ),
    "rows that go backwards": (
        with_sheet_xml(HEADER + f"<row>{cell('A2', 'x')}</row>" + HEADER),
        "is damaged",
    ),
    "a cell in the last column": (
        with_sheet_xml(HEADER + f'<row r="2">{cell("XFD2", "x")}</row>'),
        "people.xlsx!Contacts!XFD2: This cell is right of column 200",
    ),
    "a shared text that is not there": (
        with_sheet_xml(HEADER + '<row r="2"><c r="A2" t="s"><v>99999</v></c></row>'),
        "damaged",
    ),
    "a number of ten thousand digits": (
        with_sheet_xml(HEADER + f'<row r="2"><c r="A2"><v>{"9" * 10_000}</v></c></row>'),
        "damaged",
    ),
    "a sheet that is no XML": (
        changed(
            workbook({"A": [["a"], ["b"]]}),
            lambda name, content: b"<<<" if "sheet1" in name else content,
        ),
        "damaged",
    ),
    "everything merged": (
        with_sheet_xml(
            HEADER + "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(2, 5100)),
            after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
        "cells are merged",
    ),
    "too many sheets": (workbook({f"S{n}": [["a"], ["b"]] for n in range(31)}), "at most 30"),
}


@pytest.mark.parametrize(("data", "words"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_with_a_reason(data: bytes, words: str) -> None:
    assert words in refusal(data)


@pytest.mark.parametrize("piece", ["workbook.xml", "styles.xml", "[Content_Types].xml"])
def test_entities_in_any_piece_are_refused(piece: str) -> None:
    def poison(name: str, content: bytes) -> bytes:
        if not name.endswith(piece):
            return content
        start = content.index(b"<", content.index(b"?>") if b"?>" in content else 0)
        return content[:start] + ENTITIES.encode() + content[start:]

    assert "XML entities" in refusal(changed(workbook({"A": [["a"], ["b"]]}), poison))


def test_a_zip_bomb_is_refused_by_its_directory_before_anything_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", "<x/>")
        target.writestr("xl/worksheets/sheet1.xml", b" " * (workbooks.MAX_UNPACKED + 1))
    with pytest.raises(ImportRefused) as caught:
        read_workbook(out.getvalue(), "bomb.xlsx")
    assert "unpacks to 200,00" in caught.value.problems[0].message


def test_a_zip_of_very_many_pieces_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for number in range(workbooks.MAX_MEMBERS + 1):
            target.writestr(str(number), "")
    with pytest.raises(ImportRefused) as caught:
        read_workbook(out.getvalue(), "bomb.xlsx")
    assert "2,001 pieces" in caught.value.problems[0].message


def test_other_zip_files_and_binary_workbooks_are_not_taken_for_workbooks() -> None:
    for members in (["content.xml"], ["[Content_Types].xml", "xl/workbook.bin"]):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for member in members:
                target.writestr(member, "")
        assert "not an Excel workbook" in refusal(out.getvalue())


def test_a_text_named_by_very_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_TEXT", 1000)
    rows = [["email"], *[["x" * 100] for _ in range(20)]]
    with pytest.raises(ImportRefused) as caught:
        read_workbook(workbook({"Contacts": rows}), "people.xlsx")
    assert "1,000 letters" in caught.value.problems[0].message


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_ROWS", 3)
    (part,) = read_workbook(workbook({"A": [["a"], *[["x"]] * 4]}), "people.xlsx")
    assert "more than 3 rows" in part.problems[0].message


def test_time_and_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = with_sheet_xml(HEADER + "<row/>" * 2_000_000)
    monkeypatch.setattr(isolation, "MAX_SECONDS", 0.2)
    assert "too long or too much memory" in refusal(slow)


def test_the_web_process_never_loads_openpyxl() -> None:
    code = (
        "import sys; from surveyapp.tabular.isolation import read_parts;"
        "read_parts(sys.stdin.buffer.read(), 'a.xlsx');"
        "sys.exit('openpyxl' in sys.modules)"
    )
    done = isolation.subprocess.run(
        [sys.executable, "-c", code], input=workbook({"A": [["a"], ["b"]]}), check=False
    )
    assert done.returncode == 0


def test_names_of_any_letters_reach_the_reader() -> None:
    (part,) = read_parts(workbook({"A!B": [["a"], ["b"]]}), "-n\0\ud800.xlsx")
    assert part.name == "-n\0\ud800.xlsx!A!B"


def test_a_csv_file_is_one_part_and_keeps_its_problems() -> None:
    (good,) = read_parts(b"email\na@x.example\n", "Contacts 2026.csv")
    assert (good.title, good.name) == ("Contacts 2026", "Contacts 2026.csv")
    (bad,) = read_parts(b"email,email\na,b\n", "contacts.csv")
    assert bad.table is None
    assert bad.problems[0].place == "contacts.csv!B1"


def test_parts_written_down_are_the_same_when_read() -> None:
    data = workbook({"A": [["a", "b"], ["x", "#REF!"], ["y"]], "Empty": []})
    parts = read_workbook(data, "people.xlsx")
    again: list[Part] = from_json(as_json(parts))
    assert as_json(again) == as_json(parts)
    assert again[0].table is not None
    assert again[0].table.faults == {
        (2, 1): "The cell shows #REF!. Mend its formula, or write the value instead."
    }


@given(
    rows=st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(10**15), 10**15),
                st.floats(allow_nan=False, allow_infinity=False),
                st.text(
                    st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xFFFD),
                    max_size=20,
                ).filter(lambda text: not text.startswith("=")),
                st.dates(min_value=date(1901, 1, 1)),
            ),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_is_in_the_cells_is_read_or_named(rows: list[list[Any]]) -> None:
    (part,) = read_workbook(workbook({"Contacts": [["a", "b", "c", "d"], *rows]}), "people.xlsx")
    if part.table is None:
        assert part.problems
        return
    for row in part.table.rows:
        for index, value in enumerate(rows[row.number - 2]):
            if (row.number, index) not in part.table.faults and isinstance(value, int):
                assert row.cells[index] == str(value).upper()
