"""What an operator sees of jobs, and can do about one that failed."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def failed_job(ready: Run, home: Path, sheets: Path) -> str:
    """Launch a wave whose mail cannot be written, until the job gives up."""
    ready("programmes", "create", "kes", "--name", "Kestrin")
    ready("accounts", "import", "kes", str(sheets))
    wave = ("--name", "W", "--questionnaire", "relationship-core", "--closes", "2099-01-01")
    ready("waves", "create", "kes", "w", *wave)
    (home / "outbox").write_text("a file where the folder should be", encoding="utf-8")
    ready("waves", "launch", "kes", "w", "--here")
    [line] = ready("jobs", "list").stdout.splitlines()
    assert "send-mail\tqueued\t1 attempts\t" in line
    assert "outbox" in line
    return line.partition("\t")[0]


def test_jobs_names_what_is_not_done_and_why(ready: Run, home: Path, sheets: Path) -> None:
    assert ready("jobs", "list").stdout == "Everything asked for is done.\n"
    job = failed_job(ready, home, sheets)
    said = ready("jobs", "retry", job, exit_code=2).stderr
    assert f"Job {job} is queued; only a failed one is tried anew." in said


def test_jobs_of_one_programme_are_listed_and_a_missing_worker_is_told(
    ready: Run, home: Path, sheets: Path
) -> None:
    job = failed_job(ready, home, sheets)
    ready("programmes", "create", "other", "--name", "Other")
    assert ready("jobs", "list", "--programme", "kes").stdout.startswith(job)
    assert ready("jobs", "list", "--programme", "other").stdout == "Everything asked for is done.\n"
    assert "no programme" in ready("jobs", "list", "--programme", "x", exit_code=2).stderr.lower()
    with sqlite3.connect(home / "surveyapp.db") as connection:
        long_ago = "datetime('now', '-9 minutes')"
        connection.execute(f"UPDATE job SET due_at = {long_ago}, finished_at = NULL")  # noqa: S608 a constant
    connection.close()
    assert "No worker has taken what is due since" in ready("jobs", "list").stdout


def test_a_failed_job_is_tried_anew_and_ends_well(ready: Run, home: Path, sheets: Path) -> None:
    job = failed_job(ready, home, sheets)
    give_up(home, job)
    assert "send-mail\tfailed" in ready("jobs", "list").stdout
    (home / "outbox").unlink()
    assert "The job is done." in ready("jobs", "retry", job, "--here").stdout
    assert len(list((home / "outbox").glob("*.eml"))) == 2
    assert ready("jobs", "list").stdout == "Everything asked for is done.\n"


def test_an_unknown_job_is_said_to_be_unknown(ready: Run) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    assert "There is no job" in ready("jobs", "retry", unknown, exit_code=2).stderr


def give_up(home: Path, job: str) -> None:
    """Say that the job has failed for good, as it would after its last attempt."""
    with sqlite3.connect(home / "surveyapp.db") as connection:
        statement = "UPDATE job SET state = 'failed' WHERE id = ?"
        assert connection.execute(statement, (job.replace("-", ""),)).rowcount == 1
    connection.close()
