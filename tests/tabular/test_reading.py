"""CSV as people really send it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.errors import ImportRefused
from surveyapp.tabular import reading
from surveyapp.tabular.assembling import clean
from surveyapp.tabular.reading import find_delimiter, read_csv
from surveyapp.tabular.table import column_letters

HEADER = "Email,Name\n"


def problems(data: bytes) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        read_csv(data, "contacts.csv")
    return [str(problem) for problem in caught.value.problems]


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_csv(data, "contacts.csv").rows]


@pytest.mark.parametrize(
    ("index", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")],
)
def test_columns_are_lettered_as_a_spreadsheet_does(index: int, letters: str) -> None:
    assert column_letters(index) == letters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_with_accents_reads_in_every_unicode_encoding(encoding: str) -> None:
    table = read_csv((HEADER + "a@x.example,Zoë Šťastná\n").encode(encoding), "contacts.csv")
    assert table.columns == ("email", "name")
    assert table.rows[0].cells == ("a@x.example", "Zoë Šťastná")
    assert table.notices == []


def test_windows_1252_is_read_with_a_notice() -> None:
    table = read_csv((HEADER + "a@x.example,Jürgen\n").encode("cp1252"), "contacts.csv")
    assert table.rows[0].cells[1] == "Jürgen"
    assert "Windows-1252" in table.notices[0]


def test_two_encodings_in_one_file_are_refused_with_the_line() -> None:
    data = HEADER.encode() + "a@x.example,Zoë\n".encode() + "b@x.example,Jürgen\n".encode("cp1252")
    (problem,) = problems(data)
    assert problem.startswith("contacts.csv:3: ")
    assert "two encodings" in problem


def test_bytes_of_no_known_letter_are_refused_with_the_line() -> None:
    (problem,) = problems(HEADER.encode() + b"a@x.example,\x81\n")
    assert problem.startswith("contacts.csv:2: ")


def test_a_nul_byte_is_refused_with_the_line() -> None:
    (problem,) = problems(HEADER.encode() + b"a@x.example,A\0B\n")
    assert problem.startswith("contacts.csv:2: ")
    assert "NUL" in problem


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"])
def test_workbooks_are_told_from_csv(start: bytes) -> None:
    (problem,) = problems(start + b"\x00" * 20)
    assert "not CSV" in problem


@pytest.mark.parametrize("delimiter", list(reading.DELIMITERS))
def test_the_delimiter_is_found_though_texts_hold_others(delimiter: str) -> None:
    others = "".join(other for other in reading.DELIMITERS if other != delimiter)
    data = delimiter.join(["email", "name"]) + "\n" + delimiter.join(["a@x.example", others * 3])
    assert cells(data.encode()) == [("a@x.example", (others * 3).strip())]


def test_a_comma_inside_a_quoted_heading_is_no_delimiter() -> None:
    assert find_delimiter('"value, in EUR";"name, first and last, please"\n') == ";"


def test_a_single_column_reads() -> None:
    assert cells(b"email\na@x.example\n") == [("a@x.example",)]


def test_quoted_line_breaks_keep_the_rows_number() -> None:
    table = read_csv(b'email,name\na@x.example,"two\nlines"\nb@x.example,B\n', "contacts.csv")
    assert [row.number for row in table.rows] == [2, 3]
    assert table.place(3, "name") == "contacts.csv!B3"


def test_blank_rows_are_skipped_and_counted() -> None:
    table = read_csv(b"\nemail,name\n\n , \na@x.example,A\n\n", "contacts.csv")
    assert [(row.number, row.cells) for row in table.rows] == [(5, ("a@x.example", "A"))]
    assert table.header_row == 2


def test_a_quotation_mark_never_closed_names_the_row_it_opens_in() -> None:
    (problem,) = problems(b'email,name\na@x.example,A\nb@x.example,"B\nc@x.example,C\n')
    assert problem.startswith("contacts.csv:3: ")
    assert "never closed" in problem


def test_text_after_a_closing_quotation_mark_is_refused() -> None:
    (problem,) = problems(b'email,name\na@x.example,"A"lice\n')
    assert problem.startswith("contacts.csv:2: ")
    assert "Double quotation marks" in problem


def test_an_endless_cell_is_refused() -> None:
    (problem,) = problems(b"email,name\na@x.example," + b"x" * 200_000 + b"\n")
    assert "131,072" in problem


def test_ragged_rows_are_all_named() -> None:
    found = problems(b"email,name\na@x.example\nb@x.example,B\nc@x.example,C,extra\n")
    assert [problem.split(":")[0] for problem in found] == ["contacts.csv!A2", "contacts.csv!A4"]


def test_empty_cells_beyond_the_header_do_no_harm() -> None:
    assert cells(b"email,name\na@x.example,A,,\n") == [("a@x.example", "A")]


def test_doubled_headings_name_both_cells_however_spelled() -> None:
    (problem,) = problems(b"Product line,x,product-LINE\na,b,c\n")
    assert problem.startswith("contacts.csv!C1: ")
    assert "contacts.csv!A1" in problem


def test_a_nameless_column_with_text_is_refused_and_without_is_ignored() -> None:
    (problem,) = problems(b"email,,name\na@x.example,stray,A\n")
    assert problem.startswith("contacts.csv!B1: ")
    assert cells(b"email,,name\na@x.example,,A\n") == [("a@x.example", "", "A")]


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b",,\n ,,\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    (problem,) = problems(data)
    assert "empty" in problem


def test_a_header_without_rows_is_refused() -> None:
    (problem,) = problems(b"email,name\n")
    assert "no rows" in problem


def test_too_many_rows_bytes_and_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert "more than 2 rows" in problems(b"email\na\nb\nc\n")[0]
    assert cells(b"email\na\nb\n") == [("a",), ("b",)]
    assert (
        "at most 200"
        in problems(b",".join(b"c%d" % n for n in range(201)) + b"\n" + b"," * 200 + b"x")[0]
    )
    monkeypatch.setattr(reading, "MAX_BYTES", 5)
    assert "at most 5" in problems(b"email\na\n")[0]


def test_formulas_stay_text() -> None:
    data = b'email,name\na@x.example,"=HYPERLINK(""http://x"")"\n'
    assert cells(data) == [("a@x.example", '=HYPERLINK("http://x")')]


def test_composed_and_decomposed_letters_are_one() -> None:
    assert cells("name\nZoe\u0308\n".encode()) == cells("name\nZoë\n".encode())


@given(
    rows=st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]),
                min_size=1,
            ),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=5,
    ),
    delimiter=st.sampled_from(reading.DELIMITERS),
)
def test_whatever_the_csv_module_writes_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["left", "right"])
    writer.writerows([["x" + left, "x" + right] for left, right in rows])
    expected = [tuple(clean("x" + cell) for cell in row) for row in rows]
    assert cells(out.getvalue().encode()) == expected
