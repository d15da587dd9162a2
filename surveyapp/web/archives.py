"""A whole wave's scorecards in one ZIP: asked for, watched, sent."""

import uuid

from flask import abort, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.models.scorecards import ScorecardState
from surveyapp.reports import packs
from surveyapp.services import archives, results, waves
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.results import blueprint

__all__ = ["blueprint"]


@blueprint.get("/results/<wave>/archive")
@requires("archives.read")
def show_archive(wave: str) -> str:
    """Say how far the ZIP of all scorecards is, or offer to make it."""
    session = db.session()
    run = results.latest_run(session, waves.find(session, guards.programme(), wave))
    archive = archives.of_run(session, run)
    return render_template(
        "results/archive.html",
        run=run,
        archive=archive,
        job=archives.job_of(session, archive) if archive else None,
        is_ready=archive is not None and archive.state is ScorecardState.READY,
    )


@blueprint.post("/results/<wave>/archive")
@requires("scorecards.request")
def request_archive(wave: str) -> Response:
    """Ask for the ZIP; a worker makes it, once however often it is asked for."""
    with transaction() as session:
        archives.request(
            session,
            results.latest_run(session, waves.find(session, guards.programme(), wave)),
            pack=packs.find("scorecard"),
            locale=guards.programme().locale,
            by=guards.actor().by,
            at=utcnow(),
        )
    return redirect(url_for("results.show_archive", wave=wave), 303)


@blueprint.get("/archives/<uuid:archive_id>.zip")
@requires("archives.read")
def download_archive(archive_id: uuid.UUID) -> Response:
    """Send a finished ZIP."""
    archive = archives.find(db.session(), archive_id)
    if archive.programme_id != guards.programme().id or archive.state != ScorecardState.READY:
        abort(404)
    path = state().store.path(archive.file_sha256)
    return send_file(
        path, "application/zip", as_attachment=True, download_name=archive.file_name, etag=True
    )
