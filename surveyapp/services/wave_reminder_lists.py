"""Whom a reminder reaches, and what a contract forbids to ask."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from surveyapp.errors import Invalid
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.services import contract, disclosure_rules, positions, wave_people
from surveyapp.services.positions import Position

REMINDED: Final = (Position.SENT, Position.STARTED, Position.SECTION)
"""Who can be reminded: mail reached them and they have not answered everything."""
PAUSE_BETWEEN: Final = timedelta(hours=24)
"""Nobody is reminded who got a mail within so long, from whichever wave."""
_UNLAUNCHED: Final = (WaveState.DRAFT, WaveState.SCHEDULED, WaveState.LAUNCHING)
_LIVE_MAIL: Final = (MailState.QUEUED, MailState.CLAIMED, MailState.SENT, MailState.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Whom of a wave to remind. What is left empty means all who can be."""

    positions: tuple[Position, ...] = ()
    functions: tuple[Function, ...] = ()
    influences: tuple[Influence, ...] = ()
    relationships: tuple[uuid.UUID, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Write the filter for ``Reminder.only``."""
        many = {
            "positions": [each.value for each in self.positions],
            "functions": [each.value for each in self.functions],
            "influences": [each.value for each in self.influences],
            "relationships": [str(each) for each in self.relationships],
        }
        return {name: wanted for name, wanted in many.items() if wanted}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` wrote."""
        return cls(
            positions=tuple(Position(each) for each in stored.get("positions", ())),
            functions=tuple(Function(each) for each in stored.get("functions", ())),
            influences=tuple(Influence(each) for each in stored.get("influences", ())),
            relationships=tuple(uuid.UUID(each) for each in stored.get("relationships", ())),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many a reminder would reach at a moment."""

    people: int
    """Who would get it."""
    mailed_lately: int
    """Who would be skipped: a mail of ours reached them within the last day."""


EVERYBODY: Final = Only()


def require_usable(session: Session, wave: Wave, only: Only) -> None:
    """Refuse a filter by position nobody is reminded at, or one that tells who has answered."""
    strangers = [each for each in only.positions if each not in REMINDED]
    if strangers:
        raise Invalid(
            f"Nobody is reminded who is {' or '.join(strangers)}. Choose among {', '.join(REMINDED)}."
        )
    if wave_people.tells_positions(wave) or only == EVERYBODY:
        return
    if only.positions:
        raise Invalid(
            "This questionnaire promises not to tell how far somebody is. Remind everybody who has"
            " not answered."
        )
    _require_enough(session, wave, only)


def _require_enough(session: Session, wave: Wave, only: Only) -> None:
    if wave.state in _UNLAUNCHED:
        return
    least = disclosure_rules.people(wave)
    asked = session.scalars(
        select(Invitation.id)
        .where(Invitation.wave_id == wave.id, _has_assignment(only))
        .limit(least)
    ).all()
    if len(asked) < least:
        raise Invalid(
            f"Fewer than {least} people are asked there, and the questionnaire promises not to tell"
            " who has answered. Choose a wider set."
        )


def to_remind(
    wave: Wave, only: Only, *, step: str, at: datetime, after: uuid.UUID | None = None
) -> Select[uuid.UUID]:
    """Select whom a reminder reaches now, by invitation; those who got this step are not in it."""
    query = (
        select(Invitation.id)
        .where(is_meant(wave, only), ~mailed_lately(step, at=at), ~_has_step(step))
        .order_by(Invitation.id)
    )
    return query if after is None else query.where(Invitation.id > after)


def mailed_lately(step: str, *, at: datetime) -> ColumnElement[bool]:
    """Say which invitations' people got a mail within the last day, or are about to; ``step`` aside."""
    theirs = Invitation.__table__.alias("theirs")
    moment = func.coalesce(OutgoingMail.sent_at, OutgoingMail.created_at)
    return (
        select(OutgoingMail.id)
        .join(theirs, theirs.c.id == OutgoingMail.invitation_id)
        .where(
            theirs.c.contact_id == Invitation.contact_id,
            or_(theirs.c.id != Invitation.id, OutgoingMail.step != step),
            OutgoingMail.state.in_(_LIVE_MAIL),
            moment > at - PAUSE_BETWEEN,
        )
        .correlate(Invitation)
        .exists()
    )


def is_anybody_mailed_lately(wave: Wave, *, at: datetime) -> ColumnElement[bool]:
    """Say the same as ``mailed_lately`` of whom has no mail of its step, for everybody at once.

    The few of the last day are looked up once: asked person by person, SQLite reads all mail each time.
    """
    theirs, mail = aliased(Invitation), aliased(OutgoingMail)
    lately = (
        select(theirs.contact_id)
        .join(mail, mail.invitation_id == theirs.id)
        .where(
            mail.programme_id == wave.programme_id,
            mail.state.in_(_LIVE_MAIL),
            func.coalesce(mail.sent_at, mail.created_at) > at - PAUSE_BETWEEN,
        )
    )
    return Invitation.contact_id.in_(lately)


def is_meant(wave: Wave, only: Only) -> ColumnElement[bool]:
    """Whom the filter names and who has not answered; of several questionnaires, those it names.

    An anonymous wave reminds whoever has answered too: else the list of mails would tell who had not.
    """
    if reminds_everybody(wave):
        return and_(
            Invitation.wave_id == wave.id,
            _has_assignment(only),
            positions.is_reached(wave),
        )
    place = positions.position(wave).in_(only.positions) if only.positions else true()
    return and_(
        Invitation.wave_id == wave.id,
        _has_assignment(only, Assignment.wave_id == wave.id, Assignment.submitted_at.is_(None)),
        positions.is_on_the_way(wave),
        place,
    )


def reminds_everybody(wave: Wave) -> bool:
    """Tell whether a reminder goes to those as well who have answered."""
    return contract.of_wave(wave) is Anonymity.ANONYMOUS


def _has_assignment(only: Only, *also: ColumnElement[bool]) -> ColumnElement[bool]:
    query = select(Assignment.invitation_id).where(*also)
    if only.functions:
        query = query.where(Assignment.function.in_(only.functions))
    if only.influences:
        query = query.where(Assignment.influence.in_(only.influences))
    if only.relationships:
        # looked up once: asked person by person, SQLite tries thousands of relationships each time
        return Invitation.id.in_(query.where(Assignment.relationship_id.in_(only.relationships)))
    return query.where(Assignment.invitation_id == Invitation.id).correlate(Invitation).exists()


def _has_step(step: str) -> ColumnElement[bool]:
    if not step:
        return false()
    return (
        select(OutgoingMail.id)
        .where(OutgoingMail.invitation_id == Invitation.id, OutgoingMail.step == step)
        .correlate(Invitation)
        .exists()
    )


def counted(
    session: Session,
    wave: Wave,
    only: Only,
    *,
    step: str,
    at: datetime,
    places: Mapping[Position, int] | None = None,
) -> Counted:
    """Count whom a reminder reaches now, and whom it skips; who has a mail of its step is in neither.

    ``places`` are the wave's people by position, where these were counted already: then nobody is
    counted again for a reminder to everybody, but those it skips.
    """
    lately = is_anybody_mailed_lately(wave, at=at)
    is_due = and_(is_meant(wave, only), ~_has_step(step))
    if places is not None and only == EVERYBODY and not step and not reminds_everybody(wave):
        skipped = session.scalar(select(func.count()).where(is_due, lately)) or 0
        people = sum(places[each] for each in REMINDED)
    else:
        people, skipped = session.execute(
            select(func.count(), func.count().filter(lately)).where(is_due)
        ).one()
    return Counted(people - skipped, skipped)
