"""Published questionnaires: canonical text and its hash, never changed afterwards."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Key, Sha256
from surveyapp.models.programmes import Programme


class QuestionnaireVersion(Base):
    """One version of a questionnaire as a wave pins it. Same id and version, same hash."""

    __tablename__ = "questionnaire_version"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    questionnaire_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    sha256: Mapped[Sha256]
    canonical_json: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("programme_id", "questionnaire_id", "version"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("version >= 1", name="version_from_one"),
    )
