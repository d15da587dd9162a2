"""``surveyapp waves``: ask, close, score, report."""

import uuid
from datetime import datetime
from pathlib import Path

import click

from surveyapp.cli import questionnaires, wave_lists, wave_steps
from surveyapp.cli.application import operator, with_application
from surveyapp.cli.documents import copy_finished, request_documents
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.cli.wave_arguments import DAY, end_of, found, one_wave, rule_options, values
from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.waves import View, WaveState
from surveyapp.services import coverage, definitions, programmes, wave_clock, waves
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_jobs import SEVERING
from surveyapp.services.wave_lists import Rule


@click.group("waves")
def command() -> None:
    """Ask, close, score, report."""


@command.command("create")
@one_wave
@click.option("--name", required=True, help="The wave's name as people read it.")
@click.option("--questionnaire", required=True, metavar="ID|PATH", help="What is asked.")
@click.option(
    "--view",
    type=values(View),
    default=View.BUYER_ON_SUPPLIER.value,
    show_default=True,
    help="Who looks at whom.",
)
@click.option(
    "--closes",
    required=True,
    type=DAY,
    help="Last day for answers; ends at midnight UTC.",
)
@click.option(
    "--guard-days",
    type=click.IntRange(min=0),
    help="Leave off who was asked in another wave so many days before; else the programme's.",
)
@click.option(
    "--cut",
    "cuts",
    multiple=True,
    type=values(Cut),
    help="Results will be told apart by this too; respondents read it before they start.",
)
@rule_options
@with_application
def create(
    programme: str,
    wave: str,
    *,
    name: str,
    questionnaire: str,
    view: str,
    closes: datetime,
    guard_days: int | None,
    cuts: tuple[str, ...],
    rule: Rule,
) -> None:
    """Draft WAVE, a short name, in PROGRAMME. The questionnaire is published: frozen as it is now."""
    asked = questionnaires.find(questionnaire)
    with transaction() as session:
        owner, at = programmes.find(session, programme), utcnow()
        version = definitions.publish(session, owner, asked, by=operator(), at=at)
        waves.create(
            session,
            owner,
            slug=wave,
            name=name,
            view=View(view),
            version=version,
            closes_at=end_of(closes.date()),
            guard_days=guard_days,
            rule=rule,
            cuts=map(Cut, cuts),
            by=operator(),
            at=at,
        )
    click.echo(
        f"Wave {wave} is drafted; nobody is asked before: surveyapp waves launch {programme} {wave}"
    )


@command.command("list")
@click.argument("programme")
@with_application
def list_(programme: str) -> None:
    """List the waves of PROGRAMME, newest first."""
    listed = waves.listed(db.session(), programmes.find(db.session(), programme))
    for wave in listed:
        click.echo(f"{wave.slug}\t{wave.state}\tlast day {wave.last_day}\t{wave.name}")
    if not listed:
        click.echo("There is no wave yet: surveyapp waves create --help")


@command.command("launch")
@one_wave
@follow_options
@with_application
def launch(programme: str, wave: str, *, wait: bool, here: bool) -> None:
    """Launch WAVE: freeze who is asked, write the invitations, send the mail."""
    with transaction() as session:
        job = waves.launch(session, found(session, programme, wave), by=operator(), at=utcnow())
        job_id = job.id
    click.echo(f"Wave {wave} is launching: a worker writes the invitations, then mails go out.")
    if follow("invitations", [job_id], wait=wait, here=here):
        click.echo(f"Wave {wave} is open.")


@command.command("close")
@one_wave
@follow_options
@with_application
def close(programme: str, wave: str, *, wait: bool, here: bool) -> None:
    """Close WAVE: no answer counts from now on. Scoring follows by itself."""
    with transaction() as session:
        job = waves.close(session, found(session, programme, wave), by=operator(), at=utcnow())
        job_id = job.id
    click.echo(f"Wave {wave} is closed.")
    if job.kind == SEVERING:
        if not follow("anonymous answers", [job_id], wait=wait, here=here):
            return
        click.echo("Its anonymous answers are severed from people.")
        with transaction() as session:
            closed = found(session, programme, wave)
            job_id = waves.request_scores(session, closed, by=operator(), at=utcnow()).id
    _follow_scoring(wave, job_id, wait=wait, here=here)


@command.command("score")
@one_wave
@follow_options
@with_application
def score(programme: str, wave: str, *, wait: bool, here: bool) -> None:
    """Score WAVE, once it is closed. Scored already, it stays as it is."""
    with transaction() as session:
        closed = found(session, programme, wave)
        job_id = waves.request_scores(session, closed, by=operator(), at=utcnow()).id
    _follow_scoring(wave, job_id, wait=wait, here=here)


@command.command("status")
@one_wave
@with_application
def status(programme: str, wave: str) -> None:
    """Say how WAVE stands: invited, started, submitted, mail by state."""
    asked = found(db.session(), programme, wave)
    click.echo(f"{asked.name}: {asked.state}, last day {asked.last_day}")
    if asked.opens_at and asked.state == WaveState.SCHEDULED:
        click.echo(f"opens: {asked.opens_at:%Y-%m-%d %H:%M} UTC")
    if reason := wave_clock.why_not_launched(db.session(), asked):
        click.echo(f"not launched as scheduled: {reason}")
    now = coverage.of_wave(db.session(), asked)
    click.echo(f"people: {now.invited} invited, {now.started} started")
    click.echo(f"questionnaires: {now.assigned} asked, {now.submitted} submitted")
    silent = "who is silent is not known any more"
    if now.answered_relationships is not None:
        silent = f"{now.relationships - now.answered_relationships} silent"
    click.echo(f"relationships: {now.relationships} asked about, {silent}")
    click.echo("mail: " + ", ".join(f"{count} {what}" for what, count in now.mail.items()))


@command.command("report")
@one_wave
@click.option(
    "--at-risk", type=click.IntRange(min=0), default=0, help="Only so many, most at risk first."
)
@click.option(
    "--warmest", type=click.IntRange(min=0), default=0, help="Only so many, warmest first."
)
@click.option("--locale", default="en", show_default=True, help="Language of the documents.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Copy the finished PDFs into this folder, with names people can read. Needs --wait or --here.",
)
@follow_options
@with_application
def report(
    programme: str,
    wave: str,
    *,
    at_risk: int,
    warmest: int,
    locale: str,
    output: Path | None,
    wait: bool,
    here: bool,
) -> None:
    """Make the portfolio report of WAVE and scorecards of its relationships, from the newest run.

    Without --at-risk and --warmest every relationship gets its scorecard.
    """
    if output and not (wait or here):
        raise click.UsageError("--output copies finished documents: add --wait or --here.")
    with transaction() as session:
        asked = request_documents(
            session,
            found(session, programme, wave),
            at_risk=at_risk,
            warmest=warmest,
            locale=locale,
            by=operator(),
            at=utcnow(),
        )
    click.echo(f"{len(asked.scorecards)} documents are asked for.")
    if follow("documents", asked.jobs, wait=wait, here=here) and output:
        copied = copy_finished(db.session(), asked.scorecards, output)
        click.echo(f"{len(copied)} documents are in {output}.")


def _follow_scoring(wave: str, job_id: uuid.UUID, *, wait: bool, here: bool) -> None:
    if follow("scores", [job_id], wait=wait, here=here):
        click.echo(f"Wave {wave} is scored.")


for each in (*wave_steps.COMMANDS, *wave_lists.COMMANDS):
    command.add_command(each)
