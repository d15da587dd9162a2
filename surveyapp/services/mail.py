"""Mail: asked for as rows, claimed before it goes, marked after; what is uncertain is never repeated."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.delivery.message import Message, Transport
from surveyapp.delivery.rendering import render
from surveyapp.errors import Unavailable
from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import definitions, links

LEASE = timedelta(minutes=5)
"""A claim older than this belongs to a sender that died: nobody knows whether the message went."""
MAX_ATTEMPTS = 5
_REFUSALS_IN_A_ROW = 3
"""After so many the transport itself is taken to be down."""
_BATCH = 100
_TELL_EVERY = 10
_CONTRACTS = {
    "en": {
        "identified": "The people who run {asker} can see your answers together with your name.",
        "confidential": "Your answers are only shown together with those of others, never with your name.",
        "anonymous": "Nobody can see who gave which answer once the survey has closed.",
    },
    "de": {
        "identified": "Wer die Befragung von {asker} betreut, sieht Ihre Antworten mit Ihrem Namen.",
        "confidential": "Ihre Antworten werden nur gemeinsam mit denen anderer gezeigt, nie mit Ihrem Namen.",
        "anonymous": "Nach dem Ende der Befragung kann niemand sehen, wer was geantwortet hat.",
    },
}


@dataclass(frozen=True, slots=True)
class Sender:
    """What turns a row into a message: the transport, the key of the links, our own address."""

    transport: Transport
    link_key: bytes
    base_url: str
    address: str


def queue(session: Session, invitation: Invitation, *, step: str, at: datetime) -> OutgoingMail:
    """Ask for a step's mail to be sent. The database allows one per invitation and step."""
    outgoing = OutgoingMail(
        programme_id=invitation.programme_id,
        wave_id=invitation.wave_id,
        invitation_id=invitation.id,
        step=step,
        due_at=at,
        created_at=at,
    )
    session.add(outgoing)
    return outgoing


def send_due(
    transaction: Callable[[], AbstractContextManager[Session]],
    wave_id: uuid.UUID,
    sender: Sender,
    *,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> int:
    """Send a wave's queued mail; return how many went. Each is claimed, then sent, then marked.

    A message that is refused waits for the next time and holds up nobody else.

    Raises
    ------
    Unavailable
        The transport refused; what was not sent and not given up stays queued.
    """
    run = _Run()
    while not run.is_refused_by_all():
        with transaction() as session:
            waiting = session.scalars(_waiting(wave_id, run.refused)).all()
            done, total = _counts(session, wave_id)
        if not waiting:
            break
        for position, mail_id in enumerate(waiting, start=1):
            _send(transaction, mail_id, sender, run, now=now)
            if run.is_refused_by_all():
                break
            if position % _TELL_EVERY == 0:
                progress(done + position, total)
    if run.last_refusal is not None:
        with transaction() as session:
            if session.scalars(_waiting(wave_id, ())).first():
                raise run.last_refusal
    return run.sent


@dataclass(slots=True)
class _Run:
    """How one go at a wave's mail is getting on."""

    sent: int = 0
    refused: list[uuid.UUID] = field(default_factory=list)
    refused_in_a_row: int = 0
    last_refusal: Unavailable | None = None

    def is_refused_by_all(self) -> bool:
        return self.refused_in_a_row >= _REFUSALS_IN_A_ROW


def _send(
    transaction: Callable[[], AbstractContextManager[Session]],
    mail_id: uuid.UUID,
    sender: Sender,
    run: _Run,
    *,
    now: Callable[[], datetime],
) -> None:
    """Claim, send and mark one message: a death in between leaves one in doubt and no more."""
    with transaction() as session:
        message = _claim(session, mail_id, sender, at=now())
    if message is None:
        return
    try:
        sender.transport.send(message)
    except Unavailable as error:
        run.refused.append(mail_id)
        run.refused_in_a_row += 1
        run.last_refusal = error
        with transaction() as session:
            _put_back(session, mail_id, error=str(error))
    else:
        with transaction() as session:
            _mark_sent(session, mail_id, at=now())
        run.sent, run.refused_in_a_row = run.sent + 1, 0


def has_abandoned(session: Session, *, at: datetime) -> bool:
    """Tell whether a sender stopped between handing a message over and marking it."""
    return (
        session.scalars(select(OutgoingMail.id).where(_abandoned(at)).limit(1)).first() is not None
    )


def list_abandoned(session: Session, *, at: datetime) -> None:
    """List as uncertain what senders that died had claimed. It is not sent again."""
    session.execute(
        update(OutgoingMail)
        .where(_abandoned(at))
        .values(
            state=MailState.UNCERTAIN,
            lease_until=None,
            error="The sender stopped between handing it over and marking it.",
        )
    )


def _abandoned(at: datetime) -> ColumnElement[bool]:
    return and_(OutgoingMail.state == MailState.CLAIMED, OutgoingMail.lease_until < at)


def _waiting(wave_id: uuid.UUID, but: Sequence[uuid.UUID]) -> Select[uuid.UUID]:
    return (
        select(OutgoingMail.id)
        .join(OutgoingMail.invitation)
        .where(
            Invitation.wave_id == wave_id,
            OutgoingMail.state == MailState.QUEUED,
            OutgoingMail.id.not_in(but),
        )
        # who was refused before waits behind those who were not
        .order_by(OutgoingMail.attempts, OutgoingMail.created_at, OutgoingMail.id)
        .limit(_BATCH)
    )


def _claim(session: Session, mail_id: uuid.UUID, sender: Sender, *, at: datetime) -> Message | None:
    """Take a message that still waits; None when another sender has it or nobody wants it any more."""
    row = session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.id == mail_id, OutgoingMail.state == MailState.QUEUED)
        .options(
            joinedload(OutgoingMail.invitation).joinedload(Invitation.contact),
            joinedload(OutgoingMail.invitation).joinedload(Invitation.programme),
            joinedload(OutgoingMail.invitation)
            .joinedload(Invitation.wave)
            .joinedload(Wave.questionnaire_version),
        )
        # PostgreSQL: of two senders one goes on to the next message; SQLite: one writer
        .with_for_update(of=OutgoingMail, skip_locked=True)
    ).first()
    if row is None or row.invitation is None:
        return None
    wave = row.invitation.wave
    is_over = wave.state == WaveState.CLOSED or at >= wave.closes_at
    if is_over or row.invitation.contact.opted_out_at is not None:
        row.state = MailState.DROPPED
        row.error = "Not sent: the wave had closed or the person had opted out."
        return None
    row.state, row.lease_until, row.attempts = MailState.CLAIMED, at + LEASE, row.attempts + 1
    session.flush()
    return _compose(session, row, row.invitation, sender)


def _compose(
    session: Session, row: OutgoingMail, invitation: Invitation, sender: Sender
) -> Message:
    wave = invitation.wave
    contact = invitation.contact
    questionnaire = definitions.load(wave.questionnaire_version, contact.locale)
    token = links.token_for(invitation.id, invitation.generation, link_key=sender.link_key)
    # one language throughout: the mail speaks as the questionnaire behind its link does
    language = questionnaire.language
    rendered = render(
        row.step,
        language,
        contact_name=contact.name,
        asker=invitation.programme.asker,
        subject_name=_subject(session, invitation, wave),
        questionnaire_title=questionnaire.title,
        minutes=questionnaire.minutes,
        closes_on=wave.last_day,
        link=f"{sender.base_url}/r/{token}",
        contract=_contract(language, questionnaire.anonymity, asker=invitation.programme.asker),
        programme_name=invitation.programme.name,
        data_note=invitation.programme.data_note,
    )
    return Message(
        key=str(row.id),
        sender=sender.address,
        sender_name=invitation.programme.asker,
        recipient=contact.email,
        recipient_name=contact.name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        written_at=row.created_at,
    )


def _contract(language: str, anonymity: str, *, asker: str) -> str:
    """Say in a sentence what the start page spells out."""
    sentences = _CONTRACTS.get(language.partition("-")[0], _CONTRACTS["en"])
    return sentences[anonymity].replace("{asker}", asker)


def _subject(session: Session, invitation: Invitation, wave: Wave) -> str:
    """Name whom the questions are about; several relationships give several names."""
    relationships = session.scalars(
        select(Relationship)
        .join(Assignment, Assignment.relationship_id == Relationship.id)
        .where(Assignment.invitation_id == invitation.id)
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    )
    return ", ".join(sorted({links.names_for(wave, each)["them"] for each in relationships}))


def _mark_sent(session: Session, mail_id: uuid.UUID, *, at: datetime) -> None:
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail_id, OutgoingMail.state == MailState.CLAIMED)
        .values(state=MailState.SENT, sent_at=at, lease_until=None, error="")
    )


def _put_back(session: Session, mail_id: uuid.UUID, *, error: str) -> None:
    """Give back a claim that was certainly not accepted; one that keeps failing is given up."""
    is_last = OutgoingMail.attempts >= MAX_ATTEMPTS
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail_id, OutgoingMail.state == MailState.CLAIMED)
        .values(
            state=case((is_last, MailState.FAILED), else_=MailState.QUEUED),
            lease_until=None,
            error=error,
        )
    )


def _counts(session: Session, wave_id: uuid.UUID) -> tuple[int, int]:
    """Return how many of the wave's messages are sent, and how many there are."""
    is_sent = func.count(OutgoingMail.sent_at)
    row = session.execute(
        select(is_sent, func.count())
        .select_from(OutgoingMail)
        .join(OutgoingMail.invitation)
        .where(Invitation.wave_id == wave_id)
    ).one()
    return row[0], row[1]
