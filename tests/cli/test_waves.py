"""Waves on the command line, from draft to open, carried out in this process or by a worker."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

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
    kept = [path.read_bytes() for path in (home / "files").rglob("*") if path.is_file()]
    lists = [each for each in kept if each.startswith(b"%PDF")]
    assert len(lists) == 2, "all the questions in English and in German"
    assert drafted("jobs", "list").stdout == "Everything asked for is done.\n"


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
        (
            ("--questionnaire", "annual-customer-survey", "--closes", "2001-01-01"),
            "cannot close on 2001-01-01",
        ),
        (("--questionnaire", "annual-customer-survey", "--closes", "soon"), "soon"),
        (
            (
                *("--questionnaire", "annual-customer-survey", "--closes", "2999-01-01"),
                *("--minimum-value", "1,000"),
            ),
            "is not an amount",
        ),
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


def test_the_check_says_what_a_launch_would_do(drafted: Run) -> None:
    said = drafted("waves", "check", "kestrin", "spring").output
    assert said.startswith("2 people would be asked about 2 relationships.")
    drafted(
        *("waves", "create", "kestrin", "narrow", "--name", "Narrow", "--closes", "2999-04-30"),
        *("--questionnaire", "annual-customer-survey", "--segment", "nowhere", "--guard-days", "0"),
        *("--function", "it", "--influence", "uses", "--minimum-value", "1000.50"),
    )
    narrow = drafted("waves", "check", "kestrin", "narrow").output
    assert "stops: Nobody stands on the buyer side of any of the relationships chosen" in narrow


def test_a_wave_is_scheduled_and_taken_off_the_schedule(drafted: Run) -> None:
    asked = ("waves", "schedule", "kestrin", "spring", "--opens", "2999-03-01 09:00")
    assert "2999-03-01 at 09:00 UTC" in drafted(*asked).output
    status = drafted("waves", "status", "kestrin", "spring").output
    assert "Spring: scheduled" in status
    assert "opens: 2999-03-01 09:00 UTC" in status
    drafted("waves", "unschedule", "kestrin", "spring")
    assert "Spring: draft" in drafted("waves", "status", "kestrin", "spring").output


def test_a_wave_is_paused_resumed_extended_closed_and_reopened(drafted: Run) -> None:
    drafted("waves", "launch", "kestrin", "spring", "--here")
    paused = drafted("waves", "pause", "kestrin", "spring").output
    assert "still closes after 2999-04-30" in paused
    refused = drafted("waves", "remind", "kestrin", "spring", exit_code=2)
    assert "reminded while it is open" in refused.stderr
    drafted("waves", "resume", "kestrin", "spring")
    drafted("waves", "extend", "kestrin", "spring", "--closes", "2999-05-31")
    refused = drafted("waves", "extend", "kestrin", "spring", "--closes", "2999-05-30", exit_code=2)
    assert "until 2999-05-31" in refused.stderr
    drafted("waves", "close", "kestrin", "spring", "--here")
    reopen = ("waves", "reopen", "kestrin", "spring", "--closes", "2999-06-30")
    assert "--reason" in drafted(*reopen, exit_code=2).stderr
    drafted(*reopen, "--reason", "Two buyers asked for more time")
    assert drafted("waves", "list", "kestrin").output == (
        "spring\topen\tlast day 2999-06-30\tSpring\n"
    )


def test_the_frozen_list_says_who_why_and_how_far(drafted: Run) -> None:
    drafted("waves", "launch", "kestrin", "spring", "--here")
    listed = drafted("waves", "people", "kestrin", "spring").output.splitlines()
    assert len(listed) == 2
    assert all("\tsent\t" in line for line in listed)
    assert drafted("waves", "people", "kestrin", "spring", "--search", "nobody").output == ""
    assert drafted("waves", "people", "kestrin", "spring", "--left-off").output == ""


def test_reminders_are_planned_listed_and_cancelled(drafted: Run, home: Path) -> None:
    drafted("waves", "launch", "kestrin", "spring", "--here")
    assert "No reminder is planned" in drafted("waves", "reminders", "kestrin", "spring").output
    drafted("waves", "remind", "kestrin", "spring", "--on", "2999-04-20 09:00")
    listed = drafted("waves", "reminders", "kestrin", "spring").output
    assert listed == "1\tplanned\t2999-04-20 09:00 UTC\t0 reminded\n"
    drafted("waves", "reminders", "kestrin", "spring", "--cancel", "1")
    assert "cancelled" in drafted("waves", "reminders", "kestrin", "spring").output
    unknown = drafted("waves", "reminders", "kestrin", "spring", "--cancel", "7", exit_code=2)
    assert "has no reminder 7" in unknown.stderr
    too_soon = drafted("waves", "remind", "kestrin", "spring", "--here", exit_code=2)
    assert "within the last 24 hours" in too_soon.stderr


def test_people_are_reminded_a_day_later(drafted: Run, home: Path) -> None:
    drafted("waves", "launch", "kestrin", "spring", "--here")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        said = drafted("waves", "remind", "kestrin", "spring", "--here").output
    assert "Reminder 1: 2 people." in said
    assert len(mails(home)) == 4
