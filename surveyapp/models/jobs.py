"""Jobs: the truth about work to be done. A queue only wakes workers to look here."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.programmes import Programme


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of work, found again by its key, held by one worker until its lease is over."""

    __tablename__ = "job"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Programme.id))
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """Names the work, so that asking twice is doing once."""
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(enum_by_value(JobState), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """Not before this moment: now, or later after a failure."""
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(String(100), default="")
    done_units: Mapped[int] = mapped_column(default=0)
    total_units: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "state", "due_at"),
        CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"
        ),
    )
