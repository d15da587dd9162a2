"""Writing the frozen list of a launching wave: invitations and omissions, chunk by chunk."""

import secrets
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, insert, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Side, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation, Omission, OmissionReason
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import audit, links, mail, wave_jobs, wave_lists, wave_names, waves
from surveyapp.services.wave_names import Naming

Part = Row[uuid.UUID, uuid.UUID, Side, Function, Influence]
"""``contact_id``, ``relationship_id``, ``side``, ``function`` and ``influence``."""
CHUNK: Final = 250
"""People written per transaction: under 100 ms, so respondents are not held up."""
_REST: Final = 0.5
"""Of the time of a chunk, for others to write: SQLite has no queue, whoever waits tries now and then."""


def invite_all(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    wave_id: uuid.UUID,
    *,
    link_key: bytes,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> int:
    """Write a launching wave's whole list, then open it; can be run again after a crash.

    Rule and day are frozen; a person is taken as their chunk finds them. Parts recorded after the
    launch are not on the list, those changed meanwhile get a last look before the wave opens.
    Returns the number of people invited.
    """
    with reading() as session:
        wave = waves.load(session, wave_id)
        if wave.state != WaveState.LAUNCHING:
            return _invited(session, wave)
        launch = _Launch(Naming.of(session, wave.programme_id), link_key)
        done = _written(session, wave)
        total = session.scalar(select(func.count(Contact.id)).where(wave_lists.is_named(wave))) or 0
    after: uuid.UUID | None = None
    while True:
        with reading() as session:
            ids = session.scalars(_next(wave, after)).all()
        if not ids and after is not None:
            after = None  # the last look
            continue
        started = time.monotonic()
        with transaction() as session:
            wave = waves.load(session, wave_id)
            waves.hold(session, wave)
            if wave.state != WaveState.LAUNCHING:
                return _invited(session, wave)
            if not ids:
                return _open(session, wave, at=now())
            # chunks of two waves take turns, so that the guard of one sees whom the other asks
            audit.take_turn(session, wave.programme_id)
            done += _write(session, _Chunk(launch, wave, now()), ids)
            after = ids[-1]
        progress(done, max(done, total))
        time.sleep((time.monotonic() - started) * _REST)


def _next(wave: Wave, after: uuid.UUID | None) -> Select[uuid.UUID]:
    """Select the next people the rule names who are neither invited nor left off yet."""
    query = (
        select(Contact.id)
        .where(Contact.programme_id == wave.programme_id, *_is_to_be_written(wave))
        .order_by(Contact.id)
        .limit(CHUNK)
    )
    return query if after is None else query.where(Contact.id > after)


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
class _Launch:
    """What stays the same from chunk to chunk."""

    naming: Naming
    link_key: bytes
    names: dict[uuid.UUID, str] = field(default_factory=dict)
    """Of the relationships met so far."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What the rows of one chunk are made with."""

    launch: _Launch
    wave: Wave
    at: datetime

    @property
    def launched_at(self) -> datetime:
        return self.wave.launched_at or self.at

    def belongs(self) -> dict[str, Any]:
        """Begin a row of the wave."""
        return {
            "id": uuid.uuid4(),
            "programme_id": self.wave.programme_id,
            "wave_id": self.wave.id,
            "created_at": self.at,
        }


def _write(session: Session, chunk: _Chunk, ids: Sequence[uuid.UUID]) -> int:
    """Write the rows of those among ``ids`` whom the rule still names; return how many."""
    wave = chunk.wave
    omission = wave_lists.omission_of(wave, launched_at=chunk.launched_at, at=chunk.at)
    people = session.execute(
        select(Contact.id, Contact.bounce, omission.label("omission")).where(
            Contact.id.in_(ids), *_is_to_be_written(wave)
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
    mail.queue_many(
        session, [each["id"] for each in invitations], step=wave_jobs.INVITATION, at=chunk.at
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


def _learn_names(session: Session, launch: _Launch, parts: Mapping[uuid.UUID, list[Part]]) -> None:
    """Look up what the relationships are called that no chunk before has met."""
    met = {part.relationship_id for theirs in parts.values() for part in theirs}
    for relationship in session.scalars(
        select(Relationship)
        .where(Relationship.id.in_(met - launch.names.keys()))
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    ):
        launch.names[relationship.id] = launch.naming.name(relationship)


def _invitation(chunk: _Chunk, contact: uuid.UUID, parts: Sequence[Part]) -> dict[str, Any]:
    row = chunk.belongs()
    token = links.token_for(row["id"], 1, link_key=chunk.launch.link_key)
    return {
        **row,
        "contact_id": contact,
        "generation": 1,
        "token_hash": links.token_hash(token),
        "reason": wave_names.reason(parts, chunk.launch.names),
    }


def _assignment(chunk: _Chunk, invitation: uuid.UUID, part: Part) -> dict[str, Any]:
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


def _omission(chunk: _Chunk, person: Row[Any], asked_in: Mapping[uuid.UUID, str]) -> dict[str, Any]:
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


def _asked_in(session: Session, chunk: _Chunk, people: Sequence[Row[Any]]) -> dict[uuid.UUID, str]:
    """Say for each who was asked lately in which wave and when: the last of them."""
    lately = [each.id for each in people if each.omission == OmissionReason.ASKED_LATELY]
    if not lately:
        return {}
    counts = wave_lists.counts_as_asked(
        Wave, chunk.wave, launched_at=chunk.launched_at, at=chunk.at
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


def _open(session: Session, wave: Wave, *, at: datetime) -> int:
    wave.open(at=at)
    session.flush()
    invited = _invited(session, wave)
    audit.record(
        session,
        wave.programme,
        "wave.opened",
        subject=f"wave:{wave.slug}",
        by="system",
        at=at,
        invitations=invited,
    )
    mail.request_sending(session, wave.id, programme=wave.programme, at=at)
    return invited


def _invited(session: Session, wave: Wave) -> int:
    return session.scalar(select(func.count()).where(Invitation.wave_id == wave.id)) or 0


def _written(session: Session, wave: Wave) -> int:
    left_off = session.scalar(select(func.count()).where(Omission.wave_id == wave.id)) or 0
    return _invited(session, wave) + left_off
