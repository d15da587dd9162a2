"""Whom people say to ask: an owner reads it, asks the person named, or puts it aside."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, state, transaction
from surveyapp.services import handing_over, referrals, uploads
from surveyapp.services.wave_names import function_name
from surveyapp.web import guards
from surveyapp.web.guards import requires
from surveyapp.web.waves import pages
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves/<wave>/named")
@requires("waves.read")
def named(wave: str) -> str:
    """List what people said about whom to ask."""
    found = pages.find(db.session(), wave)
    return render_template(
        "waves/named.html",
        wave=found,
        tabs=pages.tabs(found),
        said=referrals.of_wave(db.session(), found),
        takes_answers=found.accepts_answers(utcnow()),
        function_name=function_name,
    )


@blueprint.post("/waves/<wave>/named/<uuid:referral_id>/ask")
@requires("waves.launch")
def ask_named(wave: str, referral_id: uuid.UUID) -> Response:
    """Ask the person named; mail goes out by this and by nothing else."""
    with transaction() as session:
        gone = handing_over.ask(
            session,
            pages.find(session, wave),
            referral_id,
            link_key=state().settings.link_key,
            by=guards.actor().by,
            at=utcnow(),
        )
    for assignment_id, hashes in gone.items():
        uploads.erase(state().store, assignment_id, hashes)
    flash(_("They are on the list now, and the invitation is on its way."))
    return redirect(url_for("waves.named", wave=wave), 303)


@blueprint.post("/waves/<wave>/named/<uuid:referral_id>/dismiss")
@requires("waves.edit")
def dismiss_named(wave: str, referral_id: uuid.UUID) -> Response:
    """Put it aside."""
    with transaction() as session:
        referrals.dismiss(
            session, pages.find(session, wave), referral_id, by=guards.actor().by, at=utcnow()
        )
    flash(_("Put aside. Who is asked stays as it was."))
    return redirect(url_for("waves.named", wave=wave), 303)
