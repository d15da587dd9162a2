"""What a job is called, in words people understand."""

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from surveyapp.clock import utcnow
from surveyapp.models.jobs import Job
from surveyapp.models.waves import Wave
from surveyapp.services.job_lists import Listed


def register(app: Flask) -> None:
    """Let every console page say what a job is about and lead there."""
    app.jinja_env.globals.update(
        job_title=job_title, job_subject_url=job_subject_url, job_is_left=job_is_left
    )


def job_is_left(job: Job) -> bool:
    """Tell whether the worker that has the job died or hung, so that another will take it."""
    return job.lease_until is not None and job.lease_until < utcnow()


def job_title(listed: Listed) -> str:
    """Say what the job does, about what."""
    job, wave, document = listed.job, listed.wave, listed.document
    if document is not None and document.relationship is not None:
        names = {
            "buyer": document.relationship.buyer.name,
            "supplier": document.relationship.supplier.name,
        }
        return str(_("Making the scorecard of %(buyer)s and %(supplier)s", **names))
    if wave is not None:
        return _of_wave(job, wave)
    match job.kind:
        case "send-mail":
            return str(_("Sending a mail to a member"))
        case "copy-answers":
            return str(_("Making a respondent's own copy of their answers"))
        case _:
            # another version's job, or one whose subject is gone
            return str(_("A job of the kind %(kind)s", kind=job.kind))


def _of_wave(job: Job, wave: Wave) -> str:
    titles = {
        "launch-wave": _("Writing the invitations of %(wave)s", wave=wave.name),
        "write-reminder": _("Writing a reminder of %(wave)s", wave=wave.name),
        "send-mail": _("Sending the mail of %(wave)s", wave=wave.name),
        "sever-wave": _("Severing the answers of %(wave)s from people", wave=wave.name),
        "erase-unsent": _("Erasing what nobody sent of %(wave)s", wave=wave.name),
        "score-wave": _("Scoring %(wave)s", wave=wave.name),
        "build-scorecard": _("Making the portfolio report of %(wave)s", wave=wave.name),
        "try-scoring-rule": _("Trying other weights or cuts on %(wave)s", wave=wave.name),
        "build-archive": _("Making all scorecards of %(wave)s", wave=wave.name),
        "list-questions": _("Making the PDF of all questions of %(wave)s", wave=wave.name),
    }
    other = _("A job of the kind %(kind)s about %(wave)s", kind=job.kind, wave=wave.name)
    return str(titles.get(job.kind, other))


def job_subject_url(listed: Listed) -> str:
    """Return the address of the page about the job's subject; empty when there is none."""
    values: dict[str, Any]
    if listed.wave is None:
        return ""
    match listed.job.kind, listed.document:
        case "build-scorecard", document if document and document.relationship_id:
            values = {"wave": listed.wave.slug, "relationship_id": document.relationship_id}
            return url_for("results.show_scorecard", **values)
        case "build-scorecard", _:
            return url_for("results.show_portfolio", wave=listed.wave.slug)
        case "build-archive", _:
            return url_for("results.show_archive", wave=listed.wave.slug)
        case _:
            return url_for("waves.show", wave=listed.wave.slug)
