"""The launch check, and the launch itself: at once or on a day, for the number of people that was shown."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, state, transaction
from surveyapp.models.waves import Wave
from surveyapp.services import wave_checks, wave_clock, waves
from surveyapp.services.wave_lists import Rule
from surveyapp.web import guards
from surveyapp.web.forms.waves import LaunchForm, ScheduleForm
from surveyapp.web.guards import requires
from surveyapp.web.waves import mail_preview, pages, wording
from surveyapp.web.waves.pages import blueprint


@blueprint.get("/waves/<wave>/check")
@requires("waves.read")
def check(wave: str) -> str | Response:
    """Show what a launch would do; once launched, the wave's own page says what it did."""
    found = pages.find(db.session(), wave)
    if not pages.is_unlaunched(found):
        return redirect(url_for("waves.show", wave=wave), 303)
    return _page(found, ScheduleForm(formdata=None, opens_at=pages.MORNING))


@blueprint.post("/waves/<wave>/launch")
@requires("waves.launch")
def launch(wave: str) -> Response | tuple[str, int]:
    """Launch, unless it would ask other people than the number that was shown."""
    form = LaunchForm()
    found = pages.find(db.session(), wave)
    if not pages.is_unlaunched(found):
        # the button pressed twice, or a colleague was faster: either way it is launched once
        flash(_("This wave is launched already."))
        return redirect(url_for("waves.show", wave=wave), 303)
    # looked at before the transaction: counting a long list must not hold up who is answering
    now = wave_checks.look(db.session(), found, at=utcnow())
    if not form.validate() or now.stops or now.people != form.people.data:
        return _again(found)
    try:
        with transaction() as session:
            waves.launch(session, pages.find(session, wave), by=guards.actor().by, at=utcnow())
    except Invalid:  # within this moment the last person to ask was taken off
        return _again(found)
    flash(_("The wave is launching: invitations are written, then the mails go out."))
    return redirect(url_for("waves.show", wave=wave), 303)


@blueprint.post("/waves/<wave>/schedule")
@requires("waves.launch")
def schedule(wave: str) -> Response | tuple[str, int]:
    """Let the wave be launched on a day by itself."""
    form, found = ScheduleForm(), pages.find(db.session(), wave)
    if not form.validate():
        return _page(found, form), 422
    opens_at = pages.moment(form.opens_on.data, form.opens_at.data)
    try:
        with transaction() as session:
            scheduled = pages.find(session, wave)
            by, at = guards.actor().by, utcnow()
            waves.schedule(session, scheduled, opens_at=opens_at, by=by, at=at)
    except Invalid as error:
        form.opens_on.errors = [str(error)]
        return _page(found, form), 422
    flash(_("The wave is scheduled. Until then everything can still be changed."))
    return redirect(url_for("waves.show", wave=wave), 303)


@blueprint.post("/waves/<wave>/unschedule")
@requires("waves.launch")
def unschedule(wave: str) -> Response:
    """Make a scheduled wave a draft again."""
    with transaction() as session:
        found = pages.find(session, wave)
        waves.unschedule(session, found, by=guards.actor().by, at=utcnow())
    flash(_("The wave is a draft again. It is launched only when you launch it."))
    return redirect(url_for("waves.check", wave=wave), 303)


def _again(wave: Wave) -> tuple[str, int]:
    """Show the check as it is now: what was agreed to is not what would happen."""
    return _page(wave, ScheduleForm(formdata=None, opens_at=pages.MORNING), is_other=True), 409


def _page(wave: Wave, form: ScheduleForm, *, is_other: bool = False) -> str:
    session = db.session()
    check = wave_checks.look(session, wave, at=utcnow())
    return render_template(
        "waves/check.html",
        wave=wave,
        tabs=pages.tabs(wave),
        check=check,
        form=form,
        is_other=is_other,
        failed=wave_clock.why_not_launched(session, wave),
        questionnaire=mail_preview.questionnaire(wave),
        narrowed=wording.narrowed(Rule.from_json(wave.list_rule)),
        previews=mail_preview.all_of(session, wave, "invitation", state().settings.base_url),
        launch_label=ngettext(
            "Launch now: %(n)s mail",
            "Launch now: %(n)s mails",
            check.people,
            n=format_decimal(check.people),
        ),
        has_relationship_pages="relationships.show" in current_app.view_functions,
        wording=wording,
    )
