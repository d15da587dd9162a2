"""Waves: made, changed while they are drafts, launched, paused, closed, reopened; each step on record."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, WaveStateError
from surveyapp.models.accounts import Contact
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.services import (
    contract,
    definitions,
    disclosure_rules,
    mail,
    unsent,
    wave_cuts,
    wave_jobs,
    wave_lists,
    wave_rows,
    wave_settings,
)
from surveyapp.services.wave_cuts import Cut
from surveyapp.services.wave_lists import Rule

_EVERYBODY: Final = Rule()


side_of = wave_lists.side_of
is_on_list = wave_lists.is_on_list
people_asked = wave_lists.people_asked
request_scores = wave_jobs.request_scores
find = wave_rows.find
load = wave_rows.load
listed = wave_rows.listed
hold = wave_rows.hold
_record = wave_rows.record


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
    cuts: Iterable[Cut] = (),
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
    if session.scalars(wave_rows.by_slug(programme, slug)).first() is not None:
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
        cuts=wave_cuts.as_json(cuts),
    )
    disclosure_rules.promise(wave, programme, version)
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
    cuts: Iterable[Cut] = (),
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
    wave.cuts = wave_cuts.as_json(cuts)
    disclosure_rules.promise(wave, programme, version)
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
        There is nobody to ask, or too few for the promise the questionnaire makes.
    """
    programme = _hold(session, wave)
    rule = Rule.from_json(wave.list_rule)
    wave.launch(at=at, list_rule=rule.frozen(side=side_of(wave.view), on=at.date()))
    least = wave.minimum_people if _is_anonymous(session, wave) else 1
    asked = session.scalars(select(Contact.id).where(wave_lists.is_asked(wave)).limit(least)).all()
    if not asked:
        named = session.scalars(select(Contact.id).where(wave_lists.is_named(wave)).limit(1))
        is_everybody_left_off = named.first() is not None
        raise Invalid(
            wave_lists.why_nobody(wave, programme.name, is_everybody_left_off=is_everybody_left_off)
        )
    if len(asked) < least:
        raise Invalid(wave_settings.too_few(len(asked), least))
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
    """End the asking, cancel what reminders were planned, and ask for the wave's scores.

    Anonymous answers are severed from people first, by the job that is returned then.
    """
    programme = _hold(session, wave)
    wave.close(at=at)
    session.execute(
        update(Reminder)
        .where(Reminder.wave_id == wave.id, Reminder.state == ReminderState.PLANNED)
        .values(state=ReminderState.CANCELLED)
    )
    session.flush()
    _record(session, programme, wave, "wave.closed", by=by, at=at)
    if _has_anonymous_part(session, wave):
        return wave_jobs.request_severing(session, wave, by=by, at=at)
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
    if _has_anonymous_part(session, wave):
        raise WaveStateError(
            f"Wave {wave.slug} was anonymous: its answers are no longer tied to people, so nobody"
            " can go on. Ask again in another wave."
        )
    wave.reopen(closes_at=closes_at, at=at)
    unsent.forget_progress(session, wave, at=at)
    reason = wave_settings.usable_reason(reason)
    wave_jobs.require_not_being_scored(session, wave)
    session.flush()
    until = closes_at.isoformat()
    _record(session, programme, wave, "wave.reopened", by=by, at=at, reason=reason, until=until)
    if wave_jobs.queue_dropped_invitations(session, wave, at=at):
        mail.request_sending(session, wave.id, programme=programme, at=at)


def _is_anonymous(session: Session, wave: Wave) -> bool:
    return _questionnaire(session, wave).anonymity is Anonymity.ANONYMOUS


def _has_anonymous_part(session: Session, wave: Wave) -> bool:
    return contract.has_anonymous_part(_questionnaire(session, wave))


def _questionnaire(session: Session, wave: Wave) -> Questionnaire:
    version = session.get_one(QuestionnaireVersion, wave.questionnaire_version_id)
    return definitions.load(version, "")


def _hold(session: Session, wave: Wave) -> Programme:
    hold(session, wave)
    return wave_rows.programme_of(session, wave)
