"""Reminders of a wave, and the mail texts its owner wrote."""

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
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.programmes import Programme


class ReminderState(StrEnum):
    """Where a reminder is."""

    PLANNED = "planned"
    REQUESTED = "requested"
    """Its job is asked for; mails are being written."""
    DONE = "done"
    CANCELLED = "cancelled"


class Reminder(Base):
    """One round of reminding the people of a wave who have not answered."""

    __tablename__ = "reminder"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    number: Mapped[int]
    """Counts from 1 within the wave; the mail's step is ``reminder-<number>``."""
    state: Mapped[ReminderState] = mapped_column(
        enum_by_value(ReminderState), default=ReminderState.PLANNED
    )
    due_at: Mapped[datetime]
    only: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Whom: ``positions``, ``functions``, ``influences``, ``relationships``; absent means all."""
    reminded: Mapped[int] = mapped_column(default=0)
    """Mails asked for."""
    by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("wave_id", "number"),
        Index(None, "state", "due_at"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )


class MailText(Base):
    """What an owner wrote in place of a wave's ready mail, for one step and language."""

    __tablename__ = "mail_text"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    template: Mapped[str] = mapped_column(String(32))
    """``invitation`` or ``reminder``."""
    locale: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("wave_id", "template", "locale"),
    )
