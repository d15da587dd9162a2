"""Programmes, and the database they need, on the command line."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from surveyapp.cli.application import operator
from surveyapp.resources import bundled
from tests.cli.conftest import Run


def test_commands_on_an_empty_database_say_what_to_run(run: Run) -> None:
    refused = run("programmes", "list", exit_code=2)
    assert (
        refused.stderr == "Error: The database has no tables yet. Run: surveyapp database upgrade\n"
    )


def test_upgrade_brings_the_tables_to_this_version(ready: Run) -> None:
    head = (bundled("migrations") / "head.txt").read_text(encoding="utf-8").strip()
    assert ready("database", "current").output == f"tables: {head}\nneeded: {head}\n"
    assert "no programme yet" in ready("programmes", "list").output


def test_tables_of_another_version_are_left_alone(ready: Run) -> None:
    ready("database", "downgrade", "base", "--yes")
    assert "has no tables yet" in ready("programmes", "list", exit_code=2).stderr


def test_downgrade_asks_before_anything_is_lost(ready: Run) -> None:
    ready("database", "downgrade", exit_code=1)
    ready("programmes", "list")


def test_a_programme_is_created_and_listed(ready: Run) -> None:
    ready("programmes", "create", "kestrin", "--name", "Kestrin annual")
    assert ready("programmes", "list").output == "kestrin\tKestrin annual\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "Not Good", "--name", "X"), "short name"),
        (("create", "x", "--name", "X", "--locale", "klingon"), "language tag"),
    ],
)
def test_refusals_are_sentences(ready: Run, arguments: tuple[str, ...], words: str) -> None:
    assert words in ready("programmes", *arguments, exit_code=2).stderr


def test_a_taken_short_name_is_refused(ready: Run) -> None:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    assert "already" in ready("programmes", "create", "kestrin", "--name", "K", exit_code=2).stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SURVEYAPP_DATABASE_URL": "oracle://x/y"}, "SURVEYAPP_DATABASE_URL"),
        ({"SURVEYAPP_DATABASE_URL": "sqlite://[bad"}, "SURVEYAPP_DATABASE_URL"),
        ({"SURVEYAPP_DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "does not answer"),
        ({"SURVEYAPP_BASE_URL": "survey.example.com"}, "SURVEYAPP_BASE_URL"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    run: Run, settings: dict[str, str], words: str
) -> None:
    assert words in run("programmes", "list", exit_code=2, **settings).stderr


def test_the_operator_is_named_for_the_audit_trail(home: Path) -> None:
    assert operator().startswith("cli:")


def test_a_database_of_a_newer_version_is_left_alone(ready: Run, home: Path) -> None:
    with closing(sqlite3.connect(home / "surveyapp.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999_of_tomorrow'")
    for command in (["waves", "list", "x"], ["database", "upgrade"]):
        said = ready(*command, exit_code=2).stderr
        assert "The database is at 9999_of_tomorrow, which this surveyapp does not know" in said
        assert "database upgrade" not in said


@pytest.mark.parametrize("command", [("waves", "list", "x"), ("database", "upgrade")])
def test_a_damaged_database_is_named(ready: Run, home: Path, command: tuple[str, ...]) -> None:
    for path in home.glob("surveyapp.db*"):
        path.unlink()
    (home / "surveyapp.db").write_bytes(b"nothing that SQLite wrote" * 200)
    said = ready(*command, exit_code=2).stderr
    assert "surveyapp.db does not answer: file is not a database" in said


def test_a_database_that_fails_in_the_middle_ends_in_a_sentence(ready: Run, home: Path) -> None:
    with closing(sqlite3.connect(home / "surveyapp.db")) as database, database:
        database.execute("DROP TABLE programme")
    said = ready("programmes", "create", "kestrin", "--name", "K", exit_code=2).stderr
    assert "The database cannot go on: no such table: programme." in said
