"""Files that respondents hand in: the row says whose and what, the store holds the bytes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, Sha256
from surveyapp.models.programmes import Programme


class UploadedFile(Base):
    """One file handed in for one item; an answer names it, and without an answer it is not kept long."""

    __tablename__ = "uploaded_file"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    assignment_id: Mapped[uuid.UUID]
    item_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(300))
    """As its owner called it, without folders and signs nobody sees."""
    media_type: Mapped[str] = mapped_column(String(100))
    """Told by the content."""
    size: Mapped[int]
    sha256: Mapped[Sha256]
    uploaded_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """When it was sent last; none while no answer that was sent names it."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "assignment_id"], ["assignment.programme_id", "assignment.id"]
        ),
        Index(None, "assignment_id", "item_id"),
        CheckConstraint("size > 0", name="size_positive"),
    )
