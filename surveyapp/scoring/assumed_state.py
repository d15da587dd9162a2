"""What ``assumed-1`` says of a state that spans views, waves and facts.

The public names are re-exported by :mod:`surveyapp.scoring.norms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.scoring.arrays import Floats
from surveyapp.scoring.assumed import (
    ASSUMED_BETWEEN_CORRELATION,
    ASSUMED_ICC,
    ASSUMED_MEAN,
    ASSUMED_MEAN_ANSWERS,
    ASSUMED_MEAN_GROUPS,
    ASSUMED_SD,
    ASSUMED_WITHIN_CORRELATION,
)
from surveyapp.scoring.moments import BETWEEN_FLOOR, Moments, without_negatives

WAVE_CORRELATION: Final = 0.85
"""Between relationships: a true score and the same one a wave earlier."""
VIEW_CORRELATION: Final = 0.3
"""Between relationships: two sides' views of one thing, and a fact beside a view."""
SHARED_CORRELATION: Final = 0.98
"""Between relationships: a dimension by all of its questions and by those that two waves share."""
SAME_PERSON_CORRELATION: Final = 0.5
"""Within relationships: what one person says in two waves, beyond the relationship."""
SHARED_ANSWERS_CORRELATION: Final = 0.85
"""Within relationships: a person's answers on all questions and on the shared ones."""


@dataclass(frozen=True, slots=True)
class EntryTraits:
    """What an entry has in common with another one, as far as the assumed set cares."""

    dimension: str
    view: str
    """Whose view; for a fact its own name."""
    wave: str = ""
    part: str = ""
    """Which of the dimension's questions, where not all."""
    is_fact: bool = False


@dataclass(frozen=True, slots=True)
class KnownView:
    """A frozen set of one view: its moments and the dimension each entry of theirs is."""

    dimensions: list[str]
    moments: Moments


def assumed_state(
    entries: list[EntryTraits], known: Mapping[str, KnownView] | None = None
) -> Moments:
    """Build the reference for the entries of a state: ``assumed-1``, and frozen sets where known.

    Parameters
    ----------
    entries : list of EntryTraits
        One for each entry.
    known : mapping of view to KnownView, optional
        Sets that replace the assumed means and spreads of a view, for every wave of it.

    Returns
    -------
    Moments
        Perceptions as :func:`surveyapp.scoring.norms.assumed_reference` has them; facts on the z
        scale, mean 0 and variance 1, known with their own noise only. Correlations are products of
        one factor for each trait that differs, so the matrices stay positive semidefinite (Schur,
        1911). With one view of one wave and no frozen set it is exactly `assumed_reference`.

    Raises
    ------
    ValueError
        No entries, or a frozen set without a dimension of its view.
    """
    if not entries:
        raise ValueError("A state needs at least one entry.")
    is_fact = np.array([each.is_fact for each in entries])
    spread = np.where(is_fact, 1.0, ASSUMED_SD * np.sqrt(ASSUMED_ICC))
    noise = np.where(is_fact, 0.0, ASSUMED_SD * np.sqrt(1 - ASSUMED_ICC))
    between = np.outer(spread, spread) * _between_correlations(entries)
    within = np.outer(noise, noise) * _within_correlations(entries)
    assumed = Moments(
        mean=np.where(is_fact, 0.0, ASSUMED_MEAN),
        between=between,
        within=within,
        mean_covariance=(between + within / ASSUMED_MEAN_ANSWERS) / ASSUMED_MEAN_GROUPS,
        n_groups=0,
        identified=True,
    )
    return _with_known(assumed, entries, known) if known else assumed


def _between_correlations(entries: list[EntryTraits]) -> Floats:
    return (
        _factor([each.dimension for each in entries], ASSUMED_BETWEEN_CORRELATION)
        * _factor([each.view for each in entries], VIEW_CORRELATION)
        * _factor([each.wave for each in entries], WAVE_CORRELATION)
        * _factor([each.part for each in entries], SHARED_CORRELATION)
    )


def _within_correlations(entries: list[EntryTraits]) -> Floats:
    return (
        _factor([each.dimension for each in entries], ASSUMED_WITHIN_CORRELATION)
        * _factor([each.view for each in entries], 0.0)
        * _factor([each.wave for each in entries], SAME_PERSON_CORRELATION)
        * _factor([each.part for each in entries], SHARED_ANSWERS_CORRELATION)
    )


def _with_known(
    assumed: Moments, entries: list[EntryTraits], known: Mapping[str, KnownView]
) -> Moments:
    """Put the frozen means and covariances of a view in place of the assumed ones."""
    waves = _factor([each.wave for each in entries], WAVE_CORRELATION)
    parts = _factor([each.part for each in entries], SHARED_CORRELATION)
    people = _factor([each.wave for each in entries], SAME_PERSON_CORRELATION)
    answers = _factor([each.part for each in entries], SHARED_ANSWERS_CORRELATION)
    mean, spread = assumed.mean.copy(), np.sqrt(np.diag(assumed.between)).copy()
    own = {}
    for view, frozen in known.items():
        of_view = [number for number, each in enumerate(entries) if each.view == view]
        try:
            source = [frozen.dimensions.index(entries[number].dimension) for number in of_view]
        except ValueError as error:
            raise ValueError(f"The reference of {view} lacks a dimension: {error}.") from error
        mean[of_view] = frozen.moments.mean[source]
        spread[of_view] = np.sqrt(np.diag(frozen.moments.between))[source]
        own[view] = (np.ix_(of_view, of_view), np.ix_(source, source))
    between = np.outer(spread, spread) * _between_correlations(entries)
    within, mean_covariance = assumed.within.copy(), assumed.mean_covariance.copy()
    for view, (here, there) in own.items():
        moments = known[view].moments
        between[here] = moments.between[there] * (waves * parts)[here]
        within[here] = moments.within[there] * (people * answers)[here]
        rows = here[0].ravel()
        mean_covariance[rows, :] = mean_covariance[:, rows] = 0.0
        mean_covariance[here] = moments.mean_covariance[there]
    return Moments(
        mean=mean,
        between=without_negatives(between, BETWEEN_FLOOR, between),
        within=within,
        mean_covariance=mean_covariance,
        n_groups=0,
        identified=True,
    )


def _factor(traits: list[str], correlation: float) -> Floats:
    same = np.array(traits)[:, None] == np.array(traits)[None, :]
    return np.where(same, 1.0, correlation)
