"""Jobs: what works in the background for a programme, what failed and why, and another try."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict
from surveyapp.extensions import db, transaction
from surveyapp.services import job_lists, jobs
from surveyapp.web import guards, listing
from surveyapp.web.guards import requires
from surveyapp.web.job_words import job_title

blueprint = Blueprint("jobs", __name__, url_prefix="/p/<programme>/jobs")


@blueprint.get("")
@requires("jobs.read")
def index() -> str:
    """List the programme's jobs; what failed comes first."""
    session, programme, at = db.session(), guards.programme(), utcnow()
    show = request.args.get("show", "open")
    return render_template(
        "jobs/index.html",
        page=job_lists.of_programme(
            session,
            programme,
            show=show,
            order=listing.asked_order("state"),
            number=listing.asked_page(),
        ),
        counts=job_lists.counts(session, programme),
        show=show if show in job_lists.STATES else "open",
        nobody_since=job_lists.nobody_since(session, at=at),
    )


@blueprint.post("/<uuid:job_id>/retry")
@requires("jobs.retry")
def retry(job_id: uuid.UUID) -> Response:
    """Let workers try a failed job anew; pressed twice, it is tried once."""
    programme = guards.programme()
    try:
        with transaction() as session:
            job = jobs.find(session, job_id, programme=programme)
            title = job_title(job_lists.one(session, job))
            jobs.retry(session, job, by=guards.actor().by, at=utcnow())
    except Conflict:
        flash(_("That job has not failed any more: it waits, is at work or is done."))
    else:
        flash(_("%(title)s: a worker tries it again.", title=title))
    return redirect(url_for("jobs.index"), 303)
