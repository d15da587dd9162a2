"""What goes with SEQ: shares of the climate dimensions, with intervals over relationships."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from surveyapp.scoring.drivers import latent_shares
from surveyapp.scoring.resampled_moments import resampled_between
from surveyapp.services import score_details
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.score_entries import BUYER, NOW
from surveyapp.services.score_state import Bools, Floats, State

ENOUGH: Final = 30
"""Relationships in which two people or more answered: only these tell people from relationships."""
CONFIDENCE: Final = 0.90
_MOST_RESAMPLES, _FEWEST_RESAMPLES = 400, 100
_WORK: Final = 800_000
"""Relationships times resamples: a tenth of a second."""
_TOLD: Final = 0.95
"""Share of resamples in which everything must be told, or nothing is said."""

Why = Literal["", "no engagement", "one dimension", "too few", "nothing told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """Shares of SEQ's differences between relationships that go with each climate dimension."""

    why_not: Why
    """Why there are none; empty where there are."""
    relationships: int
    """With two people or more."""
    dimensions: list[str] = field(default_factory=list)
    """Where nothing is told: those in which relationships hardly differ, as far as it is one of them."""
    share: Floats = field(default_factory=lambda: np.zeros(0))
    """Of what all of them explain together; sums to 1."""
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))
    explained: float = 0.0
    """Share of SEQ's differences that goes with any of them."""
    resamples: int = 0
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    """Of true scores over relationships: the dimensions, then SEQ."""


def drivers(state: State) -> Drivers:
    """Say which climate dimensions SEQ goes with, in the latent scores of this wave.

    They come from the programme's own answers, not from the moments pooled with a reference: that
    would mix in correlations that are all alike, and make shares alike (decision 22).
    """
    bundle = state.bundle
    number_of = {
        entry.dimension: number
        for number, entry in enumerate(bundle.entries)
        if (entry.view, entry.when, entry.is_shared) == (BUYER, NOW, False)
    }
    kind = {each["id"]: each["kind"] for each in bundle.layers[0].dimensions}
    climate = [each for each in number_of if kind[each] == "climate"]
    columns = list(number_of.values())
    several = int((state.people(state.spoke(columns)) > 1).sum())
    if not any(kind[each] == "engagement" for each in bundle.seq):
        return Drivers(why_not="no engagement", relationships=several)
    if len(climate) < 2:  # noqa: PLR2004 of one there are no shares
        return Drivers(why_not="one dimension", relationships=several)
    if several < ENOUGH:
        return Drivers(why_not="too few", relationships=several)
    # predictors, then SEQ, as combinations of the view's entries
    into = np.zeros((len(columns), len(climate) + 1))
    for place, dimension in enumerate(number_of):
        if dimension in climate:
            into[place, climate.index(dimension)] = 1.0
        into[place, -1] = bundle.seq.get(dimension, 0.0)
    return _estimated(state, columns, into, climate)


def _estimated(state: State, columns: list[int], into: Floats, climate: list[str]) -> Drivers:
    people = state.people(state.spoke(columns))
    among, several = np.flatnonzero(people), int((people > 1).sum())
    resamples = int(np.clip(_WORK // among.size, _FEWEST_RESAMPLES, _MOST_RESAMPLES))
    counts = np.zeros((resamples + 1, state.size))
    counts[0, among] = 1.0
    counts[1:, among] = _drawn(state.bundle, resamples, among.size)
    y = score_details.levelled(state)[:, columns]
    between = resampled_between(y, state.group, state.size, counts)
    covariances = into.T @ between @ into
    # a negative variance of true scores, or one that no pair of people tells, is no driver's base
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    is_told: Bools = np.all(variances > 0, axis=1)
    if not is_told[0] or is_told[1:].mean() < _TOLD:
        return Drivers(
            why_not="nothing told", relationships=several, dimensions=_flat(variances > 0, climate)
        )
    shares, explained = latent_shares(covariances[is_told])
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares[1:], [tail, 1 - tail], axis=0)
    return Drivers(
        why_not="",
        relationships=several,
        dimensions=climate,
        share=shares[0],
        low=np.minimum(low, shares[0]),
        high=np.maximum(high, shares[0]),
        explained=float(explained[0]),
        resamples=int(is_told[1:].sum()),
        covariance=covariances[0],
    )


def _flat(is_told: Bools, climate: list[str]) -> list[str]:
    """Name the dimensions in which relationships hardly differ: each on its own, or the least told.

    ``is_told``: in the answers, then in each resample, of each dimension and then of SEQ.
    """
    shares = is_told[1:].mean(axis=0)
    is_flat = ~is_told[0] | (shares < _TOLD)
    if not is_flat.any():
        is_flat[np.argmin(shares)] = True
    return [each for each, flat in zip(climate, is_flat[:-1], strict=True) if flat]


def _drawn(bundle: Bundle, resamples: int, size: int) -> Floats:
    """Count how often each relationship is drawn; the answers alone decide, so a replay is equal.

    The raw stream of a bit generator is the same in every version of NumPy; its draws are not.
    """
    content = hashlib.sha256(bundle.relationship.tobytes() + bundle.vectors.tobytes()).digest()
    source = np.random.PCG64(int.from_bytes(content[:8], "big"))
    drawn = (source.random_raw(resamples * size) % size).astype(np.int64)
    places = np.repeat(np.arange(resamples, dtype=np.int64), size) * size + drawn
    counted: Floats = np.bincount(places, minlength=resamples * size).astype(np.float64)
    return counted.reshape(resamples, size)
