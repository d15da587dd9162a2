"""Organisations, relationships between two of them, their people and the part each plays."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.base import Base, Key, Name, enum_by_value
from surveyapp.models.programmes import Programme


class Side(StrEnum):
    """Which end of a relationship somebody stands at."""

    BUYER = "buyer"
    SUPPLIER = "supplier"


class Function(StrEnum):
    """What somebody works in."""

    PROCUREMENT = "procurement"
    IT = "it"
    SECURITY = "security"
    LEGAL = "legal"
    FINANCE = "finance"
    OPERATIONS = "operations"
    SALES = "sales"
    EXECUTIVE_SPONSOR = "executive sponsor"
    USER = "user"


class Influence(StrEnum):
    """How far somebody's word carries."""

    DECIDES = "decides"
    INFLUENCES = "influences"
    USES = "uses"


class Raci(StrEnum):
    """Responsible, accountable, consulted, informed."""

    RESPONSIBLE = "responsible"
    ACCOUNTABLE = "accountable"
    CONSULTED = "consulted"
    INFORMED = "informed"


class Organisation(Base):
    """A company."""

    __tablename__ = "organisation"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    reference: Mapped[str] = mapped_column(String(100))
    """The owner's own key (customer number); an import finds the row again by it."""
    name: Mapped[Name]
    country: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("programme_id", "reference"),
        Index(None, "programme_id", "name"),
        UniqueConstraint("programme_id", "id"),
    )


class Relationship(Base):
    """One buyer and one supplier, optionally narrowed. The unit that gets scores."""

    __tablename__ = "relationship"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    buyer_id: Mapped[uuid.UUID]
    supplier_id: Mapped[uuid.UUID]
    parent_id: Mapped[uuid.UUID | None]
    product_line: Mapped[str] = mapped_column(String(100), default="")
    service_team: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    segment: Mapped[str] = mapped_column(String(100), default="")
    annual_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str] = mapped_column(String(3), default="")
    renewal_on: Mapped[date | None]
    manager_id: Mapped[uuid.UUID | None]
    """The user who looks after it; a relationship manager sees only these."""
    created_at: Mapped[datetime]

    buyer: Mapped[Organisation] = refers_to(
        lazy="raise",
        foreign_keys="[Relationship.programme_id, Relationship.buyer_id]",
        overlaps="supplier",
    )
    supplier: Mapped[Organisation] = refers_to(
        lazy="raise",
        foreign_keys="[Relationship.programme_id, Relationship.supplier_id]",
        overlaps="buyer",
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "buyer_id"], ["organisation.programme_id", "organisation.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "supplier_id"], ["organisation.programme_id", "organisation.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "parent_id"], ["relationship.programme_id", "relationship.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "manager_id"], ["membership.programme_id", "membership.user_id"]
        ),
        Index(None, "supplier_id"),
        Index(None, "programme_id", "manager_id"),
        UniqueConstraint("programme_id", "id"),
        UniqueConstraint(
            "programme_id", "buyer_id", "supplier_id", "product_line", "service_team", "region"
        ),
        CheckConstraint("buyer_id <> supplier_id", name="two_organisations"),
        CheckConstraint("annual_value IS NULL OR annual_value >= 0", name="value_not_negative"),
        CheckConstraint("annual_value IS NULL OR currency <> ''", name="value_has_currency"),
    )


class Contact(Base):
    """A person at an organisation."""

    __tablename__ = "contact"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    organisation_id: Mapped[uuid.UUID]
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[Name]
    locale: Mapped[str] = mapped_column(String(16), default="en")
    opted_out_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """When mail to this address was refused for good; cleared when the address is mended."""
    bounce: Mapped[str] = mapped_column(String(300), default="")
    """What the receiving server said."""
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "organisation_id"], ["organisation.programme_id", "organisation.id"]
        ),
        UniqueConstraint("programme_id", "id"),
        UniqueConstraint("programme_id", "email"),
        # lists of people look through these alone: fetching each row costs three times as much
        Index(
            "ix_contact_by_name",
            *("programme_id", "name", "id", "opted_out_at", "bounced_at", "locale"),
        ),
        Index(None, "organisation_id"),
        Index("ix_contact_by_organisation", "programme_id", "organisation_id", "id"),
        CheckConstraint("email = lower(email)", name="email_in_lower_case"),
    )


class Stakeholder(Base):
    """A contact's part in one relationship."""

    __tablename__ = "stakeholder"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    contact_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID]
    side: Mapped[Side] = mapped_column(enum_by_value(Side))
    function: Mapped[Function] = mapped_column(enum_by_value(Function))
    influence: Mapped[Influence] = mapped_column(enum_by_value(Influence))
    raci: Mapped[Raci | None] = mapped_column(enum_by_value(Raci))
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    created_at: Mapped[datetime]

    contact: Mapped[Contact] = refers_to(lazy="raise", overlaps="relationship")
    relationship: Mapped[Relationship] = refers_to(lazy="raise", overlaps="contact")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "contact_id"], ["contact.programme_id", "contact.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        UniqueConstraint("programme_id", "relationship_id", "contact_id", "side"),
        Index(None, "contact_id"),
        # who stands where, over all relationships: it holds all that such a look reads
        Index(
            "ix_stakeholder_standing",
            *("programme_id", "side", "contact_id", "function", "influence"),
            *("from_on", "until_on", "relationship_id"),
        ),
        CheckConstraint(
            "from_on IS NULL OR until_on IS NULL OR from_on <= until_on", name="from_before_until"
        ),
    )
