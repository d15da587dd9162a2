"""How far each person of a wave has come, as one expression for lists, counts and reminders."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    false,
    func,
    null,
    or_,
    select,
    type_coerce,
)
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


def position(wave: Wave) -> ColumnElement[Position]:
    """Say where the person of an ``Invitation`` row of the wave stands."""
    return _named(_steps(wave))


def delivery(wave: Wave) -> ColumnElement[Position]:
    """Say only what became of the mail: waiting, sent or bounced, whatever the person did then.

    For questionnaires whose contract keeps to itself who answered.
    """
    return _named(_mail_steps(wave))


def rank(wave: Wave, *, tells_positions: bool) -> ColumnElement[int]:
    """Number the positions, or only deliveries, from the list to the answer, for sorting."""
    ranks = {place: number for number, place in enumerate(Position)}
    steps = _steps(wave) if tells_positions else _mail_steps(wave)
    return case(*((is_there, ranks[place]) for is_there, place in steps), else_=0)


def is_at(wave: Wave, place: Position, *, tells_positions: bool) -> ColumnElement[bool]:
    """Say who stands there, by position or only by delivery, in terms whose share a database can estimate."""
    steps = _steps(wave) if tells_positions else _mail_steps(wave)
    taken = [is_there for is_there, _ in steps]
    if place is Position.WAITING:
        return and_(*(~each for each in taken))
    return or_(
        false(),
        *(
            and_(*(~each for each in taken[:number]), is_there)
            for number, (is_there, found) in enumerate(steps)
            if found is place
        ),
    )


def is_reached(wave: Wave) -> ColumnElement[bool]:
    """Say the same as ``delivery`` being sent, in terms whose share a database can estimate."""
    return and_(~is_refused(wave), _has_sent())


def is_on_the_way(wave: Wave) -> ColumnElement[bool]:
    """Say of whom has something left to send that they are sent, started or at a section, in such terms."""
    return or_(Invitation.started_at.is_not(None), is_reached(wave))


_Steps = list[tuple[ColumnElement[bool], Position]]


def _steps(wave: Wave) -> _Steps:
    """The furthest first; who has taken none is waiting."""
    return [
        (~has_open(wave), Position.SUBMITTED),
        *_steps_on_the_way(wave),
    ]


def _steps_on_the_way(wave: Wave) -> _Steps:
    """Of those who have something left to send."""
    has_started = Invitation.started_at.is_not(None)
    return [
        # nobody saves before they start; so of who has not, nothing more is looked up
        (and_(has_started, _has_saved_something(wave)), Position.SECTION),
        (has_started, Position.STARTED),
        *_mail_steps(wave),
    ]


def _mail_steps(wave: Wave) -> _Steps:
    """Refused now, or nothing ever reached them but a refusal: bounced."""
    return [
        (is_refused(wave), Position.BOUNCED),
        (_has_sent(), Position.SENT),
        (_came_back(wave), Position.BOUNCED),
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
    place = _named(_steps_on_the_way(wave)).label("place")
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


def has_open(wave: Wave) -> ColumnElement[bool]:
    """Say who has something left to send."""
    # with the wave, so that the index of its questionnaires by person serves
    return _has_assignment(Assignment.wave_id == wave.id, Assignment.submitted_at.is_(None))


def is_refused(wave: Wave) -> ColumnElement[bool]:
    """Say whose address does not work now."""
    # the few are found once: looking each person up costs more than all else
    refused = select(Contact.id).where(
        Contact.programme_id == wave.programme_id, Contact.bounced_at.is_not(None)
    )
    return Invitation.contact_id.in_(refused)


def _came_back(wave: Wave) -> ColumnElement[bool]:
    back = select(OutgoingMail.invitation_id).where(
        OutgoingMail.wave_id == wave.id,
        OutgoingMail.state == MailState.BOUNCED,
        OutgoingMail.invitation_id.is_not(None),
    )
    return Invitation.id.in_(back)


def _has_saved_something(wave: Wave) -> ColumnElement[bool]:
    saved = exists().where(SavedSection.assignment_id == Assignment.id).correlate(Assignment)
    is_begun = or_(Assignment.submitted_at.is_not(None), saved)
    return _has_assignment(Assignment.wave_id == wave.id, is_begun)


def _has_assignment(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Assignment.invitation_id == Invitation.id, *which).correlate(Invitation)


def _has_sent() -> ColumnElement[bool]:
    # sent by its time, which is there exactly then: no index leads astray
    sent = exists().where(
        OutgoingMail.invitation_id == Invitation.id, OutgoingMail.sent_at.is_not(None)
    )
    return sent.correlate(Invitation)
