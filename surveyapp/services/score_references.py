"""Reference sets of a programme: which one a run is read against, and how one is frozen."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.results import ReferenceOrigin, ReferenceSet
from surveyapp.models.waves import View, Wave
from surveyapp.scoring.norms import ASSUMED_NAME, EntryTraits, KnownView, assumed_state
from surveyapp.scoring.state import Moments
from surveyapp.services import audit
from surveyapp.services.reference_sets import content_hash
from surveyapp.services.score_entries import BUYER, Entry, Layer

ENOUGH_FOR_MEANS: Final = 30
"""Relationships from which a programme's own mean is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A frozen set of one view, as a run's input holds it."""

    name: str
    origin: str
    wave: str
    """Short name of the wave it was frozen from; empty for an imported one."""
    wave_name: str
    frozen_on: str
    relationships: int
    answers_each: float
    """Harmonic mean of the people who answered in each."""
    dimensions: list[str]
    mean: list[float]
    between: list[list[float]]
    within: list[list[float]]
    mean_covariance: list[list[float]]
    questions: dict[str, list[float]] = field(default_factory=dict)
    """How far answers to each question lie from its dimension: mean, between, within, error of the
    mean; empty where a set came without."""

    @property
    def known(self) -> KnownView:
        """Return it as the method takes it."""
        moments = Moments(
            mean=np.array(self.mean),
            between=np.array(self.between),
            within=np.array(self.within),
            mean_covariance=np.array(self.mean_covariance),
            n_groups=self.relationships,
            identified=True,
        )
        return KnownView(self.dimensions, moments)

    def reliability(self, weights: Mapping[str, float]) -> float:
        """Return ICC(1,n) of a contrast over its dimensions, above 0 and up to 1."""
        c = np.array([weights.get(each, 0.0) for each in self.dimensions])
        true = float(c @ np.array(self.between) @ c)
        noise = float(c @ np.array(self.within) @ c) / self.answers_each
        return max(true / (true + noise), 1e-6) if true > 0 else 1e-6


def in_force(session: Session, wave: Wave, layers: Sequence[Layer]) -> dict[str, Reference]:
    """Return the newest set of each view that knows all of its dimensions, by view."""
    sets = session.scalars(
        select(ReferenceSet)
        .where(ReferenceSet.programme_id == wave.programme_id, ReferenceSet.retired_at.is_(None))
        .order_by(ReferenceSet.frozen_at.desc(), ReferenceSet.id)
    ).all()
    found: dict[str, Reference] = {}
    for layer in layers:
        asked = {each["id"] for each in layer.dimensions}
        for each in sets:
            fits = each.view.value == layer.view and asked <= set(each.content["dimensions"])
            if fits and layer.view not in found:
                found[layer.view] = Reference(**each.content)
    return found


def of_state(
    entries: Sequence[Entry], facts: Sequence[str], references: Mapping[str, Reference]
) -> Moments:
    """Build the reference for all entries of a state, facts last."""
    traits = [each.traits for each in entries]
    traits += [EntryTraits(dimension=each, view=each, is_fact=True) for each in facts]
    known = {view: reference.known for view, reference in references.items()}
    return assumed_state(traits, known or None)


def ever_frozen(session: Session, wave: Wave) -> set[tuple[str, str]]:
    """Return view and name of every set there ever was: a retired one is not frozen again."""
    query = select(ReferenceSet.view, ReferenceSet.name).where(
        ReferenceSet.programme_id == wave.programme_id
    )
    return {(row.view.value, row.name) for row in session.execute(query)}


def freeze(
    session: Session,
    wave: Wave,
    view: str,
    reference: Reference,
    *,
    by: str,
    at: datetime,
) -> ReferenceSet:
    """Keep a programme's own set for good; later waves are read against it."""
    content = {name: getattr(reference, name) for name in reference.__slots__}
    made = ReferenceSet(
        id=uuid.uuid4(),
        programme_id=wave.programme_id,
        name=reference.name,
        view=View(view),
        origin=ReferenceOrigin.OWN,
        wave_id=wave.id,
        relationships=reference.relationships,
        content=content,
        content_hash=content_hash(content),
        frozen_at=at,
        by=by,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        wave.programme,
        "reference-set.frozen",
        subject=f"reference:{reference.name}",
        by=by,
        at=at,
        view=view,
        relationships=reference.relationships,
        content=made.content_hash,
    )
    return made


def name_of(references: Mapping[str, Reference]) -> str:
    """Return the name of what buyers' answers are read against."""
    return references[BUYER].name if BUYER in references else ASSUMED_NAME
