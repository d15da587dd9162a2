"""How far each person of a wave has come, as one expression for lists, counts and reminders."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, null, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from surveyapp.models.accounts import Contact
from surveyapp.models.base import enum_by_value
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import SavedSection
from surveyapp.models.waves import Wave


class Position(StrEnum):
    """Where somebody stands between the frozen list and the answer; the furthest point counts."""

    WAITING = "waiting"
    """No mail is known to have gone."""
    SENT = "sent"
    BOUNCED = "bounced"
    """The address does not work, and they have not started."""
    STARTED = "started"
    """They pressed Start; no section is saved."""
    SECTION = "section"
    """A section is saved, or one of several questionnaires is sent."""
    SUBMITTED = "submitted"
    """Everything they were asked is sent."""


_TYPE: TypeEngine[Any] = enum_by_value(Position)


def position() -> ColumnElement[Position]:
    """Say where the person of an ``Invitation`` row stands."""
    return _named(_steps())


def delivery() -> ColumnElement[Position]:
    """Say only what became of the mail: waiting, sent or bounced, whatever the person did then.

    For questionnaires whose contract keeps to itself who answered.
    """
    return _named(_mail_steps())


def rank(*, tells_positions: bool) -> ColumnElement[int]:
    """Number the positions, or only deliveries, from the list to the answer, for sorting."""
    ranks = {place: number for number, place in enumerate(Position)}
    steps = _steps() if tells_positions else _mail_steps()
    return case(*((is_there, ranks[place]) for is_there, place in steps), else_=0)


_Steps = list[tuple[ColumnElement[bool], Position]]


def _steps() -> _Steps:
    """The furthest first; who has taken none is waiting."""
    return [
        (_is_submitted(), Position.SUBMITTED),
        *_steps_on_the_way(),
    ]


def _steps_on_the_way() -> _Steps:
    """Of those who have something left to send."""
    has_started = Invitation.started_at.is_not(None)
    return [
        # nobody saves before they start; so of who has not, nothing more is looked up
        (and_(has_started, _has_saved_something()), Position.SECTION),
        (has_started, Position.STARTED),
        *_mail_steps(),
    ]


def _mail_steps() -> _Steps:
    """Say the same as ``is_bounced`` before ``_has_sent``, by one look fewer for whom mail has reached."""
    return [
        (_is_refused(), Position.BOUNCED),
        (_has_sent(), Position.SENT),
        (_came_back(), Position.BOUNCED),
    ]


def _named(steps: _Steps) -> ColumnElement[Position]:
    named = case(
        *((is_there, place.value) for is_there, place in steps), else_=Position.WAITING.value
    )
    return type_coerce(named, _TYPE)


def counts(session: Session, wave: Wave) -> dict[Position, int]:
    """Count a wave's people by position; every position is there.

    Looked at one by one are only those who have something left to send.
    """
    on_the_way = (
        select(Assignment.invitation_id)
        .where(Assignment.wave_id == wave.id, Assignment.submitted_at.is_(None))
        .group_by(Assignment.invitation_id)
        .subquery()
    )
    place = _named(_steps_on_the_way()).label("place")
    places = (
        select(place)
        .select_from(on_the_way)
        .join(Invitation, Invitation.id == on_the_way.c.invitation_id)
        .subquery()
    )
    everybody = select(null(), func.count()).where(Invitation.wave_id == wave.id)
    # in one statement: a launch that writes between two of them would leave less than nobody over
    by_place = select(places.c.place, func.count()).group_by(places.c.place).union_all(everybody)
    told = {row[0]: row[1] for row in session.execute(by_place)}
    people = told.pop(None)
    return dict.fromkeys(Position, 0) | told | {Position.SUBMITTED: people - sum(told.values())}


def is_bounced() -> ColumnElement[bool]:
    """Say whose address does not work: refused now, or nothing ever reached them but a refusal."""
    return or_(_is_refused(), and_(_came_back(), ~_has_sent()))


def _is_refused() -> ColumnElement[bool]:
    refused = exists().where(Contact.id == Invitation.contact_id, Contact.bounced_at.is_not(None))
    return refused.correlate(Invitation)


def _came_back() -> ColumnElement[bool]:
    # the state behind a function: SQLite would else look all that bounced through for each person
    return _has_mail(func.lower(OutgoingMail.state) == MailState.BOUNCED.value)


def _is_submitted() -> ColumnElement[bool]:
    # with the wave, so that the index of what is open serves
    is_open = and_(Assignment.wave_id == Invitation.wave_id, Assignment.submitted_at.is_(None))
    return ~_has_assignment(is_open)


def _has_saved_something() -> ColumnElement[bool]:
    saved = exists().where(SavedSection.assignment_id == Assignment.id).correlate(Assignment)
    return _has_assignment(or_(Assignment.submitted_at.is_not(None), saved))


def _has_assignment(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Assignment.invitation_id == Invitation.id, which).correlate(Invitation)


def _has_sent() -> ColumnElement[bool]:
    # sent by its time, which is there exactly then: no index leads astray
    return _has_mail(OutgoingMail.sent_at.is_not(None))


def _has_mail(which: ColumnElement[bool]) -> ColumnElement[bool]:
    mail = exists().where(OutgoingMail.invitation_id == Invitation.id, which)
    return mail.correlate(Invitation)
