"""Invitations (one link per contact and wave), assignments (one questionnaire about one subject), omissions."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.accounts import Contact, Function, Influence, Relationship, Side
from surveyapp.models.base import Base, Key, Sha256, enum_by_value
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave


class Invitation(Base):
    """A contact's link in a wave. Only the hash of the token is stored; the key makes the token."""

    __tablename__ = "invitation"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    generation: Mapped[int] = mapped_column(default=1)
    """Raised to revoke every link mailed so far."""
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    reason: Mapped[str] = mapped_column(String(300))
    """Why this person is on the frozen list."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    locale: Mapped[str | None] = mapped_column(String(35))
    """The language its person chose on the pages; None: the contact's own."""

    wave: Mapped[Wave] = refers_to(lazy="raise", overlaps="contact")
    contact: Mapped[Contact] = refers_to(lazy="raise", overlaps="wave")
    programme: Mapped[Programme] = refers_to(lazy="raise", overlaps="contact,wave")

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        ForeignKeyConstraint(
            ["programme_id", "contact_id"], ["contact.programme_id", "contact.id"]
        ),
        UniqueConstraint("wave_id", "contact_id"),
        UniqueConstraint("programme_id", "id"),
        Index(None, "contact_id", "created_at"),
        Index(None, "wave_id", "started_at"),
        CheckConstraint("generation >= 1", name="generation_from_one"),
    )


class Assignment(Base):
    """One contact asked one questionnaire version about one relationship in a wave."""

    __tablename__ = "assignment"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    invitation_id: Mapped[uuid.UUID]
    wave_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID]
    questionnaire_version_id: Mapped[uuid.UUID]
    slug: Mapped[str] = mapped_column(String(22), unique=True)
    """Random name in page addresses: says nothing, opens nothing without the link."""
    seed: Mapped[int]
    """Fixes the order of whatever the questionnaire shuffles."""
    side: Mapped[Side] = mapped_column(enum_by_value(Side))
    function: Mapped[Function] = mapped_column(enum_by_value(Function))
    influence: Mapped[Influence] = mapped_column(enum_by_value(Influence))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """Time of the response's first revision: what makes a double submit visible."""
    reopened_at: Mapped[datetime | None]
    """When its person took up what was sent, to correct it; what was sent counts until they send again."""

    invitation: Mapped[Invitation] = refers_to(
        lazy="raise", overlaps="relationship,questionnaire_version,wave"
    )
    wave: Mapped[Wave] = refers_to(
        lazy="raise", overlaps="invitation,relationship,questionnaire_version"
    )
    relationship: Mapped[Relationship] = refers_to(
        lazy="raise", overlaps="invitation,questionnaire_version,wave"
    )
    questionnaire_version: Mapped[QuestionnaireVersion] = refers_to(
        lazy="raise", overlaps="invitation,relationship,wave"
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "invitation_id"], ["invitation.programme_id", "invitation.id"]
        ),
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "questionnaire_version_id"],
            ["questionnaire_version.programme_id", "questionnaire_version.id"],
        ),
        UniqueConstraint("invitation_id", "relationship_id", "questionnaire_version_id"),
        CheckConstraint(
            "reopened_at IS NULL OR submitted_at IS NOT NULL", name="reopened_was_submitted"
        ),
        # both with what is counted, so that a count need not fetch the rows
        Index(
            "ix_assignment_by_relationship",
            *("wave_id", "relationship_id", "function", "influence", "submitted_at"),
        ),
        # grows in the order of a launch
        Index("ix_assignment_by_person", "wave_id", "invitation_id", "submitted_at"),
        Index(None, "relationship_id"),
        UniqueConstraint("programme_id", "id"),
    )


class OmissionReason(StrEnum):
    """Why somebody whom the list rule names is not asked."""

    OPTED_OUT = "opted out"
    BOUNCED = "address bounced"
    ASKED_LATELY = "asked lately"
    """In another wave, within the guard's days before this launch."""
    HANDED_OVER = "somebody else is asked instead"
    """They said after the launch that they are not the right person."""


class Omission(Base):
    """A contact left off a wave's frozen list, and why."""

    __tablename__ = "omission"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    reason: Mapped[OmissionReason] = mapped_column(enum_by_value(OmissionReason))
    details: Mapped[str] = mapped_column(String(300), default="")
    """A sentence: which wave and when, or what the server said."""
    created_at: Mapped[datetime]

    contact: Mapped[Contact] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        ForeignKeyConstraint(
            ["programme_id", "contact_id"], ["contact.programme_id", "contact.id"]
        ),
        UniqueConstraint("wave_id", "contact_id"),
    )
