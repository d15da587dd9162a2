"""Mail to be sent: template and ids only. Body and link are made when it goes out, never stored."""

import uuid
from datetime import datetime
from enum import StrEnum

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
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.invitations import Invitation
from surveyapp.models.programmes import Programme


class MailState(StrEnum):
    """Where a message is. ``uncertain``: claimed, never confirmed; listed, never silently repeated."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class OutgoingMail(Base):
    """At most one message per invitation and step."""

    __tablename__ = "outgoing_mail"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    invitation_id: Mapped[uuid.UUID]
    step: Mapped[str] = mapped_column(String(64))
    """Names the template too: ``invitation``, later ``reminder-1`` and so on."""
    state: Mapped[MailState] = mapped_column(enum_by_value(MailState), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    invitation: Mapped[Invitation] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "invitation_id"], ["invitation.programme_id", "invitation.id"]
        ),
        UniqueConstraint("invitation_id", "step"),
        Index(None, "state", "created_at"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="claim_has_lease"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
    )
