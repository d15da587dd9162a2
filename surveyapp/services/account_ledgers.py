"""What is stored of a programme's accounts, and beside it what an import would add or change."""

import uuid
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Organisation, Relationship, Stakeholder
from surveyapp.models.base import Base
from surveyapp.models.people import Membership, User
from surveyapp.models.programmes import Programme
from surveyapp.services.account_cells import Value

Key = TypeVar("Key", bound=Hashable)
Stored = Value | uuid.UUID


class Fate(StrEnum):
    """What an import does to a row."""

    UNTOUCHED = "untouched"
    """Stored, and in none of the files: it stays as it is."""
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    NEW = "new"


@dataclass(slots=True)
class Entry:
    """One row as it would be after the import."""

    id: uuid.UUID
    values: dict[str, Stored]
    fate: Fate
    before: Mapping[str, Stored] = field(default_factory=dict)
    """The values that the import replaces; empty for a new row."""


class Ledger(dict[Key, Entry]):
    """All rows of one kind by the key an import finds them again by."""

    def __init__(self, model: type[Base], **defaults: Stored) -> None:
        super().__init__()
        self.model = model
        self.defaults = defaults
        """Values of a new row that the file says nothing about."""

    def put(self, key: Key, given: Mapping[str, Stored]) -> Entry:
        """Enter what a file says. A column the file does not have keeps its stored value."""
        entry = self.get(key)
        if entry is None:
            entry = Entry(uuid.uuid4(), {**self.defaults, **given}, Fate.NEW)
            self[key] = entry
        elif entry.fate in {Fate.UNTOUCHED, Fate.UNCHANGED}:
            after = {**entry.values, **given}
            entry.before = {
                name: value for name, value in entry.values.items() if value != after[name]
            }
            entry.fate = Fate.CHANGED if entry.before else Fate.UNCHANGED
            entry.values = after
        return entry

    def count(self, fate: Fate) -> int:
        """How many rows the import treats so."""
        return sum(entry.fate == fate for entry in self.values())


Relation = tuple[uuid.UUID, uuid.UUID, str, str, str]
"""Buyer, supplier, product line, service team, region."""
Part = tuple[uuid.UUID, uuid.UUID, str]
"""Relationship, contact, side."""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The four kinds."""

    organisations: Ledger[str]
    relationships: Ledger[Relation]
    contacts: Ledger[str]
    stakeholders: Ledger[Part]
    members: Mapping[str, uuid.UUID]
    """Users of the programme by address: who may be a relationship's manager."""


def load(session: Session, programme: Programme) -> Ledgers:
    """Read what is stored: five queries, however many rows the files have."""
    ledgers = Ledgers(
        organisations=Ledger(Organisation, name="", country=""),
        relationships=Ledger(
            Relationship,
            segment="",
            annual_value=None,
            currency="",
            renewal_on=None,
            manager_id=None,
        ),
        contacts=Ledger(Contact, name="", organisation_id=None, locale=programme.locale),
        stakeholders=Ledger(Stakeholder, raci=None, from_on=None, until_on=None),
        members=_members(session, programme),
    )
    for row in session.execute(_of(Organisation, programme, "reference", "name", "country")):
        ledgers.organisations[row.reference] = _entry(row)
    relation = ("buyer_id", "supplier_id", "product_line", "service_team", "region")
    facts = ("segment", "annual_value", "currency", "renewal_on", "manager_id")
    for row in session.execute(_of(Relationship, programme, *relation, *facts)):
        key = (row.buyer_id, row.supplier_id, row.product_line, row.service_team, row.region)
        ledgers.relationships[key] = _entry(row)
    for row in session.execute(
        _of(Contact, programme, "email", "name", "organisation_id", "locale")
    ):
        ledgers.contacts[row.email.lower()] = _entry(row)
    part = ("relationship_id", "contact_id", "side")
    duty = ("function", "influence", "raci", "from_on", "until_on")
    for row in session.execute(_of(Stakeholder, programme, *part, *duty)):
        ledgers.stakeholders[row.relationship_id, row.contact_id, row.side] = _entry(row)
    return ledgers


def _members(session: Session, programme: Programme) -> dict[str, uuid.UUID]:
    named = (
        select(User.email, User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.programme_id == programme.id)
    )
    return {row.email: row.id for row in session.execute(named)}


def _of(model: type[Base], programme: Programme, *columns: str) -> Select[*tuple[Stored, ...]]:
    table = model.__table__.c
    return select(table.id, *(table[column] for column in columns)).where(
        table.programme_id == programme.id
    )


def _entry(row: Row[*tuple[Stored, ...]]) -> Entry:
    values = dict(row._mapping)  # noqa: SLF001 public in SQLAlchemy, underscored to spare column names
    return Entry(values.pop("id"), values, Fate.UNTOUCHED)
