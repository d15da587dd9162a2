"""Files that people sent with their answers: a list of them, and each to be saved."""

import uuid

from flask import render_template, send_file
from werkzeug.wrappers import Response

from surveyapp.extensions import db, state
from surveyapp.services import handed_in, uploads
from surveyapp.web import guards
from surveyapp.web.filters import reader_locale
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.waves import pages
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves/<wave>/files")
@requires("answers.read")
def files(wave: str) -> str:
    """List what was handed in, with whose it is and which question asked for it."""
    found = pages.find(db.session(), wave)
    locale = reader_locale()
    return render_template(
        "waves/files.html",
        wave=found,
        tabs=pages.tabs(found),
        page=handed_in.page(
            db.session(), found, locale=locale, order=asked_order("person"), number=asked_page()
        ),
        asks_for_files=handed_in.asks_for_files(found),
    )


@blueprint.get("/files/<uuid:file_id>")
@requires("answers.read")
def download_file(file_id: uuid.UUID) -> Response:
    """Send one file: to be saved, with the type of its content, never shown as a page of ours."""
    found = handed_in.find(db.session(), guards.programme(), file_id)
    return send_file(
        uploads.place(state().store, found.assignment_id).path(found.sha256),
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        conditional=False,
        etag=False,
    )
