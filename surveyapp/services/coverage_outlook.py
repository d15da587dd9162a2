"""A wave's answers day by day, and how many to expect by its close."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import coverage_figures
from surveyapp.services.coverage_days import utc_day
from surveyapp.services.coverage_figures import Way
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.forecast import Forecast, Waiting, forecast, is_too_early
from surveyapp.services.forecast_chances import Spell

_LOOKED_AT: Final = 8_000
"""So many people show the chances well; of larger waves a part drawn by chance is read."""
_EARLIER: Final = 3
"""Waves of the programme, asked in the same view, that are looked back at."""
_ALL_BITS: Final = 1 << 128


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the chart of answers shows."""

    opened_on: date
    last_on: date
    answered_by_day: Mapping[date, int]
    reminded_on: Sequence[date]
    """Days on which reminders went out."""
    reminders_on: Sequence[date]
    """Days of reminders still planned."""
    forecast: Forecast | None
    """None: the wave takes no answers, or it is too early to tell."""
    is_too_early: bool


def outlook(session: Session, sight: Sight, way: Way, *, at: datetime) -> Outlook:
    """Return the answers of each day and, while the wave is open, what to expect by its close."""
    wave = sight.wave
    opened_on = (wave.opened_at or wave.launched_at or wave.created_at).date()
    done, planned = _reminders(session, wave)
    is_running = wave.state == WaveState.OPEN and at < wave.closes_at
    too_early = is_too_early(opened_on=opened_on, on=at.date(), answers=way.answered)
    coming = [day for day in planned if at.date() <= day <= wave.last_day]
    expected = None
    if is_running and not too_early and way.open:
        expected = _expected(session, sight, way, reminders_on=coming, at=at)
    return Outlook(
        opened_on=opened_on,
        last_on=wave.last_day,
        answered_by_day=coverage_figures.answered_by_day(session, sight, way),
        reminded_on=done,
        reminders_on=coming,
        forecast=expected,
        is_too_early=is_running and too_early,
    )


def _expected(
    session: Session, sight: Sight, way: Way, *, reminders_on: Sequence[date], at: datetime
) -> Forecast:
    share = min(1.0, _LOOKED_AT / way.people)
    today = at.astimezone(UTC).date()
    ends = _ends(session, and_(sight.people(), _is_drawn(share)))
    waiting = [
        Waiting(end.mail, end.from_on, round(end.people / share)) for end in ends if end.is_waiting
    ]
    begins = datetime.combine(today, time(), UTC)
    return forecast(
        _spells(ends, before=today),
        waiting,
        answered=way.answered,
        reminders_on=reminders_on,
        on=today,
        last_on=sight.wave.last_day,
        rest_of_today=1 - (at - begins) / timedelta(days=1),
        earlier=_earlier(session, sight.wave),
    )


def _reminders(session: Session, wave: Wave) -> tuple[list[date], list[date]]:
    """Return the days of reminders that went out, and of those that will."""
    rows = session.execute(
        select(Reminder.due_at, Reminder.state)
        .where(Reminder.wave_id == wave.id, Reminder.state != ReminderState.CANCELLED)
        .order_by(Reminder.due_at)
    ).all()
    days: dict[bool, dict[date, None]] = {True: {}, False: {}}
    for due_at, state in rows:
        days[state == ReminderState.PLANNED][due_at.date()] = None
    return list(days[False]), list(days[True])


def _earlier(session: Session, wave: Wave) -> list[Spell]:
    """Return what the programme's last waves of this view showed."""
    closed = session.scalars(
        select(Wave)
        .where(
            Wave.programme_id == wave.programme_id,
            Wave.view == wave.view,
            Wave.state == WaveState.CLOSED,
            # when somebody answered an anonymous wave is deleted at its close
            Wave.severed_at.is_(None),
            Wave.id != wave.id,
        )
        .order_by(Wave.closed_at.desc())
        .limit(_EARLIER)
    )
    ids: list[uuid.UUID] = []
    last: date = date.min
    for each in closed:
        ids.append(each.id)
        last = max(last, each.last_day)
    if not ids:
        return []
    people = session.scalar(select(func.count()).where(Invitation.wave_id.in_(ids))) or 1
    drawn = and_(Invitation.wave_id.in_(ids), _is_drawn(min(1.0, _LOOKED_AT / people)))
    return _spells(_ends(session, drawn), before=last + timedelta(days=1))


def _is_drawn(share: float) -> ColumnElement[bool]:
    """Say who is looked at: ids are made by chance, so the lowest are a fair part of all.

    The contact's id and not the invitation's: an index of wave and contact finds them.
    """
    if share >= 1.0:
        return true()
    return Invitation.contact_id < uuid.UUID(int=int(_ALL_BITS * share))


@dataclass(frozen=True, slots=True)
class _End:
    """People by a mail, its day, and how their waiting after it ended, if it has."""

    mail: int
    from_on: date
    ended_on: date | None
    is_answered: bool
    is_out: bool
    """They will not answer: opted out, or their address does not work."""
    people: int

    @property
    def is_waiting(self) -> bool:
        return self.ended_on is None and not self.is_out


def _ends(session: Session, drawn: ColumnElement[bool]) -> list[_End]:
    """Follow every mail that arrived to the answer or to the next mail."""
    mails = _mails(drawn).subquery("mails")
    sent, following, answered = mails.c.sent_at, mails.c.next_at, mails.c.answered_at
    was_answered = and_(answered.is_not(None), or_(following.is_(None), answered < following))
    ended = case((was_answered, answered), else_=following)
    rows = session.execute(
        select(
            mails.c.mail,
            utc_day(sent).label("from_on"),
            utc_day(ended).label("ended_on"),
            case((was_answered, 1), else_=0).label("is_answered"),
            mails.c.is_out,
            func.count(),
        )
        # a mail that crossed with the answer began no waiting
        .where(or_(answered.is_(None), answered >= sent))
        .group_by(mails.c.mail, "from_on", "ended_on", "is_answered", mails.c.is_out)
    )
    return [
        _End(mail, from_on, ended_on, bool(is_answered), bool(is_out), people)
        for mail, from_on, ended_on, is_answered, is_out, people in rows
    ]


def _mails(drawn: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select every mail that arrived, numbered within its reader, with the next one's time."""
    person = _people(drawn)
    reader, sent_at = OutgoingMail.invitation_id, OutgoingMail.sent_at
    return (
        select(
            (func.row_number().over(partition_by=reader, order_by=sent_at) - 1).label("mail"),
            sent_at,
            func.lead(sent_at).over(partition_by=reader, order_by=sent_at).label("next_at"),
            person.c.answered_at,
            person.c.is_out,
        )
        .join(person, person.c.id == OutgoingMail.invitation_id)
        # those that arrived; the state says the same, but its index would be taken for the better one
        .where(OutgoingMail.sent_at.is_not(None))
    )


def _people(drawn: ColumnElement[bool]) -> Subquery:
    """Select when each person sent the last of what they were asked; no time for those who did not."""
    is_done = func.count() == func.count(Assignment.submitted_at)
    is_gone = or_(func.count(Contact.opted_out_at) > 0, func.count(Contact.bounced_at) > 0)
    return (
        select(
            Invitation.id,
            case((is_done, func.max(Assignment.submitted_at))).label("answered_at"),
            case((is_gone, 1), else_=0).label("is_out"),
        )
        .join(Contact, Contact.id == Invitation.contact_id)
        .join(Assignment, Assignment.invitation_id == Invitation.id)
        .where(drawn)
        .group_by(Invitation.id)
        .subquery("person")
    )


def _spells(ends: Sequence[_End], *, before: date) -> list[Spell]:
    """Return the whole days that people waited, up to the day before this one."""
    spells = []
    last = before - timedelta(days=1)
    for end in ends:
        is_answered = end.is_answered and end.ended_on is not None and end.ended_on < before
        if is_answered and end.ended_on is not None:
            until = end.ended_on
        else:
            # the day of the next mail belongs to that mail
            until = min((end.ended_on or before) - timedelta(days=1), last)
        if until >= end.from_on and not (end.is_out and not is_answered):
            spells.append(Spell(end.mail, end.from_on, until, is_answered, end.people))
    return spells
