"""Importing accounts on the command line: files by name, dry runs, all problems."""

import sqlite3
import uuid
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.tabular.workbook_files import workbook


@pytest.fixture
def programme(ready: Run) -> Run:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    return ready


def test_a_dry_run_counts_and_stores_nothing(programme: Run, sheets: Path) -> None:
    for _ in range(2):
        said = programme("accounts", "import", "kestrin", str(sheets), "--dry-run").output
        assert "organisations: 3 new, 0 changed, 0 unchanged" in said
        assert "dry run" in said


def test_a_folder_is_imported_and_again_changes_nothing(programme: Run, sheets: Path) -> None:
    assert "stakeholders: 3 new" in programme("accounts", "import", "kestrin", str(sheets)).output
    again = programme("accounts", "import", "kestrin", str(sheets)).output
    assert "stakeholders: 0 new, 0 changed, 3 unchanged" in again


def test_single_files_may_be_named(programme: Run, sheets: Path) -> None:
    files = [str(sheets / "organisations.csv"), str(sheets / "relationships.csv")]
    said = programme("accounts", "import", "kestrin", *files).output
    assert "relationships: 2 new" in said
    assert "contacts" not in said


@pytest.mark.parametrize("options", [("--dry-run",), ()])
def test_every_problem_is_printed_and_nothing_stored(
    programme: Run, sheets: Path, options: tuple[str, ...]
) -> None:
    contacts = sheets / "contacts.csv"
    contacts.write_text(contacts.read_text().replace("ann@a.example", "ann") + "x@x.example,X,zz\n")
    refused = programme("accounts", "import", "kestrin", str(sheets), *options, exit_code=2)
    places = [line.partition(": ")[0] for line in refused.stderr.splitlines()]
    assert places == ["contacts.csv!A2", "contacts.csv!C5", "stakeholders.csv!A2", "Error"]
    assert "3 problems, listed above" in refused.stderr
    clean = programme("accounts", "import", "kestrin", str(sheets / "organisations.csv"))
    assert "organisations: 3 new" in clean.output


def test_a_guessed_encoding_is_said(programme: Run, sheets: Path) -> None:
    file = sheets / "organisations.csv"
    file.write_bytes(file.read_text().replace("Kestrin", "Kästrin").encode("cp1252"))
    said = programme("accounts", "import", "kestrin", str(file))
    assert "Notice: organisations.csv is not UTF-8" in said.stderr


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["/nowhere/contacts.csv"], "cannot be read"),
        (["{empty}"], "nothing to import"),
        (["{sheets}", "{sheets}/contacts.csv"], "given twice"),
        (["{other}"], "The file's name says what is in it"),
    ],
)
def test_files_that_cannot_be_used_are_refused(
    programme: Run, sheets: Path, tmp_path: Path, paths: list[str], words: str
) -> None:
    (tmp_path / "empty").mkdir()
    other = tmp_path / "people.csv"
    other.write_text("a\nb\n")
    given = [p.format(sheets=sheets, empty=tmp_path / "empty", other=other) for p in paths]
    assert words in programme("accounts", "import", "kestrin", *given, exit_code=2).stderr


def test_an_unknown_programme_is_refused(programme: Run, sheets: Path) -> None:
    refused = programme("accounts", "import", "nobody", str(sheets), exit_code=2)
    assert "no programme 'nobody'" in refused.stderr


def test_a_sheet_whose_name_has_capitals_is_named_and_not_passed_over(
    ready: Run, sheets: Path
) -> None:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    (sheets / "contacts.csv").rename(sheets / "Contacts.CSV")
    refused = ready("accounts", "import", "kestrin", str(sheets), exit_code=2)
    assert f"{sheets / 'Contacts.CSV'} must be called contacts.csv." in refused.stderr


def test_a_sheet_that_is_a_broken_link_is_refused(ready: Run, sheets: Path) -> None:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    (sheets / "contacts.csv").unlink()
    (sheets / "contacts.csv").symlink_to(sheets / "gone.csv")
    refused = ready("accounts", "import", "kestrin", str(sheets), exit_code=2)
    assert "contacts.csv cannot be read" in refused.stderr


def workbook_of(sheets: Path, *, beside: str = "") -> bytes:
    tables = {
        file.stem.title(): [line.split(",") for line in file.read_text().splitlines()]
        for file in sorted(sheets.glob("*.csv"))
    }
    return workbook({**tables, **({beside: [["x"], ["y"]]} if beside else {})})


def test_a_workbook_is_imported_and_says_what_it_leaves_out(programme: Run, sheets: Path) -> None:
    file = sheets / "accounts.xlsx"
    file.write_bytes(workbook_of(sheets, beside="Notes"))
    said = programme("accounts", "import", "kestrin", str(file))
    assert "stakeholders: 3 new" in said.output
    assert "Notice: Of accounts.xlsx these sheets are left out: Notes." in said.stderr


def test_problems_of_a_workbook_name_sheet_and_cell(programme: Run, sheets: Path) -> None:
    contacts = sheets / "contacts.csv"
    contacts.write_text(contacts.read_text().replace("ann@a.example", "ann"))
    file = sheets / "accounts.xlsx"
    file.write_bytes(workbook_of(sheets))
    refused = programme("accounts", "import", "kestrin", str(file), exit_code=2)
    assert "accounts.xlsx!Contacts!A2: 'ann' is not an e-mail address" in refused.stderr


def test_a_workbook_without_a_known_sheet_is_refused(programme: Run, tmp_path: Path) -> None:
    file = tmp_path / "accounts.xlsx"
    file.write_bytes(workbook({"Sheet1": [["email"], ["a@x.example"]]}))
    refused = programme("accounts", "import", "kestrin", str(file), exit_code=2)
    assert "No visible sheet is called one of" in refused.stderr


def test_the_same_kind_in_a_file_and_a_workbook_is_refused(programme: Run, sheets: Path) -> None:
    file = sheets / "accounts.xlsx"
    file.write_bytes(workbook_of(sheets))
    given = [str(file), str(sheets / "contacts.csv")]
    refused = programme("accounts", "import", "kestrin", *given, exit_code=2)
    assert "contacts.csv: The contacts are in accounts.xlsx!Contacts already." in refused.stderr


def test_the_last_import_is_undone_and_can_be_made_again(programme: Run, sheets: Path) -> None:
    programme("accounts", "import", "kestrin", str(sheets))
    said = programme("accounts", "undo", "kestrin").output
    assert "organisations: 3 deleted, 0 restored" in said
    again = programme("accounts", "import", "kestrin", str(sheets)).output
    assert "organisations: 3 new" in again


def test_an_undo_that_cannot_be_is_refused_with_every_reason(
    programme: Run, sheets: Path, home: Path
) -> None:
    programme("accounts", "import", "kestrin", str(sheets / "organisations.csv"))
    with sqlite3.connect(home / "surveyapp.db") as connection:
        (first,) = connection.execute("SELECT id FROM import_batch").fetchone()
    programme("accounts", "import", "kestrin", str(sheets / "relationships.csv"))
    refused = programme("accounts", "undo", "kestrin", str(uuid.UUID(first)), exit_code=2)
    assert "us: is in a relationship that was added since." in refused.stderr
    assert "Nothing was undone. 3 problems, listed above." in refused.stderr


def test_there_is_nothing_to_undo_before_the_first_import(programme: Run) -> None:
    assert "no import" in programme("accounts", "undo", "kestrin", exit_code=2).stderr
