"""Questionnaires on the command line: every problem with its place, previews, fingerprints."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from surveyapp.cli import commands
from surveyapp.questionnaires import catalogue, loading
from surveyapp.resources import bundled


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SURVEYAPP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SURVEYAPP_QUESTIONNAIRES", raising=False)
    return tmp_path / "home"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The bundled annual survey with two mistakes."""
    folder = tmp_path / "own" / "annual-customer-survey"
    shutil.copytree(bundled("questionnaires") / "annual-customer-survey", folder)
    file = folder / "questionnaire.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("kind: rating", "kind: ratnig", 1).replace("minutes: 2", "minutes: two"),
        encoding="utf-8",
    )
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["questionnaires", *arguments])


def test_the_whole_library_is_good() -> None:
    result = run("check")
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == len(catalogue.entries())


def test_check_names_every_mistake_with_line_and_column(broken: Path) -> None:
    result = run("check", str(broken))
    assert result.exit_code == 2
    *problems, last = result.stderr.splitlines()
    assert len(problems) >= 2
    assert all(re.match(r".*\.yaml:\d+:\d+: ", problem) for problem in problems)
    assert "ratnig" in result.stderr
    assert "problems, listed above" in last


def test_an_operators_folder_stands_before_the_library(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEYAPP_QUESTIONNAIRES", str(broken.parent))
    assert "annual-customer-survey\tbroken" in run("list").output
    assert run("check").exit_code == 2


def test_list_says_version_and_languages() -> None:
    assert "annual-customer-survey\t1\ten de\t" in run("list").output


def test_hash_is_the_published_fingerprint_by_id_and_by_path() -> None:
    path = bundled("questionnaires") / "annual-customer-survey"
    expected = loading.sha256(catalogue.find("annual-customer-survey"))
    assert run("hash", "annual-customer-survey").output.strip() == expected
    assert run("hash", str(path)).output.strip() == expected


def test_show_previews_items_rules_and_scoring() -> None:
    text = run("show", "relationship-core", "--them", "Kestrin", "--us", "Ardent").output
    for expected in (
        "Kestrin deliver what was promised.  [delivers]",
        "1 Strongly disagree | 2 Disagree | 3 Rather disagree | 4 Neither | 5 Rather agree",
        "or: No basis to judge",
        "[competency_statements] grid · measures competency",
        "shown if: bad_news <= 3",
        "% of SEQ",
    ):
        assert expected in text


def test_show_previews_in_the_nearest_language() -> None:
    text = run("show", "annual-customer-survey", "--locale", "de-AT", "--them", "Kestrin").output
    assert text.startswith("Wie war das Jahr?\n")
    assert " · in de · " in text
    assert "Wie zufrieden sind Sie insgesamt mit Kestrin?" in text


def test_an_unknown_questionnaire_gets_a_guess() -> None:
    result = run("hash", "anual-customer-survey")
    assert result.exit_code == 2
    assert "Did you mean annual-customer-survey?" in result.stderr
