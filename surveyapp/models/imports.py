"""Imports of accounts through the pages: what was handed in, how it was read, what it changed."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.programmes import Programme


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"
    COMMITTED = "committed"
    UNDONE = "undone"
    DISCARDED = "discarded"


class ImportBatch(Base):
    """One go at importing: its files, the columns chosen, and what became of it."""

    __tablename__ = "import_batch"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    state: Mapped[ImportState] = mapped_column(
        enum_by_value(ImportState), default=ImportState.UPLOADED
    )
    files: Mapped[list[Any]] = mapped_column(default=list)
    """Each: name, SHA-256 in the store, and which part of it is which kind of sheet."""
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For each kind of sheet: the file's heading for each of our columns."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    committed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        Index(None, "programme_id", "created_at"),
        CheckConstraint(
            "(state IN ('committed', 'undone')) = (committed_at IS NOT NULL)",
            name="committed_has_time",
        ),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone_has_time"),
    )


class ImportChange(Base):
    """One row that an import made or changed, so that it can be undone."""

    __tablename__ = "import_change"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    batch_id: Mapped[uuid.UUID]
    sheet: Mapped[str] = mapped_column(String(32))
    row_id: Mapped[uuid.UUID]
    before: Mapped[dict[str, Any] | None]
    """The values it had; None: the import made it."""
    after: Mapped[dict[str, Any]]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "batch_id"], ["import_batch.programme_id", "import_batch.id"]
        ),
        Index(None, "batch_id", "sheet"),
    )


class ImportMapping(Base):
    """The headings an owner's files use for our columns, remembered for the next time."""

    __tablename__ = "import_mapping"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    sheet: Mapped[str] = mapped_column(String(32))
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Our column by the file's heading, in lower case."""
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("programme_id", "sheet"),)
