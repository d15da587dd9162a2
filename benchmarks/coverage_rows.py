"""Rows of one large open wave: 10,000 relationships, 100,000 people, half of whom have answered."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Function, Influence, Organisation, Relationship, Side
from surveyapp.models.base import Base
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder, ReminderState
from surveyapp.models.responses import SavedSection
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.items import Anonymity
from surveyapp.services import definitions, programmes

PEOPLE_EACH: Final = 10
_CHUNK: Final = 1_000
_LAUNCHED: Final = timedelta(days=13)
_REMINDED: Final = timedelta(days=6)
_LASTS: Final = timedelta(days=19)
_INFLUENCES: Final = (Influence.DECIDES, *[Influence.INFLUENCES] * 2, *[Influence.USES] * 2)


@dataclass(frozen=True, slots=True)
class World:
    """The wave that was written."""

    programme: str
    wave: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a person stands."""

    name: str
    organisation: uuid.UUID
    relationship: uuid.UUID
    lively: float


def write(
    session: Session,
    *,
    relationships: int,
    at: datetime,
    anonymity: str = "identified",
    seed: int = 1,
) -> World:
    """Write a programme with one open wave, two weeks old."""
    chance = random.Random(seed)
    programme = programmes.create(
        session, slug="large", name="Large", locale="en", data_note="", by="benchmark", at=at
    )
    bundled = catalogue.find("relationship-core")
    questionnaire = bundled.model_copy(update={"anonymity": Anonymity(anonymity)})
    version = definitions.publish(session, programme, questionnaire, by="benchmark", at=at)
    opened = at - _LAUNCHED
    wave = Wave(
        programme_id=programme.id,
        slug="autumn",
        name="Autumn",
        view=View.BUYER_ON_SUPPLIER,
        questionnaire_version_id=version.id,
        state=WaveState.OPEN,
        closes_at=opened + _LASTS,
        created_at=opened,
        launched_at=opened,
        opened_at=opened,
    )
    supplier = Organisation(
        programme_id=programme.id, reference="supplier", name="Kestrin", created_at=opened
    )
    session.add_all([wave, supplier])
    session.flush()
    session.add(
        Reminder(
            programme_id=programme.id,
            wave_id=wave.id,
            number=1,
            state=ReminderState.DONE,
            due_at=at - _REMINDED,
            by="benchmark",
            created_at=opened,
        )
    )
    session.flush()
    rows = _rows(chance, programme, wave, supplier, relationships=relationships, at=at)
    for chunk in _chunks(rows, relationships):
        for model, values in chunk.items():
            session.execute(insert(model), values)
    return World(programme.slug, wave.slug)


Rows = dict[type[Base], list[dict[str, Any]]]


def _chunks(rows: Iterator[Rows], count: int) -> Iterator[Rows]:
    """Join the rows of many relationships, so that few statements write them all."""
    joined: Rows = {}
    for number, some in enumerate(rows, start=1):
        for model, values in some.items():
            joined.setdefault(model, []).extend(values)
        if number % _CHUNK == 0 or number == count:
            yield joined
            joined = {}


def _rows(
    chance: random.Random,
    programme: Programme,
    wave: Wave,
    supplier: Organisation,
    *,
    relationships: int,
    at: datetime,
) -> Iterator[Rows]:
    opened = at - _LAUNCHED
    tenant = {"programme_id": programme.id, "created_at": opened}
    for number in range(relationships):
        buyer, relationship = uuid.uuid4(), uuid.uuid4()
        some: Rows = {
            Organisation: [
                {"id": buyer, "reference": f"c{number}", "name": f"Customer {number:05}", **tenant}
            ],
            Relationship: [
                {
                    "id": relationship,
                    "buyer_id": buyer,
                    "supplier_id": supplier.id,
                    "segment": f"Segment {number % 6}",
                    "region": f"Region {number % 12}",
                    "service_team": f"Team {number % 40}",
                    "product_line": "",
                    "annual_value": Decimal(chance.randrange(10_000, 5_000_000)),
                    "currency": "EUR" if number % 5 else "USD",
                    "renewal_on": date(2027, 1, 1) + timedelta(days=number % 365),
                    **tenant,
                }
            ],
        }
        # some relationships are silent, most are lively
        lively = chance.betavariate(1.2, 1.2)
        for person in range(PEOPLE_EACH):
            whose = _Place(f"{number}.{person}", buyer, relationship, lively)
            _person(some, chance, whose, wave, tenant, at=at)
        yield some


def _person(
    some: Rows,
    chance: random.Random,
    whose: _Place,
    wave: Wave,
    tenant: dict[str, Any],
    *,
    at: datetime,
) -> None:
    name, organisation, relationship = whose.name, whose.organisation, whose.relationship
    contact, invitation, assignment = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    opened = at - _LAUNCHED
    is_bounced = chance.random() < 0.01
    starts = not is_bounced and chance.random() < whose.lively
    started = opened + timedelta(days=min(chance.expovariate(1 / 4), 12.9)) if starts else None
    answers = started is not None and chance.random() < 0.9
    submitted = started + timedelta(minutes=10) if started and answers else None
    bounced = opened if is_bounced else None
    some.setdefault(Contact, []).append(
        {
            "id": contact,
            "organisation_id": organisation,
            "email": f"p{name}@example.com",
            "name": f"Person {name}",
            "locale": "en",
            "bounced_at": bounced,
            **tenant,
        }
    )
    some.setdefault(Invitation, []).append(
        {
            "id": invitation,
            "wave_id": wave.id,
            "contact_id": contact,
            "generation": 1,
            "token_hash": invitation.hex * 2,
            "reason": "",
            "started_at": started,
            **tenant,
        }
    )
    some.setdefault(Assignment, []).append(
        {
            "id": assignment,
            "invitation_id": invitation,
            "wave_id": wave.id,
            "relationship_id": relationship,
            "questionnaire_version_id": wave.questionnaire_version_id,
            "slug": assignment.hex[:22],
            "seed": 1,
            "side": Side.BUYER,
            "function": chance.choice(list(Function)),
            "influence": chance.choice(_INFLUENCES),
            "submitted_at": submitted,
            **tenant,
        }
    )
    some.setdefault(OutgoingMail, []).extend(
        _mail(invitation, wave, tenant, "invitation", opened, is_bounced=is_bounced)
    )
    reminded = at - _REMINDED
    if not is_bounced and (submitted is None or submitted > reminded):
        some[OutgoingMail].extend(
            _mail(invitation, wave, tenant, "reminder-1", reminded, is_bounced=False)
        )
    if started:
        for section in ("about", "working", "outlook")[: 3 if submitted else chance.randrange(3)]:
            some.setdefault(SavedSection, []).append(
                {
                    "assignment_id": assignment,
                    "section_id": section,
                    "programme_id": wave.programme_id,
                    "version": 1,
                    "saved_at": started,
                }
            )


def _mail(
    invitation: uuid.UUID,
    wave: Wave,
    tenant: dict[str, Any],
    step: str,
    at: datetime,
    *,
    is_bounced: bool,
) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid.uuid4(),
            "wave_id": wave.id,
            "invitation_id": invitation,
            "step": step,
            "state": MailState.BOUNCED if is_bounced else MailState.SENT,
            "due_at": at,
            "sent_at": None if is_bounced else at,
            **tenant,
        }
    ]
