"""``surveyapp jobs``: what waits, runs or failed, and another try."""

import uuid

import click

from surveyapp.cli.application import with_application
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.services import jobs


@click.group("jobs")
def command() -> None:
    """See what waits or failed; try it again."""


@command.command("list")
@with_application
def list_() -> None:
    """List every job that is not done: its id, kind, state, attempts and last error."""
    found = jobs.unfinished(db.session())
    for job in found:
        error = f"\t{job.error}" if job.error else ""
        click.echo(f"{job.id}\t{job.kind}\t{job.state}\t{job.attempts} attempts{error}")
    if not found:
        click.echo("Everything asked for is done.")


@command.command("retry")
@click.argument("job_id", metavar="JOB", type=click.UUID)
@follow_options
@with_application
def retry(job_id: uuid.UUID, *, wait: bool, here: bool) -> None:
    """Let workers try the failed JOB anew."""
    with transaction() as session:
        jobs.retry(session, jobs.find(session, job_id), at=utcnow())
    if follow("the job", [job_id], wait=wait, here=here):
        click.echo("The job is done.")
