"""Watching jobs from the command line: a progress bar until a worker has carried them out."""

import time
import uuid
from collections.abc import Callable, Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from surveyapp.cli.worker import carry_out_due
from surveyapp.clock import utcnow
from surveyapp.errors import Unavailable
from surveyapp.extensions import db
from surveyapp.models.jobs import Job, JobState
from surveyapp.services.jobs import MAX_ATTEMPTS

_LOOK_EVERY_SECONDS = 0.2
_NOBODY_SECONDS = 10.0
_OVER = (JobState.DONE, JobState.FAILED)


def follow_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--wait`` and ``--here`` to a command that asks for jobs."""
    wait = click.option("--wait", is_flag=True, help="Wait until a worker has carried it out.")
    here = click.option("--here", is_flag=True, help="Carry it out in this process, then end.")
    return wait(here(command))


def follow(what: str, job_ids: Sequence[uuid.UUID], *, wait: bool, here: bool) -> bool:
    """See jobs through as the options say; return whether they are done.

    Raises
    ------
    Unavailable
        A job failed for good; the message is the job's.
    """
    if here:
        carry_out_due()
    elif wait:
        _watch(what, job_ids)
    else:
        click.echo("A worker carries it out: surveyapp worker (runs already with surveyapp serve).")
        return False
    _require_done(_jobs(job_ids))
    return True


def _watch(what: str, job_ids: Sequence[uuid.UUID]) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    started, is_told = time.monotonic(), False
    failures: set[tuple[uuid.UUID, int]] = set()
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(what, total=None)
        while jobs := [job for job in _jobs(job_ids) if job.state not in _OVER]:
            is_idle = all(job.attempts == 0 for job in jobs)
            if is_idle and not is_told and time.monotonic() - started > _NOBODY_SECONDS:
                console.print("No worker has taken this up yet. Start one: surveyapp worker")
                is_told = True
            _tell_failures(jobs, failures, console)
            done, total = _units(job_ids)
            bar.update(task, completed=done, total=total)
            time.sleep(_LOOK_EVERY_SECONDS)
        _, total = _units(job_ids)
        bar.update(task, completed=total, total=total)


def _tell_failures(jobs: Sequence[Job], told: set[tuple[uuid.UUID, int]], console: Console) -> None:
    """Say once of each try that failed why, and that there will be another."""
    for job in jobs:
        if job.error and job.state == JobState.QUEUED and (job.id, job.attempts) not in told:
            told.add((job.id, job.attempts))
            wait = max(0, round((job.due_at - utcnow()).total_seconds()))
            console.print(
                f"Try {job.attempts} of {MAX_ATTEMPTS} failed; the next is due in {wait} s: {job.error}",
                markup=False,
                highlight=False,
            )


def _jobs(job_ids: Sequence[uuid.UUID]) -> list[Job]:
    """Read the jobs as they are now, not as this process saw them first."""
    db.session.rollback()
    statement = select(Job).where(Job.id.in_(job_ids)).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def _units(job_ids: Sequence[uuid.UUID]) -> tuple[int, int]:
    """One job counts its own units; of several, each is one."""
    jobs = _jobs(job_ids)
    if len(jobs) == 1 and jobs[0].total_units:
        return jobs[0].done_units, jobs[0].total_units
    return sum(job.state in _OVER for job in jobs), len(jobs)


def _require_done(jobs: Sequence[Job]) -> None:
    failed = [job for job in jobs if job.state == JobState.FAILED]
    if failed:
        more = f" ({len(failed)} jobs failed.)" if len(failed) > 1 else ""
        raise Unavailable(f"The job {failed[0].kind} failed: {failed[0].error}{more}")
    waiting = [job for job in jobs if job.state != JobState.DONE]
    if waiting:
        reason = f": {waiting[0].error}" if waiting[0].error else " by another worker."
        raise Unavailable(f"The job {waiting[0].kind} is not done yet{reason}")
