"""Importing accounts on the command line: files by name, dry runs, all problems."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def programme(ready: Run) -> Run:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    return ready


def test_a_dry_run_counts_and_stores_nothing(programme: Run, sheets: Path) -> None:
    for _ in range(2):
        said = programme("accounts", "import", "kestrin", str(sheets), "--dry-run").output
        assert "organisations: 3 would be new, 0 changed, 0 unchanged" in said


def test_a_folder_is_imported_and_again_changes_nothing(programme: Run, sheets: Path) -> None:
    assert (
        "stakeholders: 3 are new" in programme("accounts", "import", "kestrin", str(sheets)).output
    )
    again = programme("accounts", "import", "kestrin", str(sheets)).output
    assert "stakeholders: 0 are new, 0 changed, 3 unchanged" in again


def test_single_files_may_be_named(programme: Run, sheets: Path) -> None:
    files = [str(sheets / "organisations.csv"), str(sheets / "relationships.csv")]
    said = programme("accounts", "import", "kestrin", *files).output
    assert "relationships: 2 are new" in said
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
    assert "3 are new" in clean.output


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
