"""Other weights and cuts on the web: proposed, tried on a wave's newest run, approved."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.results import ScoreRun
from surveyapp.models.scoring_rules import ProposalState
from surveyapp.services import (
    cut_sets,
    definitions,
    proposal_results,
    results,
    scoring_rules,
    waves,
)
from surveyapp.services.scoring_rules import Proposed
from surveyapp.web import guards
from surveyapp.web.forms.scoring import ApprovalForm, ProposalForm
from surveyapp.web.guards import requires
from surveyapp.web.scoring.pages import blueprint

_MOST_ROWS = 50


@blueprint.get("/try/<wave>")
@requires("scoring.try")
def new_proposal(wave: str) -> str:
    """Offer the weights and cuts of a wave's newest run to be changed."""
    run = _run(wave)
    return _form_page(run, _form(run).filled(run.summary["weights"], run.cut_set))


@blueprint.post("/try/<wave>")
@requires("scoring.try")
def propose(wave: str) -> Response | tuple[str, int]:
    """Have a worker try them."""
    run = _run(wave)
    form = _form(run)
    if not form.validate():
        return _form_page(run, form), 422
    try:
        with transaction() as session:
            proposed = Proposed(
                weights=form.weights(),
                cut_set=form.known_set(),
                cut_name=form.cut_name.data or "",
                cuts=form.cuts(),
            )
            actor = guards.actor()
            made = scoring_rules.propose(
                session, results.run(session, run.id), proposed, by=actor.by, at=utcnow()
            )
            proposal_id = made.id
    except (Invalid, Conflict) as error:
        form.form_errors = [str(error)]
        return _form_page(run, form), 409 if isinstance(error, Conflict) else 422
    return redirect(url_for("scoring.show_proposal", proposal_id=proposal_id), 303)


@blueprint.get("/proposals/<uuid:proposal_id>")
@requires("scoring.read")
def show_proposal(proposal_id: uuid.UUID) -> str:
    """Show what a proposal would change, or how far trying it is."""
    return _proposal_page(proposal_id, ApprovalForm(formdata=None))


@blueprint.post("/proposals/<uuid:proposal_id>/approve")
@requires("scoring.edit")
def approve(proposal_id: uuid.UUID) -> Response | tuple[str, int]:
    """Publish it for later runs, with the reason."""
    form = ApprovalForm()
    if not form.validate():
        return _proposal_page(proposal_id, form), 422
    try:
        with transaction() as session:
            proposal = scoring_rules.find(session, guards.programme(), proposal_id)
            rule = scoring_rules.approve(
                session,
                proposal,
                reason=form.reason.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
            named = {"number": rule.number, "questionnaire": rule.questionnaire_id}
    except (Invalid, Conflict) as error:
        form.reason.errors = [str(error)]
        return _proposal_page(proposal_id, form), 409 if isinstance(error, Conflict) else 422
    flash(_("Rule %(number)s of %(questionnaire)s is in force for later runs.", **named))
    return redirect(url_for("scoring.index"), 303)


def _proposal_page(proposal_id: uuid.UUID, form: ApprovalForm) -> str:
    session = db.session()
    proposal = scoring_rules.find(session, guards.programme(), proposal_id)
    is_tried = proposal.state != ProposalState.QUEUED
    return render_template(
        "scoring/proposal.html",
        proposal=proposal,
        run=proposal.run,
        job=scoring_rules.job_of(session, proposal),
        found=proposal_results.read(session, proposal) if is_tried else None,
        labels=proposal_results.labels_of(proposal),
        most_rows=_MOST_ROWS,
        form=form,
    )


def _run(wave: str) -> ScoreRun:
    found = waves.find(db.session(), guards.programme(), wave)
    return results.latest_run(db.session(), found)


def _form(run: ScoreRun) -> ProposalForm:
    q = definitions.load(run.wave.questionnaire_version, guards.programme().locale)
    labels = {each.id: each.label for each in q.dimensions if each.kind == "engagement"}
    known = [each.id for each in cut_sets.listed(db.session(), guards.programme())]
    return ProposalForm.of(labels, known)


def _form_page(run: ScoreRun, form: ProposalForm) -> str:
    return render_template("scoring/try.html", run=run, form=form)
