"""``surveyapp jobs``: what waits, runs or failed, and another try."""

import uuid

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.services import job_lists, jobs, programmes


@click.group("jobs")
def command() -> None:
    """See what waits or failed; try it again."""


@command.command("list")
@click.option("--programme", metavar="PROGRAMME", help="Only the jobs of this one.")
@with_application
def list_(programme: str | None) -> None:
    """List every job that is not done: its id, kind, state, attempts and last error."""
    session = db.session()
    owner = programmes.find(session, programme) if programme else None
    found = jobs.unfinished(session, owner)
    if since := job_lists.nobody_since(session, at=utcnow()):
        click.echo(
            f"No worker has taken what is due since {since:%H:%M} UTC. Run: surveyapp worker"
        )
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
        jobs.retry(session, jobs.find(session, job_id), by=operator(), at=utcnow())
    if follow("the job", [job_id], wait=wait, here=here):
        click.echo("The job is done.")
