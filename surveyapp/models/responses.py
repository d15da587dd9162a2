"""Drafts while a person answers, append-only revisions of what was sent, and answers of nobody."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.accounts import Function
from surveyapp.models.base import Base, Key, Sha256, enum_by_value
from surveyapp.models.invitations import Assignment
from surveyapp.models.programmes import Programme


class ResponseMode(StrEnum):
    """Who put the answers in, and how they were heard."""

    SELF = "self"
    """The person who was asked, on the pages."""
    PHONE = "phone"
    """An interviewer who heard them by phone."""
    MEETING = "meeting"
    """An interviewer who heard them face to face."""


class DraftAnswer(Base):
    """What stands in one item of an assignment now, on or off the path."""

    __tablename__ = "draft_answer"

    assignment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    value: Mapped[Any] = mapped_column(JSON)
    saved_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
    )


class SavedSection(Base):
    """That a section's page was accepted, when, and how often: what "saved at 14:02" rests on."""

    __tablename__ = "saved_section"

    assignment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    section_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    version: Mapped[int] = mapped_column(default=1)
    """Counts accepted posts of this section; a page made before the newest is stale."""
    saved_at: Mapped[datetime]
    page: Mapped[str] = mapped_column(String(22), default="", server_default="")
    """The opened page that was saved last: whoever goes on in it has not missed anything."""
    is_passed: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False: saved while it was being filled in, and not left by its button yet."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
        CheckConstraint("version >= 1", name="version_from_one"),
    )


class HeldPage(Base):
    """A page posted after the browser's session ended: kept, and shown once the link is opened again."""

    __tablename__ = "held_page"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    assignment_id: Mapped[uuid.UUID]
    section_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer)
    """The section's version when the page was made."""
    answers: Mapped[dict[str, Any]]
    held_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
    )


class Response(Base):
    """One submitted revision of an assignment. Never changed; a run uses the last before its cut-off."""

    __tablename__ = "response"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    assignment_id: Mapped[uuid.UUID]
    revision: Mapped[int]
    answers_json: Mapped[str] = mapped_column(Text)
    """Canonical JSON of the answers on the path."""
    vector: Mapped[list[Any]]
    """Per dimension of the plan: integer of 1/10,000 point on 0..100, or null."""
    plan_hash: Mapped[Sha256]
    """Hash of the scoring plan that made the vector."""
    submitted_at: Mapped[datetime]
    mode: Mapped[ResponseMode] = mapped_column(
        enum_by_value(ResponseMode), default=ResponseMode.SELF, server_default="self"
    )
    entered_by: Mapped[str | None] = mapped_column(String(340))
    """The member who put the answers in for the person, as the audit trail names them."""

    assignment: Mapped[Assignment] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
        UniqueConstraint("assignment_id", "revision"),
        # the few that an interviewer put in: most rows are not in it
        Index(
            "ix_response_entered",
            *("programme_id", "assignment_id"),
            sqlite_where=text("entered_by IS NOT NULL"),
            postgresql_where=text("entered_by IS NOT NULL"),
        ),
        CheckConstraint("revision >= 1", name="revision_from_one"),
        CheckConstraint("(mode = 'self') = (entered_by IS NULL)", name="entered_has_name"),
    )


class AnonymousResponse(Base):
    """Answers that belong to nobody: copied at the close in random order, without time or assignment."""

    __tablename__ = "anonymous_response"

    id: Mapped[Key]
    """Made by chance; rows are written in its order, so neither says anything about people."""
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID | None]
    """None: so few were asked there that the relationship would name them."""
    function: Mapped[Function | None] = mapped_column(enum_by_value(Function))
    """Only where the contract's k of that function were asked in the relationship."""
    answers_json: Mapped[str] = mapped_column(Text)
    """A whole response of an anonymous questionnaire, or the answer to one anonymous item."""
    vector: Mapped[list[Any]]
    """As in ``Response``; empty for the answer to one item."""
    plan_hash: Mapped[Sha256]

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        Index(None, "wave_id", "relationship_id"),
        CheckConstraint(
            "function IS NULL OR relationship_id IS NOT NULL", name="function_of_a_relationship"
        ),
    )
