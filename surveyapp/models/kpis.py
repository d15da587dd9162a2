"""KPIs: facts about a relationship in a period. Observations are only ever added."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.base import Base, Key, Name, Sha256, enum_by_value
from surveyapp.models.programmes import Programme


class KpiFamily(StrEnum):
    """What a KPI is about."""

    ADOPTION = "adoption and coverage"
    SERVICE = "service"
    VALUE = "value"
    HEALTH = "relationship health"
    RISK = "risk and compliance"
    COLLABORATION = "collaboration"
    FINANCE = "finance"


class KpiUnit(StrEnum):
    """What a value counts."""

    SHARE = "share"
    """0 to 1, printed as percent; kept as numerator and denominator where these are known."""
    DAYS = "days"
    MONEY = "money"
    COUNT = "count"
    POINTS = "points"
    RATIO = "ratio"


class KpiDirection(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


class KpiAggregation(StrEnum):
    """How the observations of a window become one value."""

    RATE = "rate"
    """Sum of numerators over sum of denominators."""
    MEAN = "mean"
    """Weighted by the denominator where there is one."""
    SUM = "sum"
    LAST = "last"


class KpiDefinition(Base):
    """What is measured, and how it is read. Runs keep the definition they used."""

    __tablename__ = "kpi_definition"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    slug: Mapped[str] = mapped_column(String(64))
    """``[a-z][a-z0-9_]*``: as formulas and conditions name it, ``kpi.on_time``."""
    name: Mapped[Name]
    family: Mapped[KpiFamily] = mapped_column(enum_by_value(KpiFamily))
    unit: Mapped[KpiUnit] = mapped_column(enum_by_value(KpiUnit))
    currency: Mapped[str] = mapped_column(String(3), default="")
    direction: Mapped[KpiDirection] = mapped_column(enum_by_value(KpiDirection))
    target: Mapped[float | None] = mapped_column(Double)
    aggregation: Mapped[KpiAggregation] = mapped_column(enum_by_value(KpiAggregation))
    window_days: Mapped[int] = mapped_column(default=365)
    """Observations whose period ends so many days before the day looked at count together."""
    half_life_days: Mapped[int] = mapped_column(default=365)
    """After so many days a fact tells half as much; after twice as many it is stale."""
    source: Mapped[str] = mapped_column(String(300), default="")
    formula: Mapped[str] = mapped_column(Text, default="")
    """An expression over other KPIs; empty for one that is observed."""
    is_scored: Mapped[bool] = mapped_column(default=True)
    """Whether it informs the state; False: shown only."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("programme_id", "slug"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("window_days > 0 AND half_life_days > 0", name="days_positive"),
        CheckConstraint("unit <> 'money' OR currency <> ''", name="money_has_currency"),
    )


class KpiBatch(Base):
    """Observations that came in together. A batch in error is withdrawn, never deleted."""

    __tablename__ = "kpi_batch"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    name: Mapped[Name]
    """The file's name, or who typed it in."""
    sha256: Mapped[Sha256]
    by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        Index(None, "programme_id", "recorded_at"),
    )


class KpiObservation(Base):
    """One value of one KPI for one relationship or organisation in one period.

    A later ``recorded_at`` for the same subject and period corrects an earlier one; both stay, so what
    was known on a day can be told.
    """

    __tablename__ = "kpi_observation"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    definition_id: Mapped[uuid.UUID]
    batch_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID | None]
    organisation_id: Mapped[uuid.UUID | None]
    """A fact about a supplier as a whole; its relationships inherit it, marked so."""
    period_from_on: Mapped[date]
    period_until_on: Mapped[date]
    as_of_on: Mapped[date]
    """The day the source stands for: not before the period's end, unless the period still runs."""
    recorded_at: Mapped[datetime]
    value: Mapped[float] = mapped_column(Double)
    numerator: Mapped[float | None] = mapped_column(Double)
    denominator: Mapped[float | None] = mapped_column(Double)

    definition: Mapped[KpiDefinition] = refers_to(lazy="raise", overlaps="batch")
    batch: Mapped[KpiBatch] = refers_to(lazy="raise", overlaps="definition")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "definition_id"], ["kpi_definition.programme_id", "kpi_definition.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "batch_id"], ["kpi_batch.programme_id", "kpi_batch.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "organisation_id"], ["organisation.programme_id", "organisation.id"]
        ),
        Index(None, "relationship_id", "definition_id", "period_until_on"),
        Index(None, "organisation_id", "definition_id", "period_until_on"),
        Index(None, "programme_id", "definition_id", "period_until_on"),
        Index(None, "batch_id"),
        CheckConstraint(
            "(relationship_id IS NULL) <> (organisation_id IS NULL)", name="one_subject"
        ),
        CheckConstraint("period_from_on <= period_until_on", name="period_in_order"),
        CheckConstraint(
            "denominator IS NULL OR (denominator > 0 AND numerator IS NOT NULL)",
            name="numerator_with_denominator",
        ),
    )
