"""Documents made from a run: a relationship's scorecard, a programme's portfolio report."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.accounts import Relationship
from surveyapp.models.base import Base, Key, Sha256, enum_by_value
from surveyapp.models.programmes import Programme
from surveyapp.models.results import Release, ScoreRun


class ScorecardState(StrEnum):
    """Where a document is."""

    QUEUED = "queued"
    READY = "ready"


class Scorecard(Base):
    """One PDF: same run, pack and locale give the same file."""

    __tablename__ = "scorecard"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    run_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID | None]
    """None: the portfolio report of the whole run."""
    cut: Mapped[str] = mapped_column(String(200))
    pack: Mapped[str] = mapped_column(String(64))
    pack_hash: Mapped[Sha256]
    locale: Mapped[str] = mapped_column(String(16))
    state: Mapped[ScorecardState] = mapped_column(
        enum_by_value(ScorecardState), default=ScorecardState.QUEUED
    )
    context_json: Mapped[str] = mapped_column(Text, default="")
    """Everything the document says, frozen when it was built; the web page shows the same."""
    release_id: Mapped[uuid.UUID | None]
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    requested_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]

    run: Mapped[ScoreRun] = refers_to(lazy="raise", overlaps="relationship,release")
    relationship: Mapped[Relationship | None] = refers_to(lazy="raise", overlaps="run,release")
    release: Mapped[Release | None] = refers_to(lazy="raise", overlaps="run,relationship")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "run_id"], ["score_run.programme_id", "score_run.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "release_id"], ["release.programme_id", "release.id"]
        ),
        UniqueConstraint("run_id", "cut", "pack_hash", "locale"),
        CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name="ready_has_time"),
        CheckConstraint(
            "state <> 'ready' OR (file_sha256 <> '' AND release_id IS NOT NULL)",
            name="ready_has_file_and_release",
        ),
    )


class ScorecardArchive(Base):
    """Every scorecard of a run in one ZIP: same run, pack and locale give the same file."""

    __tablename__ = "scorecard_archive"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    run_id: Mapped[uuid.UUID]
    pack: Mapped[str] = mapped_column(String(64))
    pack_hash: Mapped[Sha256]
    locale: Mapped[str] = mapped_column(String(16))
    state: Mapped[ScorecardState] = mapped_column(
        enum_by_value(ScorecardState), default=ScorecardState.QUEUED
    )
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    file_name: Mapped[str] = mapped_column(String(200))
    documents: Mapped[int] = mapped_column(default=0)
    """How many scorecards are in it."""
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """Bytes."""
    requested_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]

    run: Mapped[ScoreRun] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "run_id"], ["score_run.programme_id", "score_run.id"]
        ),
        UniqueConstraint("run_id", "pack_hash", "locale"),
        CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name="ready_has_time"),
        CheckConstraint("state <> 'ready' OR file_sha256 <> ''", name="ready_has_file"),
    )
