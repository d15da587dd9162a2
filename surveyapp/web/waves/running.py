"""A wave's own page, and the steps of its life after the launch."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from surveyapp.clock import today, utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, transaction
from surveyapp.models.jobs import Job
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import (
    contract,
    coverage,
    definitions,
    jobs,
    positions,
    wave_clock,
    wave_history,
    wave_lists,
    wave_people,
    waves,
)
from surveyapp.services.coverage_summary import LARGE
from surveyapp.services.positions import Position
from surveyapp.services.wave_lists import Rule
from surveyapp.web import coverage_kept, guards
from surveyapp.web.forms.waves import ExtendForm, ReopenForm
from surveyapp.web.guards import requires
from surveyapp.web.waves import mail_preview, pages, reminding, wording
from surveyapp.web.waves.pages import blueprint


class _Step(Protocol):
    def __call__(self, session: Session, wave: Wave, /, *, by: str, at: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class _Counts:
    """What takes long to count in a large wave, and is kept for a minute there."""

    coverage: coverage.Coverage
    places: dict[Position, int]
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a launched wave stands."""

    coverage: coverage.Coverage
    places: dict[Position, int]
    counted_at: datetime | None
    """Of a large wave, whose counts may be a minute old; else None."""
    expected: int
    """People who are to be on the list: more than are on it while the wave is launching."""
    job: Job | None
    """What a worker does for it now: writes the invitations, or makes the scores of the close."""
    tells_counts: bool
    """Whether the contract lets the page say how many have answered."""
    reminder: reminding.Line | None
    """The next one planned."""
    turnout: int | None
    """How many answered, where it is no longer known who; else None."""

    @property
    def answered(self) -> int:
        """People who have sent everything they were asked."""
        if self.turnout is not None:
            return self.turnout
        return self.places[Position.SUBMITTED]


@blueprint.get("/waves/<wave>")
@requires("waves.read")
def show(wave: str) -> str:
    """Say how a wave stands, what happens next, and what can be done."""
    session, found = db.session(), pages.find(db.session(), wave)
    return render_template(
        "waves/show.html",
        wave=found,
        tabs=pages.tabs(found),
        standing=None if pages.is_unlaunched(found) else _standing(session, found),
        failed=wave_clock.why_not_launched(session, found),
        questionnaire=mail_preview.questionnaire(found),
        narrowed=wording.narrowed(Rule.from_json(found.list_rule)),
        wording=wording,
        has_coverage_page="coverage.show" in current_app.view_functions,
        has_results_page="results.overview" in current_app.view_functions,
        days=_days(found),
        tells_positions=wave_people.tells_positions(found),
        can_reopen=not contract.has_anonymous_part(
            definitions.load(found.questionnaire_version, "")
        ),
        events=wave_history.newest(session, found),
    )


@blueprint.post("/waves/<wave>/pause")
@requires("waves.launch")
def pause(wave: str) -> Response:
    """Take no answers and send no mail for a while."""
    return _step(wave, waves.pause, _("The wave is paused: no answers are taken, no mail goes."))


@blueprint.post("/waves/<wave>/resume")
@requires("waves.launch")
def resume(wave: str) -> Response:
    """Take answers again."""
    return _step(wave, waves.resume, _("The wave is open again."))


@blueprint.get("/waves/<wave>/extend")
@requires("waves.launch")
def ask_extend(wave: str) -> str:
    """Ask for the new last day."""
    return _form_page("waves/extend.html", wave, ExtendForm(formdata=None))


@blueprint.post("/waves/<wave>/extend")
@requires("waves.launch")
def extend(wave: str) -> Response | tuple[str, int]:
    """Move the last day."""
    form = ExtendForm()

    def move(session: Session, found: Wave, *, by: str, at: datetime) -> None:
        waves.extend(session, found, closes_at=_closing(form), by=by, at=at)

    return _with_form("waves/extend.html", wave, form, move, _("The last day is moved."))


@blueprint.get("/waves/<wave>/close")
@requires("waves.launch")
def ask_close(wave: str) -> str:
    """Say what closing does before it is done."""
    found = pages.find(db.session(), wave)
    return render_template(
        "waves/close.html",
        wave=found,
        tabs=pages.tabs(found),
        standing=_standing(db.session(), found),
        is_final=contract.has_anonymous_part(definitions.load(found.questionnaire_version, "")),
    )


@blueprint.post("/waves/<wave>/close")
@requires("waves.launch")
def close(wave: str) -> Response:
    """End the asking; scoring follows by itself."""
    return _step(wave, waves.close, _("The wave is closed. Its answers are being scored."))


@blueprint.get("/waves/<wave>/reopen")
@requires("waves.launch")
def ask_reopen(wave: str) -> str:
    """Ask for a reason and a new last day."""
    return _form_page("waves/reopen.html", wave, ReopenForm(formdata=None))


@blueprint.post("/waves/<wave>/reopen")
@requires("waves.launch")
def reopen(wave: str) -> Response | tuple[str, int]:
    """Take answers again after the close."""
    form = ReopenForm()

    def take_again(session: Session, found: Wave, *, by: str, at: datetime) -> None:
        reason = form.reason.data or ""
        waves.reopen(session, found, reason=reason, closes_at=_closing(form), by=by, at=at)

    return _with_form(
        "waves/reopen.html", wave, form, take_again, _("The wave takes answers again.")
    )


def _step(slug: str, step: _Step, done: str) -> Response:
    with transaction() as session:
        step(session, pages.find(session, slug), by=guards.actor().by, at=utcnow())
    flash(done)
    return redirect(url_for("waves.show", wave=slug), 303)


def _with_form(
    template: str, slug: str, form: ExtendForm, step: _Step, done: str
) -> Response | tuple[str, int]:
    if not form.validate():
        return _form_page(template, slug, form), 422
    try:
        return _step(slug, step, done)
    except Invalid as error:
        form.closes_on.errors = [str(error)]
        return _form_page(template, slug, form), 422


def _form_page(template: str, slug: str, form: ExtendForm) -> str:
    found = pages.find(db.session(), slug)
    return render_template(template, wave=found, tabs=pages.tabs(found), form=form)


def _closing(form: ExtendForm) -> datetime:
    return pages.end_of(form.closes_on.data or today())


def _standing(session: Session, wave: Wave) -> Standing:
    job, at = _job(session, wave), utcnow()
    is_launching = wave.state == WaveState.LAUNCHING
    # by the closing time too: whoever moves it sees the page that follows
    now = coverage_kept.figures(
        ("standing", wave.id, wave.state, wave.closes_at),
        lambda: _counts(session, wave, at=at),
        is_large=lambda made: made.coverage.invited >= LARGE and not is_launching,
        at=at,
    )
    return Standing(
        coverage=now.coverage,
        places=now.places,
        counted_at=now.counted_at if now.coverage.invited >= LARGE else None,
        expected=_expected(session, wave, job) if is_launching else now.coverage.invited,
        job=job,
        tells_counts=wave_people.tells_counts(wave, now.coverage.invited),
        reminder=reminding.next_one(session, wave, now.places, at=at),
        turnout=wave.turnout.get("answered", 0) if contract.is_severed(wave) else None,
    )


def _counts(session: Session, wave: Wave, *, at: datetime) -> _Counts:
    return _Counts(coverage.of_wave(session, wave), positions.counts(session, wave), at)


def _expected(session: Session, wave: Wave, job: Job | None) -> int:
    """Say how many people a launching wave is to ask: its job has counted whom the rule names.

    Counted here only before the job begins: a page that waits asks every few seconds.
    """
    if job is None or not job.total_units:
        return session.scalar(wave_lists.people_asked(wave)) or 0
    return job.total_units - sum(wave_people.left_off(session, wave).values())


def _job(session: Session, wave: Wave) -> Job | None:
    kinds = {
        WaveState.LAUNCHING: ("launch-wave", "launch"),
        WaveState.CLOSED: ("score-wave", "score"),
    }
    if wave.state not in kinds:
        return None
    kind, key = kinds[wave.state]
    return jobs.latest(session, guards.programme(), kind=kind, key=f"{key}:{wave.id}")


def _days(wave: Wave) -> tuple[int, int] | None:
    """Return which day of how many it is, of a wave under way."""
    if wave.opened_at is None or wave.state not in {WaveState.OPEN, WaveState.PAUSED}:
        return None
    first: date = wave.opened_at.date()
    return (today() - first).days + 1, (wave.last_day - first).days + 1
