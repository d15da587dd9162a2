"""Waves: a questionnaire, relationships and their stakeholders in a time window."""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.errors import WaveStateError
from surveyapp.models.base import Base, Key, Name, enum_by_value
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme


class WaveState(StrEnum):
    """Where a wave is in its life; scored and reported are facts about runs, not states."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LAUNCHING = "launching"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class View(StrEnum):
    """Who looks at whom."""

    BUYER_ON_SUPPLIER = "buyer-on-supplier"
    SUPPLIER_ON_BUYER = "supplier-on-buyer"
    SUPPLIER_ON_ITSELF = "supplier-on-itself"


class Wave(Base):
    """One round of asking. Its contact list and questionnaire freeze at launch."""

    __tablename__ = "wave"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[Name]
    view: Mapped[View] = mapped_column(enum_by_value(View))
    questionnaire_version_id: Mapped[uuid.UUID]
    state: Mapped[WaveState] = mapped_column(enum_by_value(WaveState), default=WaveState.DRAFT)
    list_rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Who is asked, frozen at launch; ``services.wave_lists.Rule`` reads and writes it."""
    closes_at: Mapped[datetime]
    """The last moment the respondent is told; a wave closes by hand or then."""
    opens_at: Mapped[datetime | None]
    """When a scheduled wave is launched by itself."""
    guard_days: Mapped[int] = mapped_column(default=90)
    """Whoever was asked in another wave so many days before the launch is left off."""
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    questionnaire_version: Mapped[QuestionnaireVersion] = refers_to(lazy="raise")
    programme: Mapped[Programme] = refers_to(lazy="raise", overlaps="questionnaire_version")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "questionnaire_version_id"],
            ["questionnaire_version.programme_id", "questionnaire_version.id"],
        ),
        UniqueConstraint("programme_id", "slug"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint(
            "(state IN ('draft', 'scheduled')) = (launched_at IS NULL)", name="launched_has_time"
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("state <> 'scheduled' OR opens_at IS NOT NULL", name="schedule_has_time"),
        CheckConstraint("guard_days >= 0", name="guard_not_negative"),
    )

    def launch(self, *, at: datetime, list_rule: dict[str, Any]) -> None:
        """Freeze who is asked; the launch job then writes the invitations."""
        self._require("launched", WaveState.DRAFT, WaveState.SCHEDULED)
        if at >= self.closes_at:
            raise WaveStateError(
                f"Wave {self.slug} was to close at {self.closes_at:%Y-%m-%d %H:%M} UTC, which is past."
                " Move the closing date first."
            )
        self.state, self.launched_at, self.list_rule = WaveState.LAUNCHING, at, list_rule

    def open(self, *, at: datetime) -> None:
        """The last invitation is written: answers are welcome."""
        self._require("opened", WaveState.LAUNCHING)
        self.state, self.opened_at = WaveState.OPEN, at

    def close(self, *, at: datetime) -> None:
        """No answer after this moment counts; after the closing time none did."""
        self._require("closed", WaveState.OPEN, WaveState.PAUSED)
        self.state, self.closed_at = WaveState.CLOSED, min(at, self.closes_at)

    @property
    def last_day(self) -> date:
        """The last day on which answers count; the closing time itself is no longer part of it."""
        return ((self.closed_at or self.closes_at) - timedelta(microseconds=1)).date()

    def accepts_answers(self, at: datetime) -> bool:
        """Whether a respondent may write now. The closing time holds even before the close job ran."""
        return self.state == WaveState.OPEN and at < self.closes_at

    def _require(self, step: str, *states: WaveState) -> None:
        if self.state not in states:
            needed = " or ".join(states)
            raise WaveStateError(
                f"Wave {self.slug} is {self.state}; only a wave that is {needed} can be {step}."
            )
