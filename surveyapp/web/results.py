"""A programme's results: which waves have some, the portfolio, one relationship, their PDFs."""

import uuid
from functools import partial

from flask import Blueprint, abort, redirect, render_template, send_file, url_for
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports import packs
from surveyapp.reports.context import PortfolioContext, PortfolioRow
from surveyapp.services import access, results, results_overview, scorecards, waves
from surveyapp.web import guards, result_pages
from surveyapp.web.guards import requires

blueprint = Blueprint("results", __name__, url_prefix="/p/<programme>")


@blueprint.get("/results")
@requires("results.read")
def overview() -> str:
    """Say what the newest report says, then list the waves: how far each is, and its documents."""
    lines = results_overview.lines(db.session(), guards.programme(), actor=guards.actor())
    return result_pages.show_overview(lines)


@blueprint.get("/results/<wave>")
@requires("results.read")
def show_portfolio(wave: str) -> str:
    """Show the released portfolio report of a wave, or offer to make it.

    Whoever sees only their own relationships gets a list of these instead.
    """
    run = _run(wave)
    if not guards.actor().sees_all:
        own = results.relationships_of(db.session(), run, among=_own())
        return render_template("results/own.html", run=run, relationships=own)
    document = scorecards.of_run(db.session(), run, cut=scorecards.PORTFOLIO)
    if document is None or document.state != ScorecardState.READY:
        return _pending(run, document, None)
    context = scorecards.shown(document)
    if not isinstance(context, PortfolioContext):
        raise TypeError(f"Document {document.id} of the portfolio holds no portfolio.")
    return result_pages.show_portfolio(
        context,
        pdf_url=_pdf(document),
        overview_url=url_for("results.overview"),
        archive_url=url_for("results.show_archive", wave=wave),
        url_of=partial(_relationship_page, wave),
    )


@blueprint.get("/results/<wave>/<uuid:relationship_id>")
@requires("results.read")
def show_scorecard(wave: str, relationship_id: uuid.UUID) -> str:
    """Show the released scorecard of one relationship, or offer to make it."""
    run = _run(wave)
    relationship = results.relationship_of(db.session(), run, relationship_id, among=_own())
    document = scorecards.of_run(db.session(), run, cut=scorecards.cut_of(relationship))
    if document is None or document.state != ScorecardState.READY:
        return _pending(run, document, relationship)
    context = scorecards.shown(document)
    if isinstance(context, PortfolioContext):
        raise TypeError(f"Document {document.id} of a relationship holds a portfolio.")
    return result_pages.show_scorecard(
        context,
        pdf_url=_pdf(document),
        overview_url=url_for("results.overview"),
        wave_url=url_for("results.show_portfolio", wave=wave),
    )


@blueprint.post("/results/<wave>/documents", defaults={"relationship_id": None})
@blueprint.post("/results/<wave>/<uuid:relationship_id>/documents")
@requires("scorecards.request")
def request_document(wave: str, relationship_id: uuid.UUID | None) -> Response:
    """Ask for the document; a worker makes it, once however often it is asked for."""
    with transaction() as session:
        run = results.latest_run(session, waves.find(session, guards.programme(), wave))
        about = relationship_id and results.relationship_of(
            session, run, relationship_id, among=_own()
        )
        pack = packs.find("scorecard" if about else "portfolio")
        locale = guards.programme().locale
        scorecards.request(
            session, run, about or None, pack=pack, locale=locale, by=guards.actor().by, at=utcnow()
        )
    if relationship_id is None:
        return redirect(url_for("results.show_portfolio", wave=wave), 303)
    address = url_for("results.show_scorecard", wave=wave, relationship_id=relationship_id)
    return redirect(address, 303)


@blueprint.get("/scorecards/<uuid:document_id>.pdf")
@requires("scorecards.read")
def download(document_id: uuid.UUID) -> Response:
    """Send a finished document."""
    document = scorecards.find(db.session(), document_id)
    is_ours = document.programme_id == guards.programme().id
    is_seen = access.sees(db.session(), guards.actor(), document.relationship_id)
    if not (is_ours and is_seen) or document.state != ScorecardState.READY:
        abort(404)
    path = state().store.path(document.file_sha256)
    return send_file(
        path, "application/pdf", as_attachment=True, download_name=document.file_name, etag=True
    )


def _own() -> ColumnElement[bool]:
    return access.own_relationships(guards.actor())


def _run(wave: str) -> ScoreRun:
    """Return the wave's current run; another programme's wave does not exist."""
    found = waves.find(db.session(), guards.programme(), wave)
    return results.latest_run(db.session(), found)


def _pending(run: ScoreRun, document: Scorecard | None, relationship: Relationship | None) -> str:
    return render_template(
        "results/pending.html",
        run=run,
        document=document,
        job=scorecards.job_of(db.session(), document) if document else None,
        relationship=relationship,
    )


def _pdf(document: Scorecard) -> str:
    return url_for("results.download", document_id=document.id)


def _relationship_page(wave: str, row: PortfolioRow) -> str:
    return url_for("results.show_scorecard", wave=wave, relationship_id=row.key)
