"""Invitations: written in chunks at launch, opened by link, started by a POST."""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound, WaveStateError
from surveyapp.models.accounts import Contact, Relationship, Stakeholder
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import audit, jobs, links, mail, waves

CHUNK = 1000
"""Contacts written per transaction: under 100 ms, so respondents are not held up."""

Status = Literal["open", "closed", "answered", "not open yet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link leads to."""

    invitation: Invitation
    contact: Contact
    wave: Wave
    programme: Programme
    assignments: list[Assignment]
    status: Status


def redeem(session: Session, token: str, *, at: datetime) -> Opened:
    """Look a link up, reading only: mail scanners follow links too. Raises NotFound."""
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == links.token_hash(token))
        .options(
            joinedload(Invitation.contact),
            joinedload(Invitation.programme),
            joinedload(Invitation.wave).joinedload(Wave.questionnaire_version),
        )
    ).first()
    if invitation is None:
        raise NotFound(
            "This link is not known here. It may be cut off, or replaced by a newer one."
        )
    assignments = list(
        session.scalars(
            select(Assignment)
            .where(Assignment.invitation_id == invitation.id)
            .options(
                joinedload(Assignment.relationship).joinedload(Relationship.buyer),
                joinedload(Assignment.relationship).joinedload(Relationship.supplier),
                joinedload(Assignment.questionnaire_version),
            )
            .order_by(Assignment.slug)
        )
    )
    is_answered = all(assignment.submitted_at for assignment in assignments)
    return Opened(
        invitation=invitation,
        contact=invitation.contact,
        wave=invitation.wave,
        programme=invitation.programme,
        assignments=assignments,
        status=status_of(invitation.wave, is_answered=is_answered, at=at),
    )


def status_of(wave: Wave, *, is_answered: bool, at: datetime) -> Status:
    """Say what a respondent can do with a wave now."""
    if is_answered:
        return "answered"
    if wave.accepts_answers(at):
        return "open"
    waits = wave.state in {
        WaveState.DRAFT,
        WaveState.SCHEDULED,
        WaveState.LAUNCHING,
        WaveState.PAUSED,
    }
    return "not open yet" if waits and at < wave.closes_at else "closed"


def start(session: Session, token: str, *, at: datetime) -> Opened:
    """Record that the person pressed Start. Pressing it again changes nothing."""
    opened = redeem(session, token, at=at)
    if opened.status != "open":
        raise WaveStateError(f"The questionnaire is {opened.status}.")
    if opened.invitation.started_at is None:
        opened.invitation.started_at = at
        session.flush()
    return opened


def invite_all(
    transaction: Callable[[], AbstractContextManager[Session]],
    wave_id: uuid.UUID,
    *,
    link_key: bytes,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> int:
    """Write every invitation of a launching wave, then open it; can be run again after a crash."""
    after: uuid.UUID | None = None
    while True:
        with transaction() as session:
            wave = waves.load(session, wave_id)
            waves.hold(session, wave)
            if wave.state != WaveState.LAUNCHING:
                return _count(session, wave)
            contacts = session.scalars(_next_contacts(wave, after)).all()
            if not contacts:
                return _open(session, wave, at=now())
            after = contacts[-1].id
            _invite(session, wave, contacts, link_key=link_key, at=now())
            done, total = _count(session, wave), session.scalar(waves.people_asked(wave)) or 0
        progress(done, total)


def _open(session: Session, wave: Wave, *, at: datetime) -> int:
    wave.open(at=at)
    session.flush()
    written = _count(session, wave)
    audit.record(
        session,
        wave.programme,
        "wave.opened",
        subject=f"wave:{wave.slug}",
        by="system",
        at=at,
        invitations=written,
    )
    jobs.request(
        session,
        "send-mail",
        key=f"send-mail:{wave.id}:invitation",
        arguments={"wave": str(wave.id)},
        programme=wave.programme,
        at=at,
    )
    return written


def _next_contacts(wave: Wave, after: uuid.UUID | None) -> Select[Contact]:
    already = select(Invitation.contact_id).where(Invitation.wave_id == wave.id)
    query = (
        select(Contact)
        .where(
            Contact.programme_id == wave.programme_id,
            Contact.opted_out_at.is_(None),
            Contact.id.in_(select(Stakeholder.contact_id).where(waves.is_on_list(wave))),
            Contact.id.not_in(already),
        )
        .order_by(Contact.id)
        .limit(CHUNK)
    )
    return query if after is None else query.where(Contact.id > after)


def _count(session: Session, wave: Wave) -> int:
    return session.scalar(select(func.count()).where(Invitation.wave_id == wave.id)) or 0


def _invite(
    session: Session, wave: Wave, contacts: Sequence[Contact], *, link_key: bytes, at: datetime
) -> None:
    parts: dict[uuid.UUID, list[Stakeholder]] = defaultdict(list)
    ids = [contact.id for contact in contacts]
    for part in session.scalars(
        select(Stakeholder).where(waves.is_on_list(wave), Stakeholder.contact_id.in_(ids))
    ):
        parts[part.contact_id].append(part)
    invitations = [
        _invitation(wave, contact, parts[contact.id], link_key, at) for contact in contacts
    ]
    session.add_all(invitations)
    session.flush()
    for invitation in invitations:
        session.add_all(
            _assignment(wave, invitation, part, at) for part in parts[invitation.contact_id]
        )
        mail.queue(session, invitation, step="invitation", at=at)
    session.flush()


def _invitation(
    wave: Wave, contact: Contact, parts: Sequence[Stakeholder], link_key: bytes, at: datetime
) -> Invitation:
    invitation = Invitation(
        id=uuid.uuid4(),
        programme_id=wave.programme_id,
        wave_id=wave.id,
        contact_id=contact.id,
        generation=1,
        reason="; ".join(sorted({f"{part.function}, {part.influence}" for part in parts}))[:300],
        created_at=at,
    )
    token = links.token_for(invitation.id, invitation.generation, link_key=link_key)
    invitation.token_hash = links.token_hash(token)
    return invitation


def _assignment(wave: Wave, invitation: Invitation, part: Stakeholder, at: datetime) -> Assignment:
    return Assignment(
        programme_id=wave.programme_id,
        invitation_id=invitation.id,
        wave_id=wave.id,
        relationship_id=part.relationship_id,
        questionnaire_version_id=wave.questionnaire_version_id,
        slug=secrets.token_urlsafe(16),
        seed=secrets.randbits(31),
        side=part.side,
        function=part.function,
        influence=part.influence,
        created_at=at,
    )
