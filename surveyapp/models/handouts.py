"""What respondents can take away: lists of the questions, and for a short while copies of answers."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, Sha256
from surveyapp.models.programmes import Programme


class QuestionList(Base):
    """All the questions of a questionnaire in one language as a file; it names no respondent."""

    __tablename__ = "question_list"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    questionnaire_version_id: Mapped[uuid.UUID]
    language: Mapped[str] = mapped_column(String(35))
    context_sha256: Mapped[Sha256]
    """Of everything its pages say and how they look: waves that say the same share the file."""
    file_sha256: Mapped[Sha256]
    size: Mapped[int]
    made_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "questionnaire_version_id"],
            ["questionnaire_version.programme_id", "questionnaire_version.id"],
        ),
        UniqueConstraint("programme_id", "context_sha256"),
        CheckConstraint("size > 0", name="size_positive"),
    )


class AnswerCopy(Base):
    """A respondent's own copy as a PDF, in the row itself: gone with it, whoever deletes it and why."""

    __tablename__ = "answer_copy"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    assignment_id: Mapped[uuid.UUID]
    revision: Mapped[int]
    """Which of the responses it shows; once a later one is sent it is shown no more."""
    language: Mapped[str] = mapped_column(String(35))
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    requested_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """When it is deleted."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
        UniqueConstraint("assignment_id"),
        Index(None, "expires_at"),
        CheckConstraint("(content IS NULL) = (made_at IS NULL)", name="made_has_time"),
    )
