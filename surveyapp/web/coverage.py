"""A wave's coverage: who has spoken, who has not, what it is worth, and a reminder to some."""

import uuid

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import db, state, transaction
from surveyapp.services import (
    assisting,
    coverage_export,
    coverage_money,
    coverage_relationships,
    coverage_reminders,
    reminders,
    waves,
)
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_relationships import Heard
from surveyapp.services.coverage_reminders import Chosen, Whom
from surveyapp.tabular.writing import as_csv
from surveyapp.web import (
    coverage_charts,
    coverage_pages,
    coverage_sentences,
    coverage_words,
    guards,
)
from surveyapp.web.forms.coverage import MoneyForm, NarrowingForm, ReminderForm
from surveyapp.web.guards import requires
from surveyapp.web.listing import asked_order, asked_page
from surveyapp.web.waves import mail_preview

blueprint = Blueprint("coverage", __name__, url_prefix="/p/<programme>/waves/<wave>/coverage")


@blueprint.get("")
@requires("coverage.read")
def show(wave: str) -> str:
    """Show how far the wave is, what is missing, and what to expect by its close."""
    session, at = db.session(), utcnow()
    sight = _sight(session, wave)
    shown = coverage_pages.first_page(session, sight, at=at)
    put_in = assisting.counts(session, sight.wave) if sight.sees_all else {}
    return _page("show", sight, shown=shown, charts=coverage_charts, at=at, put_in=put_in)


@blueprint.get("/silent")
@requires("coverage.read")
def silent(wave: str) -> str:
    """List the relationships from which nobody, or nobody who decides, has been heard."""
    session = db.session()
    sight = _sight(session, wave)
    form = NarrowingForm(request.args)
    kinds = (Heard.NOBODY, Heard.NO_DECIDER)
    form.offer(coverage_relationships.choices(session, sight), kinds)
    narrowing = form.narrowing(otherwise=Heard.SILENT)
    page = coverage_relationships.page(
        session, sight, narrowing, order=asked_order("-value"), number=asked_page()
    )
    rows = coverage_pages.silent_rows(session, sight, page.rows)
    return _page("silent", sight, page=page, rows=rows, form=form)


@blueprint.get("/relationships")
@requires("coverage.read")
def relationships(wave: str) -> str:
    """List every relationship with answered of asked, deciders, money and renewal."""
    session = db.session()
    sight = _sight(session, wave)
    form = NarrowingForm(request.args)
    form.offer(coverage_relationships.choices(session, sight), tuple(Heard))
    page = coverage_relationships.page(
        session, sight, form.narrowing(), order=asked_order("-value"), number=asked_page()
    )
    return _page("relationships", sight, page=page, form=form)


@blueprint.get("/money")
@requires("coverage.read")
def money(wave: str) -> str:
    """Show what the relationships are worth that were heard and those that were not, by group."""
    session = db.session()
    sight = _sight(session, wave)
    form = MoneyForm(request.args)
    form.offer()
    grouping = form.grouping()
    page = coverage_money.by_group(
        session, sight, grouping, order=asked_order("-value"), number=asked_page()
    )
    return _page("money", sight, page=page, form=form, grouping=grouping)


@blueprint.get("/days")
@requires("coverage.read")
def days(wave: str) -> str:
    """Show the numbers behind the chart of answers."""
    session, at = db.session(), utcnow()
    sight = _sight(session, wave)
    summary = coverage_pages.first_page(session, sight, at=at).summary
    outlook, until = summary.outlook, summary.counted_at.date()
    totals = coverage_charts.totals(outlook, until=until) if outlook else []
    return _page("days", sight, summary=summary, totals=totals, at=at)


@blueprint.get("/relationships.csv")
@requires("coverage.read")
def export(wave: str) -> Response:
    """Hand out the list of relationships as a file."""
    session = db.session()
    sight = _sight(session, wave)
    table = as_csv(coverage_export.HEADINGS, coverage_export.rows(session, sight))
    response = make_response(table)
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="coverage-{wave}.csv"'
    return response


@blueprint.get("/reminder")
@requires("waves.launch")
def preview_reminder(wave: str) -> str:
    """Show whom a reminder to part of the wave would reach, and what it says."""
    session, at = db.session(), utcnow()
    sight = _sight(session, wave)
    form = ReminderForm(request.args)
    form.whom.data = request.args.get("whom", Whom.ALL.value)
    chosen = _chosen(session, sight, form)
    return _page(
        "reminder",
        sight,
        form=form,
        chosen=chosen,
        preview=coverage_reminders.preview(session, sight, chosen, at=at),
        mails=mail_preview.all_of(session, sight.wave, "reminder", state().settings.base_url),
        can_remind=sight.wave.accepts_answers(at),
    )


@blueprint.post("/reminder")
@requires("waves.launch")
def remind(wave: str) -> Answer:
    """Remind that part of the wave now, as it is now."""
    form, at = ReminderForm(), utcnow()
    with transaction() as session:
        sight = _sight(session, wave)
        chosen = _chosen(session, sight, form)
        by = guards.actor().by
        reminders.request(session, sight.wave, only=chosen.only, by=by, at=at)
    flash(_("The reminders are being written: to %(whom)s.", whom=coverage_words.whom(chosen)))
    return redirect(url_for("coverage.show", wave=wave), 303)


def _sight(session: Session, slug: str) -> Sight:
    wave = waves.find(session, guards.programme(), slug)
    return coverage_pages.sight_of(session, wave, guards.actor(), at=utcnow())


def _chosen(session: Session, sight: Sight, form: ReminderForm) -> Chosen:
    """Return the part of the wave a link or a form names. Raises NotFound, Invalid."""
    if form.whom.data not in tuple(Whom):
        raise Invalid(_("Say whom to remind: choose a reminder on the coverage page."))
    try:
        relationship = uuid.UUID(form.relationship.data) if form.relationship.data else None
    except ValueError as error:
        raise NotFound("There is no such relationship.") from error
    return coverage_reminders.choose(
        session,
        sight,
        Whom(form.whom.data),
        function=form.chosen_function(),
        relationship_id=relationship,
    )


def _page(name: str, sight: Sight, **given: object) -> str:
    wave = sight.wave
    return render_template(
        f"coverage/{name}.html",
        wave=wave,
        sight=sight,
        words=coverage_words,
        sentences=coverage_sentences,
        tabs=coverage_pages.tabs(wave),
        can_remind_some=guards.may("waves.launch") and wave.accepts_answers(utcnow()),
        **given,
    )
