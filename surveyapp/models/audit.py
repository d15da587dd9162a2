"""What was done, by whom, when: append-only, each event chained to the one before by hash."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, Sha256
from surveyapp.models.programmes import Programme


class AuditEvent(Base):
    """One thing that was done. ``hash`` covers the content and the previous event's hash."""

    __tablename__ = "audit_event"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    number: Mapped[int]
    """Counts from 1 within the programme."""
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[Sha256]
    hash: Mapped[Sha256]

    __table_args__ = (UniqueConstraint("programme_id", "number"),)
