"""Whom else to ask, in the words of those who were asked: not me, or a colleague too. Owners decide."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound, Problem
from surveyapp.models.accounts import Function
from surveyapp.models.referrals import Referral, ReferralKind, ReferralState
from surveyapp.models.waves import Wave
from surveyapp.services import account_cells, invitations, wave_rows

MOST: Final = 5
"""Open ones of one person: a link is no key to fill an owner's list."""
LONGEST_NOTE: Final = 500
_LONGEST_NAME: Final = 300


def say(
    session: Session,
    token: str,
    *,
    kind: ReferralKind,
    name: str,
    email: str,
    function: Function | None,
    note: str,
    at: datetime,
) -> Referral:
    """Keep what somebody says about whom to ask. Nobody gets mail by it.

    Raises
    ------
    NotFound
        There is no such link.
    Invalid
        Something cannot be taken; ``problems`` name ``name``, ``email`` or ``note``.
    Conflict
        The wave is over, or this person has said enough.
    """
    opened = invitations.redeem(session, token, at=at)
    if opened.status not in {"open", "answered"} or not opened.wave.accepts_answers(at):
        raise Conflict("This questionnaire is not open.")
    name, email, note = " ".join(name.split()), email.strip().lower(), note.strip()
    if problems := _problems(kind, name, email, note):
        raise Invalid("Something needs another look.", problems)
    said = of_invitation(session, opened.invitation.id)
    if any((each.kind, each.email, each.name) == (kind, email, name) for each in said):
        return next(each for each in said if (each.kind, each.email) == (kind, email))
    if sum(each.state is ReferralState.OPEN for each in said) >= MOST:
        raise Conflict("You have named several people already. They are looked at first.")
    found = Referral(
        programme_id=opened.programme.id,
        wave_id=opened.wave.id,
        invitation_id=opened.invitation.id,
        kind=kind,
        name=name,
        email=email,
        function=function,
        note=note,
        said_by=opened.contact.name,
        said_at=at,
    )
    session.add(found)
    session.flush()
    return found


def of_invitation(session: Session, invitation_id: uuid.UUID) -> Sequence[Referral]:
    """Return what one person has said, oldest first."""
    return session.scalars(
        select(Referral)
        .where(Referral.invitation_id == invitation_id)
        .order_by(Referral.said_at, Referral.id)
    ).all()


def of_wave(session: Session, wave: Wave) -> Sequence[Referral]:
    """Return everything said in a wave, what is open first, then the latest."""
    return session.scalars(
        select(Referral)
        .where(Referral.wave_id == wave.id)
        .order_by(Referral.state != ReferralState.OPEN, Referral.said_at.desc(), Referral.id)
    ).all()


def count_open(session: Session, wave: Wave) -> int:
    """Count what nobody has decided yet."""
    query = select(func.count(Referral.id)).where(
        Referral.wave_id == wave.id, Referral.state == ReferralState.OPEN
    )
    return session.scalar(query) or 0


def find_open(session: Session, wave: Wave, referral_id: uuid.UUID) -> Referral:
    """Hold one that is not decided yet. Raises NotFound; Conflict when somebody was faster."""
    found = session.scalars(
        select(Referral)
        .where(Referral.wave_id == wave.id, Referral.id == referral_id)
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound("There is no such suggestion.")
    if found.state is not ReferralState.OPEN:
        raise Conflict("Somebody has decided this already.")
    return found


def dismiss(session: Session, wave: Wave, referral_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Put a suggestion aside; who is asked stays as it is."""
    found = find_open(session, wave, referral_id)
    decide(session, wave, found, ReferralState.DISMISSED, by=by, at=at)


def decide(
    session: Session, wave: Wave, found: Referral, state: ReferralState, *, by: str, at: datetime
) -> None:
    """Note what became of a suggestion, and put it on record without anybody's name."""
    found.state, found.decided_at, found.decided_by = state, at, by
    session.flush()
    wave_rows.record(
        session,
        wave_rows.programme_of(session, wave),
        wave,
        f"referral.{state.value}",
        by=by,
        at=at,
        referral=str(found.id),
        kind=found.kind.value,
    )


def _problems(kind: ReferralKind, name: str, email: str, note: str) -> list[Problem]:
    problems = []
    needs_somebody = kind is ReferralKind.TOO
    if len(name) > _LONGEST_NAME or (not name and (needs_somebody or email)):
        problems.append(Problem("name", "Write the person's name."))
    if email or needs_somebody:
        try:
            account_cells.email(email)
        except ValueError:
            problems.append(Problem("email", "Write an address, as in jo@example.com."))
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("note", "Write at most 500 characters."))
    return problems
