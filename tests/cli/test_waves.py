"""Waves on the command line, from draft to open, carried out in this process or by a worker."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def programme(ready: Run, sheets: Path) -> Run:
    ready("programmes", "create", "kestrin", "--name", "Kestrin")
    ready("accounts", "import", "kestrin", str(sheets))
    return ready


@pytest.fixture
def drafted(programme: Run) -> Run:
    programme(
        *("waves", "create", "kestrin", "spring", "--name", "Spring", "--closes", "2999-04-30"),
        *("--questionnaire", "annual-customer-survey"),
    )
    return programme


def mails(home: Path) -> list[Path]:
    return sorted((home / "outbox").glob("*.eml"))


def test_a_drafted_wave_is_listed_with_its_last_day(drafted: Run, home: Path) -> None:
    assert (
        drafted("waves", "list", "kestrin").output == "spring\tdraft\tlast day 2999-04-30\tSpring\n"
    )
    assert "0 invited" in drafted("waves", "status", "kestrin", "spring").output
    assert mails(home) == []


def test_launch_here_opens_the_wave_and_writes_each_mail(drafted: Run, home: Path) -> None:
    said = drafted("waves", "launch", "kestrin", "spring", "--here").output
    assert "Wave spring is open." in said
    assert len(mails(home)) == 2, "the two buyers; the supplier's own people are not asked"
    status = drafted("waves", "status", "kestrin", "spring").output
    assert "people: 2 invited, 0 started" in status
    assert "relationships: 2 asked about, 2 silent" in status
    assert "2 sent" in status


def test_launch_alone_only_asks_and_says_what_happens_next(drafted: Run, home: Path) -> None:
    said = drafted("waves", "launch", "kestrin", "spring").output
    assert "surveyapp worker" in said
    assert "launching" in drafted("waves", "list", "kestrin").output
    assert mails(home) == []
    drafted("worker", "--once")
    assert "open" in drafted("waves", "list", "kestrin").output
    assert len(mails(home)) == 2


def test_launch_can_wait_for_a_worker(drafted: Run, home: Path) -> None:
    worker = subprocess.Popen([sys.executable, "-m", "surveyapp.cli", "worker"])
    try:
        said = drafted("waves", "launch", "kestrin", "spring", "--wait").output
    finally:
        worker.terminate()
        worker.wait(30)
    assert worker.returncode == 0
    assert "Wave spring is open." in said


def test_a_wave_is_launched_once(drafted: Run, home: Path) -> None:
    drafted("waves", "launch", "kestrin", "spring", "--here")
    refused = drafted("waves", "launch", "kestrin", "spring", exit_code=2)
    assert "Wave spring is open; only a wave that is draft" in refused.stderr
    assert len(mails(home)) == 2


@pytest.mark.parametrize("step", ["close", "score", "report"])
def test_a_wave_that_is_not_open_yet_is_neither_closed_scored_nor_reported(
    drafted: Run, step: str
) -> None:
    assert drafted("waves", step, "kestrin", "spring", exit_code=2).stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--questionnaire", "anual-customer-survey", "--closes", "2999-01-01"), "Did you mean"),
        (("--questionnaire", "annual-customer-survey", "--closes", "2001-01-01"), "past"),
        (("--questionnaire", "annual-customer-survey", "--closes", "soon"), "soon"),
        (
            ("--questionnaire", "annual-customer-survey", "--closes", "2999-01-01", "--view", "x"),
            "buyer-on-supplier",
        ),
    ],
)
def test_a_wave_that_cannot_be_is_refused(
    programme: Run, arguments: tuple[str, ...], words: str
) -> None:
    refused = programme("waves", "create", "kestrin", "x", "--name", "X", *arguments, exit_code=2)
    assert words in refused.stderr
    assert "no wave yet" in programme("waves", "list", "kestrin").output


def test_documents_are_only_copied_once_they_are_finished(drafted: Run, tmp_path: Path) -> None:
    output = ("--output", str(tmp_path / "out"))
    refused = drafted("waves", "report", "kestrin", "spring", *output, exit_code=2)
    assert "--wait or --here" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_scores_of_no_run_cannot_be_replayed(ready: Run) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert unknown in ready("scores", "replay", unknown, exit_code=2).stderr
