"""What happened since the last wave: written once, read by everybody who is asked."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.delivery import prose
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import since_last
from surveyapp.web import guards
from surveyapp.web.forms.asking import SinceForm
from surveyapp.web.guards import requires
from surveyapp.web.waves import pages
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves/<wave>/since")
@requires("waves.edit")
def since(wave: str) -> str:
    """Show what people read about the time since they were last asked, to be changed."""
    found = pages.find(db.session(), wave)
    return _page(found, SinceForm(formdata=None, text=found.since_last))


@blueprint.post("/waves/<wave>/since")
@requires("waves.edit")
def save_since(wave: str) -> Response | tuple[str, int]:
    """Keep the text."""
    form = SinceForm()
    try:
        with transaction() as session:
            since_last.write(
                session,
                pages.find(session, wave),
                form.text.data or "",
                by=guards.actor().by,
                at=utcnow(),
            )
    except Invalid as error:
        form.text.errors = [problem.message for problem in error.problems]
        return _page(pages.find(db.session(), wave), form), 422
    flash(_("Saved. Whoever opens the link from now on reads it."))
    return redirect(url_for("waves.since", wave=wave), 303)


def _page(wave: Wave, form: SinceForm) -> str:
    return render_template(
        "waves/since.html",
        wave=wave,
        tabs=pages.tabs(wave),
        form=form,
        blocks=prose.parse(wave.since_last),
        is_closed=wave.state == WaveState.CLOSED,
    )
