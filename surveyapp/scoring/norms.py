"""Reference sets and cut sets: what a relationship is read against, and how it is read.

A reference set is named and versioned, never edited. ``assumed-1`` ships with the product and is
used until a programme has its own; every page then says "assumed, not estimated".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import ndtri

from surveyapp.scoring.arrays import Floats, numbers
from surveyapp.scoring.assumed import (
    ASSUMED_ICC,
    ASSUMED_MEAN,
    ASSUMED_NAME,
    ASSUMED_SD,
    ENOUGH_GROUPS,
    Basis,
    assumed_question,
    assumed_reference,
    assumed_split,
    basis,
    prior,
)
from surveyapp.scoring.assumed_state import EntryTraits, KnownView, assumed_state
from surveyapp.scoring.moments import Moments

__all__ = [
    "ASSUMED_ICC",
    "ASSUMED_MEAN",
    "ASSUMED_NAME",
    "ASSUMED_SD",
    "CUT_SETS",
    "ENOUGH_GROUPS",
    "SEED_SHARES",
    "SEED_WORDS",
    "Basis",
    "CutSet",
    "EntryTraits",
    "KnownView",
    "assumed_question",
    "assumed_reference",
    "assumed_split",
    "assumed_state",
    "basis",
    "prior",
    "reference_spread",
    "standardise",
    "t_score",
]


@dataclass(frozen=True, slots=True)
class CutSet:
    """Where one level ends and the next begins, on the z of the reference's true scores."""

    name: str
    version: int
    cuts: tuple[float, ...]


SEED_SHARES: Final = CutSet("seed-shares", 1, tuple(float(ndtri(p)) for p in (0.10, 0.34, 0.80)))
"""Levels that hold 10, 24, 46 and 20 per cent of the reference."""
SEED_WORDS: Final = CutSet("seed-words", 1, (-1.0, 0.0, 1.0))
"""Levels bounded at one SD below, at, and one SD above the reference's mean."""
CUT_SETS: Final[Mapping[str, CutSet]] = MappingProxyType(
    {cuts.name: cuts for cuts in (SEED_SHARES, SEED_WORDS)}
)


def reference_spread(reference: Moments, c: Floats) -> tuple[float, float]:
    """Mean and SD of the reference's true scores along a contrast: the bell curve to draw.

    Parameters
    ----------
    reference : Moments
    c : ndarray, shape (entries,)

    Returns
    -------
    mean, sd : float
        c'mu and tau = sqrt(c' Omega c), in points.

    Raises
    ------
    ValueError
        Wrong shape, or a contrast along which the reference has no spread.
    """
    weights = numbers("c", c, dimensions=1)
    if weights.shape != reference.mean.shape:
        raise ValueError(f"c must have shape {reference.mean.shape}, not {weights.shape}.")
    variance = float(weights @ reference.between @ weights)
    if not variance > 0:
        raise ValueError("The reference has no spread along this contrast, so nothing can be read.")
    return float(weights @ reference.mean), float(np.sqrt(variance))


def standardise(
    value: Floats,
    standard_error: Floats,
    *,
    reference_mean: float,
    reference_sd: float,
    reference_groups: int | None = None,
    reference_reliability: float | None = None,
) -> tuple[Floats, Floats]:
    """Read values on a reference's bell curve of true scores.

    Parameters
    ----------
    value, standard_error : ndarray, shape (groups,)
        A contrast from :meth:`Posterior.contrast`, in points.
    reference_mean, reference_sd : float
        From :func:`reference_spread`.
    reference_groups : int, optional
        A, relationships the reference was estimated from; None for assumed constants, which are a
        definition and have no error.
    reference_reliability : float, optional
        r, ICC(1,n) of the reference's relationships, in (0, 1]; asked for with A.

    Returns
    -------
    z, s : ndarray, shape (groups,)
        z = (value - mean) / tau; s^2 = (se / tau)^2 + 1 / (A r) + z^2 / (2 A r^2).

    Raises
    ------
    ValueError
        Shapes differ, a spread or size that is not positive, or A without r.

    Notes
    -----
    The two added terms are the sampling variances of the reference's mean and SD when its true
    scores are normal and known with reliability r (delta method; Kendall & Stuart, Advanced Theory
    of Statistics, vol. 1, ch. 10).
    """
    points = numbers("value", value, dimensions=1)
    errors = numbers("standard_error", standard_error, dimensions=1)
    if errors.shape != points.shape or bool((errors < 0).any()):
        raise ValueError("standard_error must be 0 or more and have the shape of value.")
    if not (np.isfinite(reference_mean) and np.isfinite(reference_sd) and reference_sd > 0):
        raise ValueError("The reference needs a finite mean and a positive SD.")
    z = (points - reference_mean) / reference_sd
    variance = (errors / reference_sd) ** 2
    if reference_groups is not None:
        if reference_reliability is None or not 0 < reference_reliability <= 1:
            raise ValueError("A reference with a size needs its reliability, above 0 and up to 1.")
        if reference_groups < 1:
            raise ValueError(f"reference_groups must be 1 or more, not {reference_groups}.")
        information = reference_groups * reference_reliability
        variance = variance + 1 / information + z**2 / (2 * information * reference_reliability)
    return z, np.sqrt(variance)


def t_score(z: Floats) -> Floats:
    """Put z into the unit pages show: 50 is the reference's mean, 10 points its SD.

    Parameters
    ----------
    z : ndarray, any shape
        NaN stays NaN.

    Returns
    -------
    ndarray, shape of `z`
        T = 50 + 10 z.

    Raises
    ------
    ValueError
        Empty or infinite values.
    """
    position = numbers("z", z, missing=True)
    return 50.0 + 10.0 * position
