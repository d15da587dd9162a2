"""Between covariances of many resamples of relationships at once, for intervals of what rests on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.scoring.answers import Answers, Gather, checked
from surveyapp.scoring.arrays import Bools, Floats, Ints, numbers
from surveyapp.scoring.moments import HALF_WEIGHT

_BLOCK: Final = 2048
"""Relationships summed at a time: about 10 MB for eight entries."""


def resampled_between(y: Floats, group: Ints, n_groups: int, counts: Floats) -> Floats:
    """Between covariance of each resample of relationships, as :func:`estimate_moments` has it.

    Parameters
    ----------
    y, group, n_groups
        As in :func:`surveyapp.scoring.state.estimate_moments`, without known noise.
    counts : ndarray, shape (resamples, groups)
        How often each relationship is in each resample; ones give the answers as they are.

    Returns
    -------
    ndarray, shape (resamples, entries, entries)
        Omega, symmetric, negative eigenvalues left in; NaN where a resample cannot tell a cell.

    Raises
    ------
    ValueError
        Wrong shapes, or counts that are negative.

    Notes
    -----
    Every sum of the moments is a sum over relationships of terms that are quadratic in the mean, so
    one matrix product of counts and terms serves all resamples; a relationship drawn twice counts
    as two. Equal to estimating each resample by itself before eigenvalues are clipped.
    """
    data = checked(y, group, n_groups, None)
    times = numbers("counts", counts, dimensions=2)
    if times.shape[1] != n_groups or bool((times < 0).any()):
        raise ValueError(f"counts must be 0 or more and have {n_groups} columns, one a group.")
    size = data.values.shape[1]
    sums = np.zeros((times.shape[0], 2 * size + len(_Terms.SQUARE) * size**2))
    for terms, groups in _terms(data, n_groups):
        sums += times[:, groups] @ terms.flat()
    linear, square = np.split(sums, [2 * size], axis=1)
    return _between(
        linear.reshape(-1, 2, size).transpose(1, 0, 2),
        square.reshape(-1, len(_Terms.SQUARE), size, size).transpose(1, 0, 2, 3),
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """What each relationship adds to the sums, before the mean is taken off."""

    LINEAR = ("weight", "weighted")
    SQUARE = (
        *("excess", "excess_slope", "pairs", "apart", "apart_slope"),
        *("degrees", "group_share", "rater_share"),
    )
    weight: Floats
    weighted: Floats
    excess: Floats
    excess_slope: Floats
    pairs: Floats
    apart: Floats
    apart_slope: Floats
    degrees: Floats
    group_share: Floats
    rater_share: Floats

    def flat(self) -> Floats:
        """Return them side by side, one row for each relationship."""
        names = (*self.LINEAR, *self.SQUARE)
        return np.hstack([getattr(self, name).reshape(len(self.weight), -1) for name in names])


def _terms(data: Answers, n_groups: int) -> Iterator[tuple[_Terms, slice]]:
    first = np.searchsorted(data.group, np.arange(n_groups + 1))
    for start in range(0, n_groups, _BLOCK):
        end = min(start + _BLOCK, n_groups)
        rows = slice(int(first[start]), int(first[end]))
        gather = Gather(data.group[rows] - start, end - start)
        yield _of_block(data.values[rows], data.answered[rows], gather), slice(start, end)


def _of_block(values: Floats, answered: Bools, gather: Gather) -> _Terms:
    seen = answered.astype(np.float64)
    n, total = gather(seen), gather(values)
    size = n.shape[1]

    def crossed(left: Floats, right: Floats) -> Floats:
        return np.stack([gather(left * right[:, [q]]) for q in range(size)], axis=2)

    both, own, told = crossed(seen, seen), crossed(values, values), crossed(values, seen)
    n_products = n[:, :, None] * n[:, None, :]
    totals = total[:, :, None] * total[:, None, :]
    slopes = total[:, :, None] * n[:, None, :]
    pairs = n_products - both
    k = (pairs > 0) / ((n[:, :, None] + HALF_WEIGHT) * (n[:, None, :] + HALF_WEIGHT))
    overlap = both / np.maximum(n_products, 1.0)
    degrees = both * (1.0 - overlap)
    tells = degrees > 0
    weight = n / (n + HALF_WEIGHT)
    shared = weight[:, :, None] * weight[:, None, :]
    return _Terms(
        weight=weight,
        weighted=weight * total / np.maximum(n, 1.0),
        excess=k * (totals - own),
        excess_slope=k * (slopes - told),
        pairs=k * pairs,
        apart=tells * (own - overlap * totals),
        apart_slope=tells * (told - overlap * slopes),
        degrees=degrees,
        group_share=shared,
        rater_share=shared * overlap,
    )


def _between(linear: Floats, square: Floats) -> Floats:
    weight, weighted = linear
    excess, excess_slope, pairs, apart, apart_slope, degrees, group_share, rater_share = square
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN marks what a resample cannot tell
        mean = weighted / weight
        row, column = mean[:, :, None], mean[:, None, :]
        numerator = excess - column * excess_slope - row * excess_slope.transpose(0, 2, 1)
        raw = (numerator + row * column * pairs) / pairs
        within = apart - column * apart_slope - row * apart_slope.transpose(0, 2, 1)
        within = within / degrees
        scale = weight[:, :, None] * weight[:, None, :]
        between: Floats = (raw + rater_share / scale * within) / (1.0 - group_share / scale)
    return (between + between.transpose(0, 2, 1)) / 2
