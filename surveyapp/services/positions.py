"""How far each person of a wave has come, as one expression for lists, counts and reminders."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, type_coerce
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
        (_has_saved_something(), Position.SECTION),
        (Invitation.started_at.is_not(None), Position.STARTED),
        *_mail_steps(),
    ]


def _mail_steps() -> _Steps:
    return [(is_bounced(), Position.BOUNCED), (_has_sent(), Position.SENT)]


def _named(steps: _Steps) -> ColumnElement[Position]:
    named = case(
        *((is_there, place.value) for is_there, place in steps), else_=Position.WAITING.value
    )
    return type_coerce(named, _TYPE)


def counts(session: Session, wave: Wave) -> dict[Position, int]:
    """Count a wave's people by position; every position is there."""
    place = position().label("place")
    places = select(place).where(Invitation.wave_id == wave.id).subquery()
    found = session.execute(select(places.c.place, func.count()).group_by(places.c.place))
    return dict.fromkeys(Position, 0) | {row[0]: row[1] for row in found}


def is_bounced() -> ColumnElement[bool]:
    """Say whose address does not work: refused now, or nothing ever reached them but a refusal."""
    is_refused = exists().where(
        Contact.id == Invitation.contact_id, Contact.bounced_at.is_not(None)
    )
    # the state behind a function: SQLite would else look all that bounced through for each person
    came_back = _has_mail(func.lower(OutgoingMail.state) == MailState.BOUNCED.value)
    never_reached = and_(came_back, ~_has_sent())
    return or_(is_refused.correlate(Invitation), never_reached)


def _is_submitted() -> ColumnElement[bool]:
    return ~_has_assignment(Assignment.submitted_at.is_(None))


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
