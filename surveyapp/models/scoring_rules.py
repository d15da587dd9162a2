"""Cut sets, proposals tried before they are published, and the rules in force. Nothing is edited."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as refers_to

from surveyapp.models.base import Base, Key, enum_by_value
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ScoreRun


class CutSet(Base):
    """A programme's own cuts between levels: named, versioned, frozen. Two more are built in."""

    __tablename__ = "cut_set"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    name: Mapped[str] = mapped_column(String(48))
    version: Mapped[int]
    low: Mapped[float] = mapped_column(Double)
    """In z of the reference: below it, Antagonistic."""
    middle: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    """From it on, Trusted Advisor."""
    origin: Mapped[str] = mapped_column(String(200))
    """Where it comes from, for example the proposal that was approved."""
    by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("programme_id", "name", "version"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("low < middle AND middle < high", name="cuts_ascend"),
        CheckConstraint("version >= 1", name="version_from_one"),
    )


class ProposalState(StrEnum):
    """Where a proposal is."""

    QUEUED = "queued"
    TRIED = "tried"
    APPROVED = "approved"


class ScoringProposal(Base):
    """Other weights or cuts, tried on a run: what they would change, before they are published."""

    __tablename__ = "scoring_proposal"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    run_id: Mapped[uuid.UUID]
    questionnaire_id: Mapped[str] = mapped_column(String(100))
    """Of all its versions."""
    weights: Mapped[dict[str, Any]]
    """Of SEQ, by engagement dimension; they sum to 1."""
    cut_name: Mapped[str] = mapped_column(String(48))
    cut_version: Mapped[int]
    cuts: Mapped[list[Any]]
    state: Mapped[ProposalState] = mapped_column(
        enum_by_value(ProposalState), default=ProposalState.QUEUED
    )
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was found; ``services.what_if`` writes it, ``services.proposal_results`` reads it."""
    by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]

    run: Mapped[ScoreRun] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "run_id"], ["score_run.programme_id", "score_run.id"]
        ),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("(state = 'queued') = (tried_at IS NULL)", name="tried_has_time"),
    )


class ScoringRule(Base):
    """Weights and cuts that runs of a questionnaire are made with from its approval on."""

    __tablename__ = "scoring_rule"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    questionnaire_id: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    """Counts from 1 within the questionnaire; the highest is in force."""
    proposal_id: Mapped[uuid.UUID]
    weights: Mapped[dict[str, Any]]
    cut_name: Mapped[str] = mapped_column(String(48))
    cut_version: Mapped[int]
    cuts: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    approved_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "proposal_id"],
            ["scoring_proposal.programme_id", "scoring_proposal.id"],
        ),
        UniqueConstraint("programme_id", "questionnaire_id", "number"),
        UniqueConstraint("proposal_id"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )
