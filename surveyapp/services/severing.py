"""Severing anonymous answers from people at the close: copied in random order, the originals deleted."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from surveyapp.errors import WaveStateError
from surveyapp.models.invitations import Assignment
from surveyapp.models.programmes import Programme
from surveyapp.models.responses import AnonymousResponse, Response
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import (
    anonymous_items,
    audit,
    contract,
    disclosure_rules,
    severed_traces,
    waves,
)
from surveyapp.services.anonymous_places import Place, Places, Seat


@dataclass(frozen=True, slots=True)
class Copy:
    """One answer, or a whole set of them, as it will be filed."""

    place: Place
    answers: dict[str, Any]
    vector: Sequence[int | None]
    plan_hash: str


def sever(session: Session, wave: Wave, *, at: datetime) -> None:
    """Copy a closed wave's anonymous answers and delete what joins them to people, all or nothing.

    Done already, it stays as it is: it can be run again after a crash.

    Raises
    ------
    WaveStateError
        The wave still takes answers.
    """
    waves.hold(session, wave)
    questionnaire = from_canonical_json(wave.questionnaire_version.canonical_json)
    if wave.severed_at is not None or not contract.has_anonymous_part(questionnaire):
        return
    if wave.closed_at is None:
        raise WaveStateError(f"Wave {wave.slug} is {wave.state}: its answers are still people's.")
    programme = session.get_one(Programme, wave.programme_id)
    minimum = disclosure_rules.of_programme(programme, Anonymity.ANONYMOUS).people
    if questionnaire.anonymity is Anonymity.ANONYMOUS:
        minimum = max(minimum, disclosure_rules.people(wave))
        places = Places.among(seats(session, wave), minimum=minimum)
        found, lost = _whole(session, wave, places)
        wave.turnout = severed_traces.turnout(session, wave, places)
        severed_traces.delete_all(session, wave)
    else:
        taken = anonymous_items.take(session, wave, questionnaire, minimum=minimum)
        found = [Copy(each.place, each.answers, [], "") for each in taken.kept]
        lost = taken.lost
        wave.turnout = {}
        severed_traces.delete_items(session, wave, taken)
    _write(session, wave, found)
    wave.severed_at = at
    session.flush()
    audit.record(
        session,
        programme,
        "wave.severed",
        subject=f"wave:{wave.slug}",
        by="system",
        at=at,
        answers=len(found),
        too_few=lost,
    )


def seats(session: Session, wave: Wave) -> Iterable[Seat]:
    """Return everybody who was asked, once for each relationship."""
    rows = session.execute(
        select(Assignment.invitation_id, Assignment.relationship_id, Assignment.function).where(
            Assignment.wave_id == wave.id
        )
    )
    return (Seat(person, relationship, function) for person, relationship, function in rows)


def _whole(session: Session, wave: Wave, places: Places) -> tuple[list[Copy], int]:
    """Return what was sent, each person's last revision; and how many can be filed nowhere."""
    found, lost = [], 0
    for row in _last_revisions(session, wave):
        place = places.of(Seat(row.invitation_id, row.relationship_id, row.function))
        if place is None:
            lost += 1
            continue
        found.append(Copy(place, json.loads(row.answers_json), row.vector, row.plan_hash))
    return found, lost


def _last_revisions(session: Session, wave: Wave) -> Iterable[Any]:
    last = (
        select(Response.assignment_id, func.max(Response.revision).label("revision"))
        .group_by(Response.assignment_id)
        .subquery()
    )
    return session.execute(
        select(
            Assignment.invitation_id,
            Assignment.relationship_id,
            Assignment.function,
            Response.answers_json,
            Response.vector,
            Response.plan_hash,
        )
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(
            last,
            (last.c.assignment_id == Response.assignment_id)
            & (last.c.revision == Response.revision),
        )
        .where(Assignment.wave_id == wave.id)
    )


def _write(session: Session, wave: Wave, found: Sequence[Copy]) -> None:
    """File the copies in the order of ids made by chance: neither says where an answer came from."""
    by_chance = sorted(((uuid.uuid4(), each) for each in found), key=lambda pair: pair[0])
    rows = [
        {
            "id": key,
            "programme_id": wave.programme_id,
            "wave_id": wave.id,
            "relationship_id": each.place.relationship_id,
            "function": each.place.function,
            "answers_json": _canonical(each.answers),
            "vector": list(each.vector),
            "plan_hash": each.plan_hash,
        }
        for key, each in by_chance
    ]
    if rows:
        session.execute(insert(AnonymousResponse), rows)


def _canonical(answers: dict[str, Any]) -> str:
    return json.dumps(answers, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
