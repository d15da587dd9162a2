"""Waves: made, changed while they are drafts, launched, paused, closed, reopened; each step on record."""

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, Invalid, NotFound, WaveStateError
from surveyapp.models.accounts import Contact
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import View, Wave
from surveyapp.services import audit, mail, wave_jobs, wave_lists, wave_settings
from surveyapp.services.wave_lists import Rule

_HELD: Final = (
    *("state", "view", "list_rule", "guard_days", "opens_at", "closes_at"),
    *("launched_at", "opened_at", "closed_at"),
)
_WHOLE: Final = (joinedload(Wave.questionnaire_version), joinedload(Wave.programme))
_EVERYBODY: Final = Rule()


side_of = wave_lists.side_of
is_on_list = wave_lists.is_on_list
people_asked = wave_lists.people_asked
request_scores = wave_jobs.request_scores


def create(
    session: Session,
    programme: Programme,
    *,
    slug: str,
    name: str,
    view: View,
    version: QuestionnaireVersion,
    closes_at: datetime,
    by: str,
    at: datetime,
    guard_days: int | None = None,
    rule: Rule = _EVERYBODY,
) -> Wave:
    """Draft a wave; without ``guard_days`` the programme's hold. Nobody is asked before its launch.

    Raises
    ------
    Invalid
        A short name, name, view, guard or closing time that cannot be used.
    Conflict
        The short name is taken.
    """
    wave_settings.require_slug(slug)
    days = programme.guard_days if guard_days is None else guard_days
    name = wave_settings.usable_name(name)
    wave_settings.require_guard_days(days)
    wave_settings.require_questionnaire(version, view)
    if session.scalars(_by_slug(programme, slug)).first() is not None:
        raise Conflict(
            f"There is already a wave {slug!r} in {programme.name}. Choose another short name."
        )
    wave_settings.require_future_close(closes_at, at=at)
    wave = Wave(
        programme_id=programme.id,
        slug=slug,
        name=name,
        view=view,
        questionnaire_version=version,
        closes_at=closes_at,
        guard_days=days,
        created_at=at,
        list_rule=rule.as_json(),
    )
    session.add(wave)
    session.flush()
    _record(session, programme, wave, "wave.created", by=by, at=at)
    return wave


def edit(
    session: Session,
    wave: Wave,
    *,
    name: str,
    view: View,
    version: QuestionnaireVersion,
    closes_at: datetime,
    guard_days: int,
    rule: Rule,
    by: str,
    at: datetime,
) -> None:
    """Change a wave that nobody was asked in yet.

    Raises
    ------
    Invalid
        A setting that cannot be used.
    WaveStateError
        It was launched: who is asked what is frozen.
    """
    programme = _hold(session, wave)
    wave.require_unlaunched()
    name = wave_settings.usable_name(name)
    wave_settings.require_guard_days(guard_days)
    wave_settings.require_questionnaire(version, view)
    if closes_at != wave.closes_at:
        wave.extend(closes_at=closes_at, at=at)
    wave.name, wave.view, wave.guard_days = name, view, guard_days
    wave.questionnaire_version, wave.list_rule = version, rule.as_json()
    session.flush()
    _record(session, programme, wave, "wave.edited", by=by, at=at)


def schedule(session: Session, wave: Wave, *, opens_at: datetime, by: str, at: datetime) -> None:
    """Name the moment at which the worker launches the wave by itself."""
    programme = _hold(session, wave)
    wave.schedule(opens_at=opens_at, at=at)
    session.flush()
    opens = opens_at.isoformat()
    _record(session, programme, wave, "wave.scheduled", by=by, at=at, opens_at=opens)


def unschedule(session: Session, wave: Wave, *, by: str, at: datetime) -> None:
    """Make a scheduled wave a draft again."""
    programme = _hold(session, wave)
    wave.unschedule()
    session.flush()
    _record(session, programme, wave, "wave.unscheduled", by=by, at=at)


def launch(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Freeze who is asked and ask for the job that invites them in chunks.

    Parts that have ended or not begun are not asked; who opted out, whose address bounced and who
    was asked lately is left off, with the reason.

    Raises
    ------
    Invalid
        There is nobody to ask.
    """
    programme = _hold(session, wave)
    rule = Rule.from_json(wave.list_rule)
    wave.launch(at=at, list_rule=rule.frozen(side=side_of(wave.view), on=at.date()))
    if (
        session.scalars(select(Contact.id).where(wave_lists.is_asked(wave)).limit(1)).first()
        is None
    ):
        named = session.scalars(select(Contact.id).where(wave_lists.is_named(wave)).limit(1))
        is_everybody_left_off = named.first() is not None
        raise Invalid(
            wave_lists.why_nobody(wave, programme.name, is_everybody_left_off=is_everybody_left_off)
        )
    session.flush()
    _record(session, programme, wave, "wave.launched", by=by, at=at)
    return wave_jobs.request_invitations(session, wave, at=at)


def pause(session: Session, wave: Wave, *, by: str, at: datetime) -> None:
    """Take no answers and send no mail for a while; what people typed is kept, the closing time stays."""
    programme = _hold(session, wave)
    wave.pause(at=at)
    session.flush()
    _record(session, programme, wave, "wave.paused", by=by, at=at)


def resume(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """Take answers again and send the mail that waited."""
    programme = _hold(session, wave)
    wave.resume(at=at)
    session.flush()
    _record(session, programme, wave, "wave.resumed", by=by, at=at)
    return mail.request_sending(session, wave.id, programme=programme, at=at)


def extend(session: Session, wave: Wave, *, closes_at: datetime, by: str, at: datetime) -> None:
    """Move the closing time; once people were told it, only to a later one."""
    programme = _hold(session, wave)
    before = wave.closes_at.isoformat()
    wave.extend(closes_at=closes_at, at=at)
    session.flush()
    until = closes_at.isoformat()
    _record(session, programme, wave, "wave.extended", by=by, at=at, before=before, until=until)


def close(session: Session, wave: Wave, *, by: str, at: datetime) -> Job:
    """End the asking, cancel what reminders were planned, and ask for the wave's scores."""
    programme = _hold(session, wave)
    wave.close(at=at)
    session.execute(
        update(Reminder)
        .where(Reminder.wave_id == wave.id, Reminder.state == ReminderState.PLANNED)
        .values(state=ReminderState.CANCELLED)
    )
    session.flush()
    _record(session, programme, wave, "wave.closed", by=by, at=at)
    return request_scores(session, wave, by=by, at=at)


def reopen(
    session: Session, wave: Wave, *, reason: str, closes_at: datetime, by: str, at: datetime
) -> None:
    """Take answers again after the close. The next close makes a new run; what was released stays.

    Raises
    ------
    Invalid
        No reason, or a closing time that is past.
    Conflict
        It is being scored, or answers were cut from people at its close.
    """
    programme = _hold(session, wave)
    version = session.get_one(QuestionnaireVersion, wave.questionnaire_version_id)
    if wave_settings.has_anonymous_part(version):
        raise WaveStateError(
            f"Wave {wave.slug} was anonymous: its answers are no longer tied to people, so nobody"
            " can go on. Ask again in another wave."
        )
    wave.reopen(closes_at=closes_at, at=at)
    reason = wave_settings.usable_reason(reason)
    wave_jobs.require_not_being_scored(session, wave)
    session.flush()
    until = closes_at.isoformat()
    _record(session, programme, wave, "wave.reopened", by=by, at=at, reason=reason, until=until)
    if wave_jobs.queue_dropped_invitations(session, wave, at=at):
        mail.request_sending(session, wave.id, programme=programme, at=at)


def find(session: Session, programme: Programme, slug: str) -> Wave:
    """Return the programme's wave of that slug, its questionnaire loaded. Raises NotFound."""
    wave = session.scalars(_by_slug(programme, slug).options(*_WHOLE)).first()
    if wave is None:
        raise NotFound(f"There is no wave {slug!r} in {programme.name}.")
    return wave


def load(session: Session, wave_id: uuid.UUID) -> Wave:
    """Return the wave with its questionnaire and programme, for a job. Raises NotFound."""
    wave = session.scalars(select(Wave).where(Wave.id == wave_id).options(*_WHOLE)).first()
    if wave is None:
        raise NotFound(f"There is no wave {wave_id}.")
    return wave


def listed(session: Session, programme: Programme) -> list[Wave]:
    """Return the programme's waves, newest first, their questionnaires loaded."""
    return list(
        session.scalars(
            select(Wave)
            .where(Wave.programme_id == programme.id)
            .options(joinedload(Wave.questionnaire_version))
            .order_by(Wave.created_at.desc())
        )
    )


def hold(session: Session, wave: Wave) -> None:
    """Read the wave's state again and keep others from changing it until the commit.

    PostgreSQL: a row lock; whoever writes answers holds it shared. SQLite has one writer anyway.
    """
    session.refresh(wave, _HELD, with_for_update={"key_share": True})


def _hold(session: Session, wave: Wave) -> Programme:
    hold(session, wave)
    return _programme_of(session, wave)


def _programme_of(session: Session, wave: Wave) -> Programme:
    programme = session.get(Programme, wave.programme_id)
    if programme is None:
        raise NotFound(f"Wave {wave.slug} belongs to no programme.")
    return programme


def _by_slug(programme: Programme, slug: str) -> Select[Wave]:
    return select(Wave).where(Wave.programme_id == programme.id, Wave.slug == slug)


def _record(
    session: Session,
    programme: Programme,
    wave: Wave,
    action: str,
    *,
    by: str,
    at: datetime,
    **details: str,
) -> None:
    audit.record(session, programme, action, subject=f"wave:{wave.slug}", by=by, at=at, **details)
