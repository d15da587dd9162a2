"""A programme as large as the bars ask for: 10,000 relationships, 100,000 contacts, by bulk inserts."""

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from benchmarks import bulk
from surveyapp.models.accounts import (
    Contact,
    Function,
    Influence,
    Organisation,
    Raci,
    Relationship,
    Side,
    Stakeholder,
)
from surveyapp.models.people import Membership, Role, User
from surveyapp.models.programmes import Programme
from surveyapp.services import programmes

RELATIONSHIPS: Final = 10_000
CONTACTS: Final = 100_000
_SUPPLIERS: Final = 40
_MANAGERS: Final = 25
_AT_SUPPLIERS: Final = 0.05
"""Of all contacts; each of them has a part in several relationships."""
_COMPANIES: Final = ("Aldermere", "Larkmead", "Stavely", "Thornwick", "Østergård", "青山", "Brandt")
_TRADES: Final = ("Foods", "Health", "Marine", "Dental", "Hotels", "Werkzeugbau", "Logistics")
_FIRST: Final = ("Tomas", "Dana", "Maren", "Ivo", "Émile", "Ǻsa", "美咲", "Priya", "Łukasz", "Jo")
_LAST: Final = ("Vey", "Roth", "Holt", "Brandt", "O'Neill", "van der Berg", "田中", "Ng", "Öz")


@dataclass(frozen=True, slots=True)
class Made:
    """What was written, for those who write more beside it."""

    programme: Programme
    relationships: Sequence[uuid.UUID]
    contacts: Sequence[uuid.UUID]
    managers: Sequence[User]


def fill(
    session: Session,
    *,
    at: datetime,
    slug: str = "large",
    relationships: int = RELATIONSHIPS,
    contacts: int = CONTACTS,
    seed: int = 1,
) -> Made:
    """Write a programme with members, organisations, relationships, contacts and stakeholders."""
    chance = random.Random(seed)
    programme = programmes.create(
        session, slug=slug, name="Large", locale="en", data_note="Simulated", by="benchmark", at=at
    )
    programme.expected_functions = {
        Side.BUYER: [Function.PROCUREMENT, Function.FINANCE, Function.EXECUTIVE_SPONSOR],
        Side.SUPPLIER: [Function.SALES],
    }
    managers = _managers(session, programme, slug, at)
    tenant = {"programme_id": programme.id, "created_at": at}
    buyers = [uuid.uuid4() for _ in range(relationships * 9 // 10)]
    suppliers = [uuid.uuid4() for _ in range(min(_SUPPLIERS, relationships))]
    names = [f"{chance.choice(_COMPANIES)} {chance.choice(_TRADES)}" for _ in buyers]
    bulk.write(
        session,
        Organisation,
        (
            {
                "id": each,
                "reference": f"{slug}-c{n}",
                "name": f"{name} {n}",
                "country": "",
                **tenant,
            }
            for n, (each, name) in enumerate(zip(buyers, names, strict=True))
        ),
    )
    bulk.write(
        session,
        Organisation,
        (
            {
                "id": each,
                "reference": f"{slug}-s{n}",
                "name": f"Kestrin {n}",
                "country": "",
                **tenant,
            }
            for n, each in enumerate(suppliers)
        ),
    )
    ends = _ends(chance, buyers, suppliers, relationships)
    bulk.write(session, Relationship, _relationships(chance, ends, managers, tenant))
    people = _people(buyers, suppliers, contacts)
    bulk.write(session, Contact, _contacts(chance, people, slug, tenant))
    bulk.write(session, Stakeholder, _parts(chance, ends, people, tenant))
    return Made(programme, [end[0] for end in ends], [each[0] for each in people], managers)


End = tuple[uuid.UUID, uuid.UUID, uuid.UUID]
"""A relationship with its buyer and its supplier."""
Person = tuple[uuid.UUID, uuid.UUID]
"""A contact with its organisation."""


def _managers(session: Session, programme: Programme, slug: str, at: datetime) -> list[User]:
    users = [
        User(email=f"manager{n}@{slug}.example", name=f"Manager {n:02}", created_at=at)
        for n in range(_MANAGERS)
    ]
    session.add_all(users)
    session.flush()
    session.add_all(
        Membership(
            programme_id=programme.id,
            user_id=user.id,
            role=Role.RELATIONSHIP_MANAGER,
            created_at=at,
        )
        for user in users
    )
    session.flush()
    return users


def _ends(
    chance: random.Random, buyers: list[uuid.UUID], suppliers: list[uuid.UUID], count: int
) -> list[End]:
    """Give every buyer a supplier, and some of them several."""
    of_buyer: dict[uuid.UUID, set[uuid.UUID]] = {}
    found = []
    for number in range(count):
        buyer = buyers[number] if number < len(buyers) else chance.choice(buyers)
        taken = of_buyer.setdefault(buyer, set())
        supplier = chance.choice([each for each in suppliers if each not in taken])
        taken.add(supplier)
        found.append((uuid.uuid4(), buyer, supplier))
    return found


def _relationships(
    chance: random.Random, ends: list[End], managers: list[User], tenant: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for number, (relationship, buyer, supplier) in enumerate(ends):
        has_value = number % 20 > 0
        yield {
            "id": relationship,
            "buyer_id": buyer,
            "supplier_id": supplier,
            "segment": f"Segment {number % 6}",
            "region": f"Region {number % 12}",
            "service_team": f"Team {number % 40}",
            "product_line": f"Line {number % 8}",
            "annual_value": Decimal(chance.randrange(10_000, 5_000_000)) if has_value else None,
            "currency": ("EUR" if number % 5 else "USD") if has_value else "",
            "renewal_on": date(2027, 1, 1) + timedelta(days=number % 365) if number % 9 else None,
            "manager_id": managers[number % len(managers)].id if number % 10 else None,
            **tenant,
        }


def _people(buyers: list[uuid.UUID], suppliers: list[uuid.UUID], count: int) -> list[Person]:
    at_suppliers = int(count * _AT_SUPPLIERS)
    return [
        (
            uuid.uuid4(),
            suppliers[n % len(suppliers)] if n < at_suppliers else buyers[n % len(buyers)],
        )
        for n in range(count)
    ]


def _contacts(
    chance: random.Random, people: list[Person], slug: str, tenant: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    at = tenant["created_at"]
    for number, (contact, organisation) in enumerate(people):
        is_bounced = number % 83 == 0
        yield {
            "id": contact,
            "organisation_id": organisation,
            "email": f"p{number}@{slug}.example",
            "name": f"{chance.choice(_FIRST)} {chance.choice(_LAST)} {number}",
            "locale": "de" if number % 3 else "en",
            "opted_out_at": at if number % 97 == 0 else None,
            "bounced_at": at if is_bounced else None,
            "bounce": "550 5.1.1 no such mailbox" if is_bounced else "",
            **tenant,
        }


def _parts(
    chance: random.Random, ends: list[End], people: list[Person], tenant: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Give everybody at a buyer a part in each of its relationships; two of the supplier beside them."""
    staff: dict[uuid.UUID, list[uuid.UUID]] = {}
    for contact, organisation in people:
        staff.setdefault(organisation, []).append(contact)
    for relationship, buyer, supplier in ends:
        sellers = staff.get(supplier, [])
        sides = (
            (Side.BUYER, staff.get(buyer, [])),
            (Side.SUPPLIER, chance.sample(sellers, min(2, len(sellers)))),
        )
        for side, contacts in sides:
            for contact in contacts:
                yield {
                    "id": uuid.uuid4(),
                    "contact_id": contact,
                    "relationship_id": relationship,
                    "side": side,
                    "function": chance.choice(list(Function)),
                    "influence": chance.choice([Influence.DECIDES, *Influence, Influence.USES]),
                    "raci": chance.choice([None, *Raci]),
                    "from_on": None,
                    "until_on": date(2020, 1, 1) if chance.random() < 0.02 else None,
                    **tenant,
                }
