"""A closed wave as large as the bars ask for, with answers, by bulk inserts."""

import json
import random
import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from benchmarks import bulk
from surveyapp.models.accounts import Contact, Function, Influence, Organisation, Relationship, Side
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.keys import ordered_key
from surveyapp.models.responses import Response
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.encoding import ScoringPlan, respondent_vector
from surveyapp.services import definitions, plans, programmes

_QUESTIONNAIRE: Final = "relationship-core"
_ITEMS: Final = 20
"""Scored questions each person answers."""


def fill(
    session: Session, *, relationships: int, responses: int, at: datetime, seed: int = 1
) -> Wave:
    """Write a closed buyers' wave of ``relationships`` with ``responses`` sent back."""
    chance = random.Random(seed)
    programme = programmes.create(
        session, slug="scored", name="Scored", locale="en", data_note="", by="benchmark", at=at
    )
    tenant = {"programme_id": programme.id, "created_at": at}
    ends = [(uuid.uuid4(), uuid.uuid4()) for _ in range(relationships)]
    supplier = uuid.uuid4()
    bulk.write(session, Organisation, _organisations(ends, supplier, tenant))
    bulk.write(session, Relationship, _relationships(ends, supplier, tenant))
    definition = catalogue.find(_QUESTIONNAIRE)
    version = definitions.publish(session, programme, definition, by="benchmark", at=at)
    wave = Wave(
        id=uuid.uuid4(),
        programme_id=programme.id,
        slug="wave",
        name="Wave",
        view=View.BUYER_ON_SUPPLIER,
        questionnaire_version_id=version.id,
        state=WaveState.CLOSED,
        closes_at=at + timedelta(days=20),
        created_at=at,
        launched_at=at,
        opened_at=at,
        closed_at=at + timedelta(days=20),
    )
    session.add(wave)
    session.flush()
    plan = plans.plan_of(definition)
    if plan is None:
        raise ValueError(f"{_QUESTIONNAIRE} has no scoring.")
    people = [
        # everybody is asked about something, and every relationship has somebody
        (number % relationships if number < relationships else chance.randrange(relationships))
        for number in range(responses)
    ]
    # a launch gives its rows keys in the order of time; answers come in any order
    asked = [(where, uuid.uuid4(), ordered_key(at), ordered_key(at)) for where in people]
    bulk.write(session, Contact, _contacts(asked, ends, tenant))
    bulk.write(session, Invitation, _invitations(asked, wave, tenant))
    bulk.write(session, Assignment, _assignments(chance, asked, ends, wave))
    chance.shuffle(asked)
    bulk.write(session, Response, _responses(chance, asked, plan, tenant))
    return wave


_People = list[tuple[int, uuid.UUID, uuid.UUID, uuid.UUID]]
"""Number of the relationship, contact, invitation and assignment."""
_Ends = list[tuple[uuid.UUID, uuid.UUID]]
"""Relationship and buyer."""
_Rows = Iterator[dict[str, Any]]


def _organisations(ends: _Ends, supplier: uuid.UUID, tenant: dict[str, Any]) -> _Rows:
    plain = {"country": "", **tenant}
    yield {"id": supplier, "reference": "s", "name": "Kestrin", **plain}
    for number, (_, buyer) in enumerate(ends):
        yield {"id": buyer, "reference": f"b{number}", "name": f"Buyer {number}", **plain}


def _relationships(ends: _Ends, supplier: uuid.UUID, tenant: dict[str, Any]) -> _Rows:
    for relationship, buyer in ends:
        yield {"id": relationship, "buyer_id": buyer, "supplier_id": supplier, **tenant}


def _contacts(people: _People, ends: _Ends, tenant: dict[str, Any]) -> _Rows:
    for number, (where, contact, _, _) in enumerate(people):
        yield {
            "id": contact,
            "organisation_id": ends[where][1],
            "email": f"p{number}@scored.example",
            "name": f"Person {number}",
            "locale": "en",
            **tenant,
        }


def _invitations(people: _People, wave: Wave, tenant: dict[str, Any]) -> _Rows:
    for _, contact, invitation, _ in people:
        yield {
            "id": invitation,
            "wave_id": wave.id,
            "contact_id": contact,
            "generation": 1,
            "token_hash": secrets.token_hex(32),
            "reason": "benchmark",
            **tenant,
        }


def _assignments(chance: random.Random, people: _People, ends: _Ends, wave: Wave) -> _Rows:
    functions = list(Function)[:4]
    for where, _, invitation, assignment in people:
        yield {
            "id": assignment,
            "invitation_id": invitation,
            "wave_id": wave.id,
            "relationship_id": ends[where][0],
            "questionnaire_version_id": wave.questionnaire_version_id,
            "slug": secrets.token_urlsafe(16),
            "seed": 1,
            "side": Side.BUYER,
            "function": chance.choice(functions),
            "influence": chance.choice(list(Influence)),
            "submitted_at": wave.opened_at,
            "programme_id": wave.programme_id,
            "created_at": wave.created_at,
        }


def _responses(
    chance: random.Random, people: _People, plan: ScoringPlan, tenant: dict[str, Any]
) -> _Rows:
    level: dict[int, float] = {}
    rated = [item for each in plan.dimensions for item in each.items if not item.points][:_ITEMS]
    plan_hash = plan.hash()
    # a thousand answer sheets a level are enough: making a vector in fractions takes longest
    known: dict[tuple[int, ...], list[int | None]] = {}
    for where, _, _, assignment in people:
        own = round(chance.gauss(level.setdefault(where, chance.gauss(4.8, 0.8)), 1.0))
        pattern = tuple(
            min(7, max(1, own + (number * 7 + own) % 3 - 1)) for number in range(_ITEMS)
        )
        answers = {
            item.id: 8 - point if item.reverse else point
            for item, point in zip(rated, pattern, strict=False)
        }
        if pattern not in known:
            known[pattern] = list(respondent_vector(plan, answers))
        yield {
            "id": uuid.uuid4(),
            "programme_id": tenant["programme_id"],
            "assignment_id": assignment,
            "revision": 1,
            "answers_json": json.dumps(answers),
            "vector": known[pattern],
            "plan_hash": plan_hash,
            "submitted_at": tenant["created_at"],
        }
