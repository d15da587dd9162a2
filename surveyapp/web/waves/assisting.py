"""Putting answers in for somebody: by phone or in a meeting, on the pages they would see themselves."""

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.models.responses import ResponseMode
from surveyapp.models.waves import Wave
from surveyapp.services import assisting
from surveyapp.web import guards
from surveyapp.web.forms.asking import AssistForm
from surveyapp.web.guards import requires
from surveyapp.web.respond import cookies
from surveyapp.web.respond.cookies import Interviewer
from surveyapp.web.waves import pages
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves/<wave>/people/<uuid:invitation_id>/assist")
@requires("waves.edit")
def ask_assist(wave: str, invitation_id: uuid.UUID) -> str:
    """Say what to tell the person first, and ask how they are heard."""
    return _page(pages.find(db.session(), wave), invitation_id, AssistForm(formdata=None))


@blueprint.post("/waves/<wave>/people/<uuid:invitation_id>/assist")
@requires("waves.edit")
def assist(wave: str, invitation_id: uuid.UUID) -> Response | tuple[str, int]:
    """Open the person's pages for this member, and for as long as they are signed in."""
    form, actor = AssistForm(), guards.actor()
    if not form.validate():
        return _page(pages.find(db.session(), wave), invitation_id, form), 422
    mode = ResponseMode(form.mode.data)
    with transaction() as session:
        found = assisting.begin(
            session, pages.find(session, wave), invitation_id, mode, by=actor.by, at=utcnow()
        )
        slugs = found.slugs
    response = redirect(url_for("respond.show_overview", slug=slugs[0]), 303)
    who = Interviewer(str(actor.user_id), guards.programme().slug, mode)
    for slug in slugs:
        cookies.let_in(response, slug, who)
    return response


def _page(wave: Wave, invitation_id: uuid.UUID, form: AssistForm) -> str:
    found = assisting.sitting(db.session(), wave, invitation_id, at=utcnow())
    return render_template(
        "waves/assist.html",
        wave=wave,
        tabs=pages.tabs(wave),
        contact=found.contact,
        invitation_id=invitation_id,
        form=form,
    )
