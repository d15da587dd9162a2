"""Mail: asked for as rows, claimed before it goes, marked after; what is uncertain is never repeated."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from surveyapp.delivery.message import Message, Transport
from surveyapp.delivery.rendering import render
from surveyapp.errors import Unavailable
from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.services import definitions, links

LEASE = timedelta(minutes=5)
"""A claim older than this belongs to a sender that died: nobody knows whether the message went."""
MAX_ATTEMPTS = 5
_BATCH = 25
_CONTRACTS = {
    "en": {
        "identified": "Your account team sees your answers with your name.",
        "confidential": "Your answers are only shown together with those of others, never with your name.",
        "anonymous": "Nobody can see who gave which answer once the survey has closed.",
    },
    "de": {
        "identified": "Das Team, das Sie betreut, sieht Ihre Antworten mit Ihrem Namen.",
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
        invitation_id=invitation.id,
        step=step,
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

    Raises
    ------
    Unavailable
        The transport refuses for now; what is not sent stays queued.
    """
    sent = 0
    while True:
        with transaction() as session:
            _list_uncertain(session, wave_id, at=now())
            claimed = _claim(session, wave_id, at=now())
            messages = [(row.id, _compose(session, row, sender)) for row in claimed]
            done, total = _counts(session, wave_id)
        if not messages:
            return sent
        for position, (mail_id, message) in enumerate(messages):
            try:
                sender.transport.send(message)
            except Unavailable as error:
                unsent = [each for each, _ in messages[position:]]
                with transaction() as session:
                    _put_back(session, unsent, failed=mail_id, error=str(error))
                raise
            with transaction() as session:
                _mark_sent(session, mail_id, at=now())
            sent += 1
        progress(done + len(messages), total)


def _claim(session: Session, wave_id: uuid.UUID, *, at: datetime) -> list[OutgoingMail]:
    waiting = session.scalars(
        select(OutgoingMail.id)
        .join(OutgoingMail.invitation)
        .where(Invitation.wave_id == wave_id, OutgoingMail.state == MailState.QUEUED)
        .order_by(OutgoingMail.created_at, OutgoingMail.id)
        .limit(_BATCH)
    ).all()
    taken = session.scalars(
        update(OutgoingMail)
        .where(OutgoingMail.id.in_(waiting), OutgoingMail.state == MailState.QUEUED)
        .values(
            state=MailState.CLAIMED,
            lease_until=at + LEASE,
            attempts=OutgoingMail.attempts + 1,
        )
        .returning(OutgoingMail.id)
    ).all()
    return list(
        session.scalars(
            select(OutgoingMail)
            .where(OutgoingMail.id.in_(taken))
            .order_by(OutgoingMail.created_at, OutgoingMail.id)
            .options(
                joinedload(OutgoingMail.invitation).joinedload(Invitation.contact),
                joinedload(OutgoingMail.invitation).joinedload(Invitation.programme),
                joinedload(OutgoingMail.invitation)
                .joinedload(Invitation.wave)
                .joinedload(Wave.questionnaire_version),
            )
        )
    )


def _compose(session: Session, row: OutgoingMail, sender: Sender) -> Message:
    invitation, wave = row.invitation, row.invitation.wave
    contact = invitation.contact
    questionnaire = definitions.load(wave.questionnaire_version, contact.locale)
    token = links.token_for(invitation.id, invitation.generation, link_key=sender.link_key)
    language = contact.locale.partition("-")[0]
    rendered = render(
        row.step,
        contact.locale,
        contact_name=contact.name,
        asker=invitation.programme.asker,
        subject_name=_subject(session, invitation, wave),
        questionnaire_title=questionnaire.title,
        minutes=questionnaire.minutes,
        closes_on=wave.last_day,
        link=f"{sender.base_url}/r/{token}",
        contract=_CONTRACTS.get(language, _CONTRACTS["en"])[questionnaire.anonymity],
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


def _put_back(session: Session, ids: list[uuid.UUID], *, failed: uuid.UUID, error: str) -> None:
    """Give claims back that were certainly not accepted; the one that keeps failing is given up."""
    mine = OutgoingMail.id.in_(ids) & (OutgoingMail.state == MailState.CLAIMED)
    session.execute(
        update(OutgoingMail)
        .where(mine, OutgoingMail.id == failed, OutgoingMail.attempts >= MAX_ATTEMPTS)
        .values(state=MailState.FAILED, lease_until=None, error=error)
    )
    session.execute(
        update(OutgoingMail)
        .where(mine)
        .values(state=MailState.QUEUED, lease_until=None, error=error)
    )
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id.in_([each for each in ids if each != failed]))
        .values(attempts=OutgoingMail.attempts - 1, error="")
    )


def _list_uncertain(session: Session, wave_id: uuid.UUID, *, at: datetime) -> None:
    of_wave = select(Invitation.id).where(Invitation.wave_id == wave_id)
    session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.invitation_id.in_(of_wave),
            OutgoingMail.state == MailState.CLAIMED,
            OutgoingMail.lease_until < at,
        )
        .values(
            state=MailState.UNCERTAIN,
            lease_until=None,
            error="The sender stopped between handing it over and marking it.",
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
