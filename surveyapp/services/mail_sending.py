"""Mail on its way: claimed before it goes, marked after; what is uncertain is never repeated."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.delivery.message import Connection, Message
from surveyapp.delivery.outcomes import (
    AddressRefused,
    MessageRefused,
    Refused,
    ServerRefused,
    Unconfirmed,
)
from surveyapp.errors import Unavailable
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import mail, mail_messages, wave_reminder_lists
from surveyapp.services.mail_messages import Sender

LEASE: Final = timedelta(minutes=5)
"""A claim older than this belongs to a sender that died: nobody knows whether the message went."""
MAX_ATTEMPTS: Final = 5
_REFUSALS_IN_A_ROW: Final = 3
"""After so many of which each may hold for all messages, it is taken to hold for all."""
_TELL_EVERY: Final = 10

Transaction = Callable[[], AbstractContextManager[Session]]
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that nobody else sends now."""

    mail_id: uuid.UUID
    lease_until: datetime
    """Tells this claim from any other on the same row."""
    attempts: int
    contact_id: uuid.UUID | None
    message: Message


@dataclass(slots=True)
class _Run:
    """How one go at a wave's mail is getting on."""

    sent: int = 0
    handled: int = 0
    suspicious: int = 0
    """Refusals in a row that may hold for all messages."""


def send_due(
    transaction: Transaction,
    wave_id: uuid.UUID,
    sender: Sender,
    *,
    now: Now,
    progress: Callable[[int, int], None],
) -> int:
    """Send what a wave has queued and is due; return how many went. The rest is asked for at its time.

    Each is claimed, then handed over, then marked. One that is refused holds up nobody else.

    Raises
    ------
    Unavailable
        Nothing can be handed over at the moment; what was not sent stays queued.
    """
    with transaction() as session:
        done, total = _counts(session, wave_id)
    progress(done, total)
    run = _Run()
    with sender.transport.open() as connection:
        while True:
            with transaction() as session:
                mail_id = _next(session, wave_id, at=now())
                claim = _claim(session, mail_id, sender, at=now()) if mail_id else None
            if mail_id is None:
                break
            if claim is not None:
                _hand_over(transaction, claim, connection, run, now=now)
            run.handled += 1
            if run.handled % _TELL_EVERY == 0:
                progress(min(done + run.handled, total), total)
    with transaction() as session:
        _ask_again(session, wave_id, at=now())
    return run.sent


def send_to_user(transaction: Transaction, mail_id: uuid.UUID, sender: Sender, *, now: Now) -> bool:
    """Send one mail to a user, if it still waits and is due; tell whether it went. Raises Unavailable."""
    run = _Run()
    with transaction() as session:
        row = _lock(session, OutgoingMail.id == mail_id, at=now())
        claim = _claim(session, mail_id, sender, at=now()) if row else None
    if claim is not None:
        with sender.transport.open() as connection:
            _hand_over(transaction, claim, connection, run, now=now)
    with transaction() as session:
        found = session.get_one(OutgoingMail, mail_id)
        if found.state == MailState.QUEUED:
            mail.request_sending_to_user(session, found, at=now(), due_at=found.due_at)
    return run.sent == 1


def _hand_over(
    transaction: Transaction, claim: Claim, connection: Connection, run: _Run, *, now: Now
) -> None:
    """Send and mark one claimed message: a death in between leaves one in doubt and no more."""
    try:
        connection.send(claim.message)
    except Unavailable as error:
        with transaction() as session:
            _give_back(session, claim, error)
        raise
    except (Refused, Unconfirmed) as error:
        with transaction() as session:
            _record(session, claim, error, at=now())
        run.suspicious = run.suspicious + 1 if isinstance(error, ServerRefused) else 0
        if run.suspicious >= _REFUSALS_IN_A_ROW:
            raise Unavailable(
                f"The mail server refused {run.suspicious} messages in a row: {error}"
            ) from error
    else:
        with transaction() as session:
            _mark_sent(session, claim, at=now())
        run.sent, run.suspicious = run.sent + 1, 0


def _next(session: Session, wave_id: uuid.UUID, *, at: datetime) -> uuid.UUID | None:
    """Return the next message to claim. A wave that pauses keeps its mail waiting."""
    state = session.scalar(select(Wave.state).where(Wave.id == wave_id))
    if state not in {WaveState.OPEN, WaveState.CLOSED}:
        return None
    return _lock(session, mail.waits(wave_id), at=at)


def _lock(session: Session, which: ColumnElement[bool], *, at: datetime) -> uuid.UUID | None:
    """Hold a message until the commit. PostgreSQL: two senders hold different ones; SQLite has one writer."""
    return session.scalars(
        select(OutgoingMail.id)
        .where(which, OutgoingMail.state == MailState.QUEUED, OutgoingMail.due_at <= at)
        .order_by(OutgoingMail.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _claim(session: Session, mail_id: uuid.UUID, sender: Sender, *, at: datetime) -> Claim | None:
    """Take a held message and write it; None when nobody wants it any more."""
    row = session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.id == mail_id)
        .options(
            joinedload(OutgoingMail.user),
            joinedload(OutgoingMail.invitation).joinedload(Invitation.contact),
            joinedload(OutgoingMail.invitation).joinedload(Invitation.programme),
            joinedload(OutgoingMail.invitation)
            .joinedload(Invitation.wave)
            .joinedload(Wave.questionnaire_version),
        )
    ).one()
    if unwanted := _why_unwanted(session, row, at=at):
        row.state, row.error = MailState.DROPPED, f"Not sent: {unwanted}."
        return None
    lease_until = at + LEASE
    row.state, row.lease_until, row.attempts = MailState.CLAIMED, lease_until, row.attempts + 1
    session.flush()
    if row.invitation is not None:
        message = mail_messages.to_contact(session, row, row.invitation, sender)
    elif row.user is not None:
        message = mail_messages.to_user(session, row, row.user, sender, at=at)
    contact_id = row.invitation.contact_id if row.invitation else None
    return Claim(row.id, lease_until, row.attempts, contact_id, message)


def _why_unwanted(session: Session, row: OutgoingMail, *, at: datetime) -> str:
    """Say why a message must not go any more; empty when it may."""
    if row.invitation is None:
        is_shut = row.user is not None and row.user.disabled_at is not None
        return "the account was shut" if is_shut else ""
    wave, contact = row.invitation.wave, row.invitation.contact
    if wave.state == WaveState.CLOSED or at >= wave.closes_at:
        return "the wave had closed"
    if contact.opted_out_at is not None:
        return "the person does not want to be asked"
    if contact.bounced_at is not None:
        return "mail to this address had come back"
    if wave_reminder_lists.reminds_everybody(wave):
        return ""
    # in these words whatever the contract: who answered is nobody's business here
    return "" if _has_open_questions(session, row.invitation) else "nothing was left to ask"


def _has_open_questions(session: Session, invitation: Invitation) -> bool:
    is_open = exists().where(
        Assignment.invitation_id == invitation.id, Assignment.submitted_at.is_(None)
    )
    return bool(session.scalar(select(is_open)))


def _is_mine(claim: Claim) -> ColumnElement[bool]:
    return and_(
        OutgoingMail.id == claim.mail_id,
        OutgoingMail.state == MailState.CLAIMED,
        OutgoingMail.lease_until == claim.lease_until,
    )


def _mark_sent(session: Session, claim: Claim, *, at: datetime) -> None:
    """Note that the message was accepted, even when it had been listed as uncertain meanwhile."""
    listed = and_(OutgoingMail.id == claim.mail_id, OutgoingMail.state == MailState.UNCERTAIN)
    session.execute(
        update(OutgoingMail)
        .where(or_(_is_mine(claim), listed))
        .values(state=MailState.SENT, sent_at=at, lease_until=None, error="")
    )


def _give_back(session: Session, claim: Claim, error: Unavailable) -> None:
    """Give back what was not even offered: it says nothing about the message."""
    session.execute(
        update(OutgoingMail)
        .where(_is_mine(claim))
        .values(
            state=MailState.QUEUED,
            lease_until=None,
            attempts=OutgoingMail.attempts - 1,
            error=str(error),
        )
    )


def _record(session: Session, claim: Claim, error: Refused | Unconfirmed, *, at: datetime) -> None:
    """Note what came of a message that was not accepted for certain."""
    state = _state_after(claim, error)
    waits = timedelta(minutes=5 ** (claim.attempts - 1))
    is_mine = session.scalars(
        update(OutgoingMail)
        .where(_is_mine(claim))
        .values(
            state=state,
            due_at=at + waits if state == MailState.QUEUED else at,
            lease_until=None,
            error=str(error),
        )
        .returning(OutgoingMail.id)
    ).first()
    if is_mine and isinstance(error, AddressRefused) and claim.contact_id:
        session.execute(
            update(Contact)
            # an address mended meanwhile is another one
            .where(Contact.id == claim.contact_id, Contact.email == claim.message.recipient)
            .values(bounced_at=at, bounce=str(error))
        )


def _state_after(claim: Claim, error: Refused | Unconfirmed) -> MailState:
    match error:
        case Unconfirmed():
            return MailState.UNCERTAIN
        case AddressRefused():
            return MailState.BOUNCED
        case MessageRefused():
            return MailState.FAILED
        case _:
            return MailState.FAILED if claim.attempts >= MAX_ATTEMPTS else MailState.QUEUED


def _ask_again(session: Session, wave_id: uuid.UUID, *, at: datetime) -> None:
    """Ask for what is due later to be sent then. A wave that pauses asks when it goes on."""
    wave = session.scalars(
        select(Wave).where(Wave.id == wave_id).options(joinedload(Wave.programme))
    ).one()
    due_at = mail.next_due(session, wave_id)
    if due_at is not None and wave.state == WaveState.OPEN:
        mail.request_sending(session, wave_id, programme=wave.programme, at=at, due_at=due_at)


def _counts(session: Session, wave_id: uuid.UUID) -> tuple[int, int]:
    """Return how many of the wave's messages are sent, and how many there are."""
    row = session.execute(
        select(func.count(OutgoingMail.sent_at), func.count()).where(
            OutgoingMail.wave_id == wave_id, OutgoingMail.invitation_id.is_not(None)
        )
    ).one()
    return row[0], row[1]
