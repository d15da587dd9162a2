"""Anonymous items of a questionnaire that keeps names otherwise: each answer is filed by itself."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import Response
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Item, Questionnaire
from surveyapp.questionnaires.values import item_of
from surveyapp.services import contract, facts
from surveyapp.services.anonymous_places import Place, Places, Seat


@dataclass(frozen=True, slots=True)
class Filed:
    """The answer to one item, with the words that belong to it."""

    place: Place
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken out of a wave's responses."""

    kept: Sequence[Filed]
    lost: int
    """Answers that so few could have given that they would name them wherever they were filed."""
    answer_ids: frozenset[str]
    """Of the anonymous items and their rows, as the author wrote them."""
    rest: dict[uuid.UUID, str]
    """What stays of every response, also of those that held no such answer."""


@dataclass(frozen=True, slots=True)
class _Sent:
    seat: Seat
    answers: dict[str, Any]
    shown: frozenset[str]
    """Anonymous items that were on this person's path."""


def take(session: Session, wave: Wave, questionnaire: Questionnaire, *, minimum: int) -> Taken:
    """Collect the anonymous answers of a wave and say where each may be filed.

    Who could have given an answer is who was shown the item: names stand beside the answers on which
    that depends. So many must be ``minimum`` at least, in the relationship or else in the wave.
    """
    items = contract.anonymous_items(questionnaire)
    answer_ids = frozenset(each for item in items for each in item.own_ids)
    rows = _responses(session, wave)
    last = {row.assignment_id: row for row in rows}
    sent = [_sent(session, row, questionnaire, items) for row in last.values()]
    kept: list[Filed] = []
    lost = 0
    for item in items:
        there = [each for each in sent if item.id in each.shown]
        places = Places.among((each.seat for each in there), minimum=minimum)
        for each in there:
            own = {key: value for key, value in each.answers.items() if _is_of(key, item)}
            place = places.of(each.seat)
            if own and place is not None:
                kept.append(Filed(place, own))
            lost += bool(own) and place is None
    return Taken(kept, lost, answer_ids, {row.id: _without(row, answer_ids) for row in rows})


def _responses(session: Session, wave: Wave) -> Sequence[Response]:
    """Return every revision, the later ones last."""
    return session.scalars(
        select(Response)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(Assignment.wave_id == wave.id)
        .options(joinedload(Response.assignment).joinedload(Assignment.relationship))
        .order_by(Response.assignment_id, Response.revision)
    ).all()


def _sent(
    session: Session, row: Response, questionnaire: Questionnaire, items: Iterable[Item]
) -> _Sent:
    assignment = row.assignment
    seat = Seat(assignment.invitation_id, assignment.relationship_id, assignment.function)
    answers = json.loads(row.answers_json)
    sources = facts.asked(
        session, questionnaire, assignment, assignment.relationship, at=row.submitted_at
    )
    on_path = {
        item_of(item.id)
        for page in rules.path(questionnaire, answers, sources).pages
        for item in page.items
    }
    return _Sent(seat, answers, frozenset(item.id for item in items if item.id in on_path))


def _is_of(answer_id: str, item: Item) -> bool:
    return item_of(answer_id) in item.own_ids


def _without(row: Response, answer_ids: frozenset[str]) -> str:
    rest = {
        key: value
        for key, value in json.loads(row.answers_json).items()
        if item_of(key) not in answer_ids
    }
    return json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
