"""The rows of a launch: invitations, assignments and mails of those asked, omissions of the others."""

import secrets
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Side, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.keys import ordered_key
from surveyapp.models.mail import OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.services import links, mail, wave_jobs, wave_lists, wave_names
from surveyapp.services.wave_names import Naming

Part = Row[uuid.UUID, uuid.UUID, Side, Function, Influence]
"""``contact_id``, ``relationship_id``, ``side``, ``function`` and ``influence``."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What stays the same from chunk to chunk; to put the conditions together costs time too."""

    wave: Wave
    launched_at: datetime
    link_key: bytes
    naming: Naming
    is_to_be_written: ColumnElement[bool]
    omission: ColumnElement[Any]
    names: dict[uuid.UUID, str] = field(default_factory=dict)
    """Of the relationships met so far."""


def prepare(session: Session, wave: Wave, *, link_key: bytes) -> Launch:
    """Put together what every chunk of a launching wave needs."""
    at = wave.launched_at or wave.created_at
    return Launch(
        wave=wave,
        launched_at=at,
        link_key=link_key,
        naming=Naming.of(session, wave.programme_id),
        is_to_be_written=and_(*_is_to_be_written(wave)),
        omission=wave_lists.omission_of(wave, launched_at=at, at=at),
    )


def _is_to_be_written(wave: Wave) -> list[ColumnElement[bool]]:
    part = select(Stakeholder.id).where(
        Stakeholder.contact_id == Contact.id, wave_lists.is_on_list_of_one(wave)
    )
    rows = [
        select(row.id).where(row.wave_id == wave.id, row.contact_id == Contact.id)
        for row in (Invitation, Omission)
    ]
    return [
        wave_lists.is_found(part.correlate(Contact)),
        *(~wave_lists.is_found(row.correlate(Contact)) for row in rows),
    ]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the rows of one chunk are made with."""

    launch: Launch
    at: datetime

    @property
    def wave(self) -> Wave:
        """Whose rows they are."""
        return self.launch.wave

    def belongs(self) -> dict[str, Any]:
        """Begin a row of the wave."""
        return {
            "id": ordered_key(self.at),
            "programme_id": self.wave.programme_id,
            "wave_id": self.wave.id,
            "created_at": self.at,
        }


def write(session: Session, chunk: Chunk, ids: Sequence[uuid.UUID]) -> int:
    """Write the rows of those among ``ids`` whom the rule still names; return how many."""
    wave = chunk.wave
    people = session.execute(
        select(Contact.id, Contact.bounce, chunk.launch.omission.label("omission")).where(
            Contact.id.in_(ids), chunk.launch.is_to_be_written
        )
    ).all()
    asked = [person.id for person in people if person.omission is None]
    parts = _parts(session, wave, asked)
    _learn_names(session, chunk.launch, parts)
    invitations = [_invitation(chunk, each, parts[each]) for each in asked]
    _insert(session, Invitation, invitations)
    _insert(
        session,
        Assignment,
        [
            _assignment(chunk, invitation["id"], part)
            for invitation in invitations
            for part in parts[invitation["contact_id"]]
        ],
    )
    _insert(
        session,
        OutgoingMail,
        [
            mail.row(
                invitation["id"],
                programme_id=wave.programme_id,
                wave_id=wave.id,
                step=wave_jobs.INVITATION,
                at=chunk.at,
            )
            for invitation in invitations
        ],
    )
    left_off = [person for person in people if person.omission is not None]
    asked_in = _asked_in(session, chunk, left_off)
    _insert(session, Omission, [_omission(chunk, person, asked_in) for person in left_off])
    return len(people)


def _parts(
    session: Session, wave: Wave, contacts: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, list[Part]]:
    parts: dict[uuid.UUID, list[Part]] = defaultdict(list)
    for part in session.execute(
        select(
            Stakeholder.contact_id,
            Stakeholder.relationship_id,
            Stakeholder.side,
            Stakeholder.function,
            Stakeholder.influence,
        ).where(Stakeholder.contact_id.in_(contacts), wave_lists.is_on_list_of_one(wave))
    ):
        parts[part.contact_id].append(part)
    return parts


def _learn_names(session: Session, launch: Launch, parts: Mapping[uuid.UUID, list[Part]]) -> None:
    """Look up what the relationships are called that no chunk before has met."""
    met = {part.relationship_id for theirs in parts.values() for part in theirs}
    for relationship in session.scalars(
        select(Relationship)
        .where(Relationship.id.in_(met - launch.names.keys()))
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    ):
        launch.names[relationship.id] = launch.naming.name(relationship)


def _invitation(chunk: Chunk, contact: uuid.UUID, parts: Sequence[Part]) -> dict[str, Any]:
    row = chunk.belongs()
    token = links.token_for(row["id"], 1, link_key=chunk.launch.link_key)
    return {
        **row,
        "contact_id": contact,
        "generation": 1,
        "token_hash": links.token_hash(token),
        "reason": wave_names.reason(parts, chunk.launch.names),
    }


def _assignment(chunk: Chunk, invitation: uuid.UUID, part: Part) -> dict[str, Any]:
    return {
        **chunk.belongs(),
        "invitation_id": invitation,
        "relationship_id": part.relationship_id,
        "questionnaire_version_id": chunk.wave.questionnaire_version_id,
        "slug": secrets.token_urlsafe(16),
        "seed": secrets.randbits(31),
        "side": part.side,
        "function": part.function,
        "influence": part.influence,
    }


def _omission(chunk: Chunk, person: Row[Any], asked_in: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    details = {
        OmissionReason.OPTED_OUT: "",
        OmissionReason.BOUNCED: person.bounce,
        OmissionReason.ASKED_LATELY: asked_in.get(person.id, ""),
    }
    return {
        **chunk.belongs(),
        "contact_id": person.id,
        "reason": person.omission,
        "details": details[person.omission],
    }


def _asked_in(session: Session, chunk: Chunk, people: Sequence[Row[Any]]) -> dict[uuid.UUID, str]:
    """Say for each who was asked lately in which wave and when: the last of them."""
    lately = [each.id for each in people if each.omission == OmissionReason.ASKED_LATELY]
    if not lately:
        return {}
    counts = wave_lists.counts_as_asked(
        Wave, chunk.wave, launched_at=chunk.launch.launched_at, at=chunk.launch.launched_at
    )
    found = session.execute(
        select(Invitation.contact_id, Wave.name, Wave.launched_at)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.contact_id.in_(lately), counts)
        .order_by(Wave.launched_at)
    )
    return {
        contact: f"Asked in {name[:200]} on {on.day} {on:%B %Y}."
        for contact, name, on in found
        if on
    }


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Write rows past the object layer, which would cost as much as the database."""
    if rows:
        session.connection().execute(insert(model), rows)
