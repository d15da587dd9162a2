"""How probable it is that two ways of reading one relationship give two different levels."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from surveyapp.scoring.arrays import Floats, numbers

_NODES: Final = 24
_SAME: Final = 1e-6
"""Under this share of its own error the second reading follows from the first."""


def move_probability(
    first: tuple[Floats, Floats],
    second: tuple[Floats, Floats],
    correlation: Floats,
    cuts: tuple[Sequence[float], Sequence[float]],
) -> Floats:
    """Probability that the true level differs between two readings of the same relationships.

    Parameters
    ----------
    first, second : tuple of ndarray, each shape (groups,)
        z and its standard error, above 0, by one rule and by the other.
    correlation : ndarray, shape (groups,)
        Of the two true scores, given the answers.
    cuts : tuple of two sequences of float
        Ascending z between levels, of either rule; as many in both.

    Returns
    -------
    ndarray, shape (groups,)
        0..1.

    Raises
    ------
    ValueError
        Shapes differ, or an error that is not positive.

    Notes
    -----
    1 - sum over levels of P(both in it), the two true scores bivariate normal. Each is integrated over
    the first score by Gauss-Legendre in its probability; where the correlation is one it is exact.
    """
    z, s = (numbers("first", each, dimensions=1) for each in first)
    z2, s2 = (numbers("second", each, dimensions=1) for each in second)
    r = np.clip(numbers("correlation", correlation, dimensions=1), -1.0, 1.0)
    if not z.shape == s.shape == z2.shape == s2.shape == r.shape:
        raise ValueError("Both readings and their correlation must have one shape.")
    if bool((s <= 0).any() or (s2 <= 0).any()) or len(cuts[0]) != len(cuts[1]):
        raise ValueError("Standard errors must be positive, and both rules have as many cuts.")
    edges, edges2 = (np.array([-np.inf, *each, np.inf]) for each in cuts)
    rest = np.sqrt(np.maximum(1.0 - r**2, 0.0))
    same = np.where(
        (rest < _SAME) & (r > 0),
        _following((z, s, edges), (z2, s2, edges2)),
        _together((z, s, edges), (z2, s2, edges2), r, np.maximum(rest, _SAME)),
    )
    return np.clip(1.0 - same, 0.0, 1.0)


_Reading = tuple[Floats, Floats, Floats]


def _following(first: _Reading, second: _Reading) -> Floats:
    """P(same level) where one score follows from the other: overlapping parts of one curve."""
    (low, high), (low2, high2) = _ends(first), _ends(second)
    overlap = ndtr(np.minimum(high, high2)) - ndtr(np.maximum(low, low2))
    kept: Floats = np.maximum(overlap, 0.0).sum(axis=1)
    return kept


def _ends(reading: _Reading) -> tuple[Floats, Floats]:
    """Return lower and upper end of each level in errors from z, each (groups, levels)."""
    z, s, edges = reading
    scaled = (edges[None, :] - z[:, None]) / s[:, None]
    return scaled[:, :-1], scaled[:, 1:]


def _together(first: _Reading, second: _Reading, r: Floats, rest: Floats) -> Floats:
    point, weight = np.polynomial.legendre.leggauss(_NODES)
    share = (point + 1.0) / 2.0
    (low, high), (low2, high2) = _ends(first), _ends(second)
    same = np.zeros(r.size)
    for level in range(low.shape[1]):
        start = ndtr(low[:, level])
        size = ndtr(high[:, level]) - start
        inside = np.clip(start[:, None] + size[:, None] * share, 1e-15, 1 - 1e-15)
        shift = r[:, None] * ndtri(inside)
        both = ndtr((high2[:, [level]] - shift) / rest[:, None])
        both -= ndtr((low2[:, [level]] - shift) / rest[:, None])
        same += size * (both @ weight) / 2.0
    return same
