"""``surveyapp scores try``, ``approve`` and ``rules``: other weights and cuts before they count."""

import uuid
from collections.abc import Mapping

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.cli.waiting import follow, follow_options
from surveyapp.cli.wave_arguments import found, one_wave
from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.scoring_rules import ScoringProposal
from surveyapp.services import (
    cut_sets,
    programmes,
    proposal_results,
    results,
    scoring_rules,
)
from surveyapp.services.scoring_rules import Proposed

_MOST = 20


def _weights(_context: object, _option: object, given: tuple[str, ...]) -> dict[str, float]:
    read = {}
    for each in given:
        dimension, _, share = each.partition("=")
        if dimension in read:
            raise click.BadParameter(f"{dimension} has two weights. Give it one.")
        try:
            read[dimension] = float(share)
        except ValueError as error:
            raise click.BadParameter(
                f"{each!r}: write DIMENSION=SHARE, as in attitude=60."
            ) from error
    return read


def _cuts(_context: object, _option: object, given: str | None) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in given.split(",")) if given else ()
    except ValueError as error:
        raise click.BadParameter("Write three numbers, as in --cuts=-1.2,-0.4,0.8") from error


@click.command("try")
@one_wave
@click.option("--weight", "weights", multiple=True, callback=_weights,
              help="DIMENSION=SHARE of SEQ; once for each, together 100. None: as in the run.")  # fmt: skip
@click.option(
    "--cut-set", default="", help="A known set, as in 'seed-words 1'. None: as in the run."
)
@click.option("--cut-name", default="", help="What new --cuts are to be called.")
@click.option("--cuts", callback=_cuts, help="Three new cuts, in spreads of the reference.")
@follow_options
@with_application
def try_(
    programme: str,
    wave: str,
    *,
    weights: dict[str, float],
    cut_set: str,
    cut_name: str,
    cuts: tuple[float, ...],
    wait: bool,
    here: bool,
) -> None:
    """Say what other weights or cuts would change in the newest run of WAVE; nothing is published."""
    if (cut_set and cuts) or bool(cuts) != bool(cut_name):
        raise click.UsageError("Name a --cut-set, or give --cuts and --cut-name together.")
    if not (weights or cut_set or cuts):
        raise click.UsageError("Give --weight, --cut-set or --cuts: what should be otherwise?")
    with transaction() as session:
        run = results.latest_run(session, found(session, programme, wave))
        proposed = Proposed(
            weights=weights or run.summary["weights"],
            cut_set="" if cuts else cut_set or run.cut_set,
            cut_name=cut_name,
            cuts=cuts,
        )
        made = scoring_rules.propose(session, run, proposed, by=operator(), at=utcnow())
        job = scoring_rules.job_of(session, made)
        proposal_id = made.id
    click.echo(f"Proposal {proposal_id}")
    if job is None or not follow("trying", [job.id], wait=wait, here=here):
        return
    db.session.rollback()
    owner = programmes.find(db.session(), programme)
    _say(scoring_rules.find(db.session(), owner, proposal_id))


@click.command("approve")
@click.argument("proposal", type=click.UUID)
@click.option("--reason", required=True, help="Kept on record.")
@with_application
def approve(proposal: uuid.UUID, *, reason: str) -> None:
    """Publish the tried PROPOSAL: later runs of its questionnaire are made with it. Old ones stay."""
    with transaction() as session:
        tried = session.get(ScoringProposal, proposal)
        if tried is None:
            raise NotFound(f"There is no proposal {proposal}.")
        rule = scoring_rules.approve(session, tried, reason=reason, by=operator(), at=utcnow())
        click.echo(f"Rule {rule.number} of {rule.questionnaire_id} is in force from now on.")


@click.command("rules")
@click.argument("programme")
@with_application
def rules(programme: str) -> None:
    """List what was approved in PROGRAMME, newest first, and its cut sets."""
    owner = programmes.find(db.session(), programme)
    for rule in scoring_rules.rules(db.session(), owner):
        click.echo(
            f"{rule.questionnaire_id} rule {rule.number}\t{_shares(rule.weights)}"
            f"\t{rule.cut_name} {rule.cut_version}\t{rule.approved_at:%Y-%m-%d} by {rule.by}"
            f"\t{rule.reason}"
        )
    for each in cut_sets.listed(db.session(), owner):
        cuts = ", ".join(f"{cut:.3f}" for cut in each.cuts)
        click.echo(f"cut set {each.id}\t{cuts}\t{each.origin}")


def _shares(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{dimension} {100 * share:.3g}" for dimension, share in weights.items())


def _say(proposal: ScoringProposal) -> None:
    told = proposal_results.read(db.session(), proposal)
    click.echo(
        f"Of {told.relationships} relationships {told.changed_calls} would have another call,"
        f" {told.changed_labels} another level; {told.expected_moves:.1f} are expected at another"
        " true level."
    )
    for name, before, after in zip(told.levels, told.mix_before, told.mix_after, strict=True):
        click.echo(f"  {name}\t{100 * before:.1f} -> {100 * after:.1f} in 100")
    for row in told.rows[:_MOST]:
        call = _then(row.before.call, row.after.call)
        level = _then(row.before.label, row.after.label)
        click.echo(f"  {row.name}\t{call}\t{level}\t{100 * row.moves:.0f} in 100 move")
    if told.changed > _MOST:
        click.echo(f"  and {told.changed - _MOST} more")
    for step in told.sensitivity:
        click.echo(
            f"  {_shares(step.weights)}: {step.changed_calls} other calls,"
            f" {step.changed_labels} other levels"
        )


def _then(before: str, after: str) -> str:
    return before if before == after else f"{before} -> {after}"
