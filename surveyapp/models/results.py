"""Scoring runs, what they found and what they were read against. None of it is ever changed."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

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

from surveyapp.models.accounts import Relationship
from surveyapp.models.base import Base, Key, Sha256, enum_by_value
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave


class ReferenceOrigin(StrEnum):
    """Where a reference set comes from."""

    OWN = "own"
    """Frozen once, from the programme's first wave with enough relationships."""
    IMPORTED = "imported"


class ReferenceSet(Base):
    """A population that relationships are read against: named, frozen, never edited."""

    __tablename__ = "reference_set"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    name: Mapped[str] = mapped_column(String(64))
    """For example ``own-autumn-2026``."""
    view: Mapped[View] = mapped_column(enum_by_value(View))
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_by_value(ReferenceOrigin))
    wave_id: Mapped[uuid.UUID | None]
    """The wave an own set was frozen from; None for an imported one."""
    relationships: Mapped[int]
    """How many it rests on."""
    content: Mapped[dict[str, Any]]
    """Moments by dimension; ``services.score_references`` reads and writes it."""
    content_hash: Mapped[Sha256]
    frozen_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    retired_at: Mapped[datetime | None]
    """From then on no new run is read against it."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("programme_id", "view", "name"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("relationships >= 30", name="enough_relationships"),
        CheckConstraint("(origin = 'own') = (wave_id IS NOT NULL)", name="own_names_its_wave"),
    )


class ScoreRun(Base):
    """One computation over one wave: what went in (by hash), by which code, under which reference."""

    __tablename__ = "score_run"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    wave_id: Mapped[uuid.UUID]
    number: Mapped[int]
    """Counts from 1 within the wave; the highest is the current one."""
    method: Mapped[str] = mapped_column(String(32))
    reference_set: Mapped[str] = mapped_column(String(64))
    cut_set: Mapped[str] = mapped_column(String(64))
    is_assumed: Mapped[bool]
    """Covariances were assumed, not estimated; every page and document says so."""
    plan_hash: Mapped[Sha256]
    bundle_hash: Mapped[Sha256]
    """Content address of the input bundle: vectors, plan, reference; no contact ids."""
    result_hash: Mapped[Sha256]
    posterior_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Content address of the arrays a card is made from (``services.run_files``); empty for runs
    made before there were any."""
    code_version: Mapped[str] = mapped_column(String(32))
    cut_off_at: Mapped[datetime]
    """Responses submitted up to this moment count."""
    created_at: Mapped[datetime]
    summary: Mapped[dict[str, Any]]
    """Portfolio figures and the model's parameters, as printed on the method page."""

    wave: Mapped[Wave] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        UniqueConstraint("wave_id", "number"),
        UniqueConstraint("programme_id", "id"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )


class Measure(StrEnum):
    """What kind of number a score is."""

    SEQ = "seq"
    ENGAGEMENT = "engagement"
    CLIMATE = "climate"


class Score(Base):
    """SEQ of one relationship in a run: raw points, z in the reference, level chances.

    What lists sort by; every other number is in the run's file. Runs of the first version have a row
    for each dimension too.
    """

    __tablename__ = "score"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    run_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID]
    measure: Mapped[Measure] = mapped_column(enum_by_value(Measure))
    dimension: Mapped[str] = mapped_column(String(100), default="")
    """The dimension's id; empty for SEQ."""
    n: Mapped[int]
    """People whose answers count in this number."""
    value: Mapped[float]
    """Posterior mean on 0..100 points (it may leave the range a little at the ends)."""
    standard_error: Mapped[float]
    z: Mapped[float]
    """Distance from the reference mean in spreads of true scores."""
    z_standard_error: Mapped[float]
    probabilities: Mapped[list[Any]]
    """Chances of the levels, coldest first; empty but for SEQ."""
    call: Mapped[str] = mapped_column(String(32), default="")
    """At risk or not, in words; empty but for SEQ."""
    label: Mapped[str] = mapped_column(String(200), default="")
    """The level in words; empty but for SEQ."""
    below_midpoint: Mapped[float | None]
    """Chance that the true value lies below the scale's midpoint: the absolute anchor."""
    change_z: Mapped[float | None]
    """Now minus the last comparable wave, in spreads of the reference; None without one."""
    change_z_standard_error: Mapped[float | None]
    is_changed: Mapped[bool | None]
    """Whether the change is beyond chance, at a false discovery rate over the whole run."""

    relationship: Mapped[Relationship] = refers_to(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "run_id"], ["score_run.programme_id", "score_run.id"]
        ),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        UniqueConstraint("run_id", "relationship_id", "measure", "dimension"),
        CheckConstraint(
            "standard_error >= 0 AND z_standard_error >= 0", name="errors_not_negative"
        ),
        CheckConstraint("n >= 0", name="n_not_negative"),
    )


class Release(Base):
    """Scores that left the server: what, to whom, and a hash of every cell shown. Never deleted."""

    __tablename__ = "release"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    run_id: Mapped[uuid.UUID]
    cut: Mapped[str] = mapped_column(String(200))
    """Which slice: ``relationship:<id>`` or ``portfolio``."""
    audience: Mapped[str] = mapped_column(String(200))
    cells_hash: Mapped[Sha256]
    """Hash of the context, so of every number and sentence on the page."""
    released_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "run_id"], ["score_run.programme_id", "score_run.id"]
        ),
        UniqueConstraint("run_id", "cut", "audience", "cells_hash"),
        UniqueConstraint("programme_id", "id"),
    )


class ReleaseCell(Base):
    """One number of a release, or a group of them: how many people it rests on, and on which answers."""

    __tablename__ = "release_cell"

    id: Mapped[Key]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Programme.id))
    release_id: Mapped[uuid.UUID]
    wave_id: Mapped[uuid.UUID]
    relationship_id: Mapped[uuid.UUID | None]
    """None: a cell about more than one relationship."""
    name: Mapped[str] = mapped_column(String(200))
    """``scores``, ``coverage``, or ``coverage:<function>``."""
    people: Mapped[int]
    """So many people the numbers rest on."""
    answers_hash: Mapped[Sha256]
    """Which answers: the same hash is the same set of the same revisions."""
    is_shown: Mapped[bool]

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "release_id"], ["release.programme_id", "release.id"]
        ),
        ForeignKeyConstraint(["programme_id", "wave_id"], ["wave.programme_id", "wave.id"]),
        ForeignKeyConstraint(
            ["programme_id", "relationship_id"], ["relationship.programme_id", "relationship.id"]
        ),
        Index(None, "wave_id", "relationship_id"),
        UniqueConstraint("release_id", "wave_id", "relationship_id", "name"),
        CheckConstraint("people >= 0", name="people_not_negative"),
    )
