"""Waves: a questionnaire, relationships and their stakeholders in a time window."""

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.errors import Invalid, WaveStateError
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
    minimum_people: Mapped[int] = mapped_column(default=1, server_default="1")
    """The programme's rule when it was launched, or a stricter one since; read it through
    ``services.disclosure_rules``, which never goes below the contract."""
    minimum_suppliers: Mapped[int] = mapped_column(default=1, server_default="1")
    minimum_comments: Mapped[int] = mapped_column(default=1, server_default="1")
    cuts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """By what results will be told apart, as respondents were told; ``services.wave_cuts``."""
    since_last: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What happened since people were last asked, in its owner's words; a little Markdown."""
    severed_at: Mapped[datetime | None]
    """When anonymous answers were copied, and what joined them to people was deleted."""
    unsent_erased_at: Mapped[datetime | None]
    """When what people had typed and not sent was erased, some days after the close."""
    unsent_days: Mapped[int | None]
    """So many days after the close, as its people are told; frozen by the launch."""
    unsent_erased: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """How much of it went so far, while it is being erased; ``services.unsent``."""
    turnout: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What of a severed wave is known of people: how many started and answered."""

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
        CheckConstraint("severed_at IS NULL OR state = 'closed'", name="severed_is_closed"),
    )

    def require_unlaunched(self) -> None:
        """Refuse to change what people were asked, or are just being asked."""
        self._require("changed", WaveState.DRAFT, WaveState.SCHEDULED)

    def schedule(self, *, opens_at: datetime, at: datetime) -> None:
        """Name the moment of the launch; a wave scheduled already is moved."""
        self._require("scheduled", WaveState.DRAFT, WaveState.SCHEDULED)
        if opens_at <= at:
            raise Invalid(
                f"Wave {self.slug} cannot be launched at {_moment(opens_at)}: that is past."
            )
        if opens_at >= self.closes_at:
            raise Invalid(
                f"Wave {self.slug} closes at {_moment(self.closes_at)}. Launch it before that, or"
                " move the closing date first."
            )
        self.state, self.opens_at = WaveState.SCHEDULED, opens_at

    def unschedule(self) -> None:
        """Make it a draft again, launched by hand only."""
        self._require("taken off the schedule", WaveState.SCHEDULED)
        self.state, self.opens_at = WaveState.DRAFT, None

    def launch(self, *, at: datetime, list_rule: dict[str, Any]) -> None:
        """Freeze who is asked; the launch job then writes the invitations."""
        self._require("launched", WaveState.DRAFT, WaveState.SCHEDULED)
        if at >= self.closes_at:
            raise WaveStateError(
                f"The last day of wave {self.slug} was to be {self.last_day}, which is past."
                " Move the closing date first."
            )
        self.state, self.launched_at, self.list_rule = WaveState.LAUNCHING, at, list_rule

    def open(self, *, at: datetime) -> None:
        """The last invitation is written: answers are welcome."""
        self._require("opened", WaveState.LAUNCHING)
        self.state, self.opened_at = WaveState.OPEN, at

    def pause(self, *, at: datetime) -> None:
        """Take no answers and send no mail for a while; the closing time stays."""
        self._require("paused", WaveState.OPEN)
        self._require_time_left(at)
        self.state = WaveState.PAUSED

    def resume(self, *, at: datetime) -> None:
        """Take answers again."""
        self._require("resumed", WaveState.PAUSED)
        self._require_time_left(at)
        self.state = WaveState.OPEN

    def extend(self, *, closes_at: datetime, at: datetime) -> None:
        """Move the closing time: later only, once people were told it."""
        self._require(
            "given another closing date",
            *(WaveState.DRAFT, WaveState.SCHEDULED, WaveState.OPEN, WaveState.PAUSED),
        )
        if self.state in {WaveState.OPEN, WaveState.PAUSED}:
            self._require_time_left(at)
            if closes_at <= self.closes_at:
                raise Invalid(
                    f"People were told that they can answer until {self.last_day}. The closing date"
                    " can only be moved to a later day; to end earlier, close the wave."
                )
        self._require_future(closes_at, at)
        self.closes_at = closes_at

    def close(self, *, at: datetime) -> None:
        """No answer after this moment counts; after the closing time none did."""
        self._require("closed", WaveState.OPEN, WaveState.PAUSED)
        self.state, self.closed_at = WaveState.CLOSED, min(at, self.closes_at)

    def reopen(self, *, closes_at: datetime, at: datetime) -> None:
        """Take answers again after the close, until another closing time."""
        self._require("reopened", WaveState.CLOSED)
        self._require_future(closes_at, at)
        self.state, self.closed_at, self.closes_at = WaveState.OPEN, None, closes_at

    @property
    def last_day(self) -> date:
        """The last day on which answers count; the closing time itself is no longer part of it."""
        return _last_day(self.closed_at or self.closes_at)

    def accepts_answers(self, at: datetime) -> bool:
        """Whether a respondent may write now. The closing time holds even before the close job ran."""
        return self.state == WaveState.OPEN and at < self.closes_at

    def _require_time_left(self, at: datetime) -> None:
        if at >= self.closes_at:
            raise WaveStateError(
                f"The closing time of wave {self.slug} has passed at {_moment(self.closes_at)}: it is"
                " being closed. Reopen it then."
            )

    def _require_future(self, closes_at: datetime, at: datetime) -> None:
        if closes_at <= at:
            raise Invalid(f"A wave cannot close on {_last_day(closes_at)}: that is past.")
        if self.state == WaveState.SCHEDULED and self.opens_at and closes_at <= self.opens_at:
            raise Invalid(
                f"Wave {self.slug} is scheduled to open at {_moment(self.opens_at)}; it cannot close"
                f" on {_last_day(closes_at)}, before that."
            )

    def _require(self, step: str, *states: WaveState) -> None:
        if self.state not in states:
            needed = " or ".join(states)
            raise WaveStateError(
                f"Wave {self.slug} is {self.state}; only a wave that is {needed} can be {step}."
            )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _last_day(closes_at: datetime) -> date:
    """Return the day a person means who names a closing day: the closing time is no part of it."""
    return (closes_at - timedelta(microseconds=1)).date()
