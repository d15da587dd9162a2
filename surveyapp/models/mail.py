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
from surveyapp.models.people import User
from surveyapp.models.programmes import Programme


class MailState(StrEnum):
    """Where a message is. ``uncertain``: claimed, never confirmed; listed, never silently repeated."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    """Refused for good: the address does not work."""
    DROPPED = "dropped"
    """Nobody wants it any more: answered, opted out, the wave is over."""
    FAILED = "failed"
    """Given up after many tries."""


class OutgoingMail(Base):
    """At most one message per invitation and step; or a message to a user, as often as asked for."""

    __tablename__ = "outgoing_mail"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Programme.id))
    """None: it concerns an account, not a programme."""
    wave_id: Mapped[uuid.UUID | None]
    invitation_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(User.id))
    step: Mapped[str] = mapped_column(String(64))
    """To contacts ``invitation``, ``reminder-1`` and so on; to users ``set-password``, ``test-invitation``."""
    locale: Mapped[str] = mapped_column(String(16), default="")
    """The language of a test mail; empty: the reader's own."""
    state: Mapped[MailState] = mapped_column(enum_by_value(MailState), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """Not before this moment: at once, or later after a temporary refusal."""
    lease_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    invitation: Mapped[Invitation | None] = refers_to(lazy="raise")
    user: Mapped[User | None] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "invitation_id"], ["invitation.programme_id", "invitation.id"]
        ),
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("invitation_id", "step"),
        Index(None, "state", "created_at"),
        Index(None, "wave_id", "state", "due_at"),
        Index(None, "user_id"),
        CheckConstraint("(invitation_id IS NULL) <> (user_id IS NULL)", name="one_reader"),
        CheckConstraint(
            "invitation_id IS NULL OR (programme_id IS NOT NULL AND wave_id IS NOT NULL)",
            name="invitation_has_wave",
        ),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="claim_has_lease"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
    )
