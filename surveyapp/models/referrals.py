"""What people who were asked say about whom to ask: not me, or somebody else too."""

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

from surveyapp.models.accounts import Function
from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.invitations import Invitation
from surveyapp.models.programmes import Programme


class ReferralKind(StrEnum):
    """What was said."""

    INSTEAD = "instead"
    """I am not the right person; ask this one, if anybody is named."""
    TOO = "too"
    """Ask this colleague as well."""


class ReferralState(StrEnum):
    """What became of it; only an owner decides."""

    OPEN = "open"
    ASKED = "asked"
    """The person named has an invitation."""
    DISMISSED = "dismissed"


class Referral(Base):
    """Somebody named by a person who was asked. Nobody gets mail before an owner says so."""

    __tablename__ = "referral"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    invitation_id: Mapped[uuid.UUID]
    kind: Mapped[ReferralKind] = mapped_column(enum_by_value(ReferralKind))
    state: Mapped[ReferralState] = mapped_column(
        enum_by_value(ReferralState), default=ReferralState.OPEN
    )
    name: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    function: Mapped[Function | None] = mapped_column(enum_by_value(Function))
    note: Mapped[str] = mapped_column(Text, default="")
    said_by: Mapped[str] = mapped_column(String(300))
    """The name of whoever said it: the invitation may be somebody else's by now."""
    said_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(340), default="")

    invitation: Mapped[Invitation] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "invitation_id"], ["invitation.programme_id", "invitation.id"]
        ),
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("programme_id", "id"),
        Index(None, "wave_id", "state"),
        Index(None, "invitation_id"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
        CheckConstraint("kind = 'instead' OR email <> ''", name="too_names_somebody"),
    )
