"""A wave's reminders: those planned and sent, planning another, taking one back."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.accounts import Function
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import reminders, wave_people
from surveyapp.services.coverage_summary import LARGE
from surveyapp.services.positions import Position
from surveyapp.services.reminders import Only
from surveyapp.web import coverage_kept, guards
from surveyapp.web.forms.choices import options
from surveyapp.web.forms.waves import ReminderForm
from surveyapp.web.guards import requires
from surveyapp.web.waves import pages, wording
from surveyapp.web.waves.pages import blueprint

_SHARES: Final = (1 / 3, 2 / 3)
"""When to remind unless the owner says otherwise: a third and two thirds of the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One reminder of the list."""

    reminder: Reminder
    whom: str
    people: int | None
    """Whom it would reach if nobody answered before; None when it is not planned or not to be told."""
    mails: int | None
    """Mails that were written; None before that, and where so few are asked that they would tell."""
    refusal: str
    """Why it may not go as it is planned."""


@blueprint.get("/waves/<wave>/reminders", endpoint="reminders")
@requires("waves.read")
def show_reminders(wave: str) -> str:
    """List what is planned and what has gone; offer to plan another."""
    found = pages.find(db.session(), wave)
    return _page(found, ReminderForm(formdata=None, due_at=pages.MORNING))


@blueprint.post("/waves/<wave>/reminders")
@requires("waves.launch")
def plan_reminder(wave: str) -> Response | tuple[str, int]:
    """Plan one, or remind at once."""
    form, found = ReminderForm(), pages.find(db.session(), wave)
    _offer(form, found)
    is_now = "now" in request.form
    if not form.validate() and not (is_now and _is_filter_good(form)):
        return _page(found, form), 422
    only = Only(
        positions=tuple(Position(each) for each in form.positions.data or ()),
        functions=tuple(Function(each) for each in form.functions.data or ()),
    )
    try:
        _plan_or_remind(wave, form, only, is_now=is_now)
    except Invalid as error:
        form.form_errors.append(str(error))
        return _page(found, form), 422
    flash(_("The reminders are being written.") if is_now else _("The reminder is planned."))
    return redirect(url_for("waves.reminders", wave=wave), 303)


@blueprint.post("/waves/<wave>/reminders/proposed")
@requires("waves.launch")
def plan_proposed(wave: str) -> Response:
    """Plan what is proposed: to everybody who has not answered, a third and two thirds through."""
    by, at = guards.actor().by, utcnow()
    with transaction() as session:
        found = pages.find(session, wave)
        moments = _proposed(found, reminders.listed(session, found), at=at)
        for due_at in moments:
            reminders.plan(session, found, due_at=due_at, by=by, at=at)
    flash(_("The reminders are planned.") if moments else _("Reminders are planned already."))
    return redirect(url_for("waves.reminders", wave=wave), 303)


@blueprint.post("/waves/<wave>/reminders/<uuid:reminder_id>/cancel")
@requires("waves.launch")
def cancel_reminder(wave: str, reminder_id: uuid.UUID) -> Response:
    """Take a planned reminder back."""
    with transaction() as session:
        found = pages.find(session, wave)
        reminder = session.get(Reminder, reminder_id)
        if reminder is None or reminder.wave_id != found.id:
            raise NotFound(f"There is no reminder {reminder_id} in {wave}.")
        reminders.cancel(session, reminder, by=guards.actor().by, at=utcnow())
    flash(_("The reminder is cancelled."))
    return redirect(url_for("waves.reminders", wave=wave), 303)


def next_one(
    session: Session, wave: Wave, places: Mapping[Position, int], *, at: datetime
) -> Line | None:
    """Return the next reminder that is planned; the wave's people by position are known."""
    for reminder in reminders.listed(session, wave):
        if reminder.state == ReminderState.PLANNED:
            invited = sum(places.values())
            return _line(session, wave, reminder, invited=invited, places=places, at=at)
    return None


def _plan_or_remind(slug: str, form: ReminderForm, only: Only, *, is_now: bool) -> None:
    by, at = guards.actor().by, utcnow()
    with transaction() as session:
        found = pages.find(session, slug)
        if is_now:
            reminders.request(session, found, only=only, by=by, at=at)
        else:
            due_at = pages.moment(form.due_on.data, form.due_at.data)
            reminders.plan(session, found, due_at=due_at, only=only, by=by, at=at)


def _is_filter_good(form: ReminderForm) -> bool:
    return not (form.positions.errors or form.functions.errors)


def _offer(form: ReminderForm, wave: Wave) -> None:
    """Offer positions only where the contract lets an owner know them."""
    tells = wave_people.tells_positions(wave)
    known = reminders.REMINDED if tells else ()
    form.positions.choices = options((each.value, wording.POSITIONS[each]) for each in known)


def _page(wave: Wave, form: ReminderForm) -> str:
    session, at = db.session(), utcnow()
    _offer(form, wave)
    listed = reminders.listed(session, wave)
    can_plan = wave.state != WaveState.CLOSED and at < wave.closes_at
    return render_template(
        "waves/reminders.html",
        wave=wave,
        tabs=pages.tabs(wave),
        lines=_lines(session, wave, listed, at=at),
        proposed=_proposed(wave, listed, at=at) if can_plan else [],
        can_plan=can_plan,
        can_remind_now=wave.accepts_answers(at),
        form=form,
    )


def _lines(session: Session, wave: Wave, listed: list[Reminder], *, at: datetime) -> list[Line]:
    invited = wave_people.asked(session, wave)
    return [_line(session, wave, each, invited=invited, places=None, at=at) for each in listed]


def _line(
    session: Session,
    wave: Wave,
    reminder: Reminder,
    *,
    invited: int,
    places: Mapping[Position, int] | None,
    at: datetime,
) -> Line:
    only = Only.from_json(reminder.only)
    is_counted = wave_people.tells_counts(wave, invited)
    people, refusal = None, ""
    if reminder.state == ReminderState.PLANNED and not pages.is_unlaunched(wave):
        try:
            # whoever got a mail today can be reminded by then
            people = _would_reach(session, wave, reminder, invited=invited, places=places, at=at)
        except Invalid as error:
            refusal = str(error)
    is_written = reminder.state in {ReminderState.REQUESTED, ReminderState.DONE}
    return Line(
        reminder=reminder,
        whom=wording.reminded(only),
        people=people if is_counted else None,
        mails=reminder.reminded if is_written and is_counted else None,
        refusal=refusal,
    )


def _would_reach(
    session: Session,
    wave: Wave,
    reminder: Reminder,
    *,
    invited: int,
    places: Mapping[Position, int] | None,
    at: datetime,
) -> int:
    """Count whom a planned reminder would reach, of a large wave once a minute."""
    only, due_at = Only.from_json(reminder.only), max(at, reminder.due_at)
    return coverage_kept.figures(
        ("reminder", reminder.id, wave.state, wave.closes_at),
        lambda: reminders.count(session, wave, only, at=due_at, places=places).people,
        is_large=lambda _people: invited >= LARGE,
        at=at,
    )


def _proposed(wave: Wave, listed: list[Reminder], *, at: datetime) -> list[datetime]:
    """Return the moments proposed while nothing is planned or sent yet, those to come."""
    if any(each.state != ReminderState.CANCELLED for each in listed):
        return []
    opens = wave.opened_at or wave.opens_at or at
    moments = [_morning(opens + share * (wave.closes_at - opens)) for share in _SHARES]
    earliest = max(at, opens) + timedelta(hours=24)
    return sorted({each for each in moments if earliest < each < wave.closes_at})


def _morning(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), pages.MORNING, UTC)
