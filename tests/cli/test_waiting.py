"""What somebody who waits for a job is told while it fails."""

import io
import uuid
from datetime import timedelta

from rich.console import Console

from surveyapp.cli.waiting import _tell_failures
from surveyapp.clock import utcnow
from surveyapp.models.jobs import Job, JobState


def test_each_failed_try_is_told_once_with_its_reason() -> None:
    said = io.StringIO()
    console, told = Console(file=said, width=200), set[tuple[uuid.UUID, int]]()
    job = Job(
        id=uuid.uuid4(),
        state=JobState.QUEUED,
        attempts=1,
        due_at=utcnow() + timedelta(seconds=5.4),
        error="The mail server [mx] is away.",
    )
    _tell_failures([job], told, console)
    _tell_failures([job], told, console)
    assert said.getvalue() == (
        "Try 1 of 5 failed; the next is due in 5 s: The mail server [mx] is away.\n"
    )
    job.attempts, job.error = 2, "Still away."
    _tell_failures([job], told, console)
    assert said.getvalue().splitlines()[1:] == [
        "Try 2 of 5 failed; the next is due in 5 s: Still away."
    ]


def test_a_job_that_runs_or_has_never_failed_is_not_told_of() -> None:
    said = io.StringIO()
    running = Job(id=uuid.uuid4(), state=JobState.RUNNING, attempts=2, due_at=utcnow(), error="x")
    fresh = Job(id=uuid.uuid4(), state=JobState.QUEUED, attempts=0, due_at=utcnow(), error="")
    _tell_failures([running, fresh], set(), Console(file=said))
    assert said.getvalue() == ""
