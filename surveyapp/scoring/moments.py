"""Moments of the Gaussian state: the mean, the spread of true scores, and the noise of an answer.

The public names are re-exported by :mod:`surveyapp.scoring.state`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.scoring.answers import Answers, Gather, checked
from surveyapp.scoring.arrays import Bools, Floats, Ints

HALF_WEIGHT: Final = 3.0
"""h: a group of this many respondents has half the weight a group of very many has."""
BETWEEN_FLOOR: Final = 1e-12
"""Smallest eigenvalue kept between groups, in units of the entries' own variances: zero but for
rounding, because a boundary estimate of no differences must stay one."""
_WITHIN_FLOOR: Final = 1e-6
"""Smallest eigenvalue kept within groups; it is inverted, so it keeps that well conditioned."""
_BLOCK_ROWS: Final = 8192
"""Rows summed at a time, so that the work stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What is known of a population of relationships before one of them is looked at.

    NaN in a matrix marks what the answers cannot tell and no reference has told.
    """

    mean: Floats
    """mu, shape (entries,)."""
    between: Floats
    """Omega, shape (entries, entries): covariance of true scores over relationships."""
    within: Floats
    """Sigma, shape (entries, entries): covariance of one respondent around the relationship; 0 for
    entries that were only seen with known noise."""
    mean_covariance: Floats
    """Cov of the estimated mean, shape (entries, entries)."""
    n_groups: int
    """Groups with at least one answer."""
    identified: bool
    """False when no group has two observers and no reference was pooled: then nothing tells
    differences between groups from differences between people."""


def estimate_moments(
    y: Floats, group: Ints, n_groups: int, *, noise: Floats | None = None
) -> Moments:
    r"""Estimate mean, between and within covariance in one pass, for any missing pattern.

    Parameters
    ----------
    y : ndarray, shape (respondents, entries)
        Respondent vectors, dimensions on 0..100, KPIs as z; NaN = no answer. Any unit will do:
        entries may be rescaled at will.
    group : ndarray of int, shape (respondents,)
        The relationship of each row, 0..n_groups-1.
    n_groups : int
        Number of relationships, those without answers included.
    noise : ndarray, shape (respondents, entries), optional
        Known error variances (KPIs), independent of everything else; NaN = estimate it.

    Returns
    -------
    Moments
        `identified` is False, and the parts concerned are NaN, when some entry has no group with
        two observers (or fewer than two groups). Covariances between two entries that never meet
        in one group are 0. Never negative definite: eigenvalues are clipped at a floor.

    Raises
    ------
    ValueError
        Wrong shapes, codes out of range, infinite values, noise that is not positive.

    Notes
    -----
    With :math:`h = 3`, all per entry p, q and group a:

    .. math::
        \mu &= \sum_a c_a \bar y_a, \quad c_a \propto n_a/(n_a + h) \\
        \Omega^{raw}_{pq} &= \frac{\sum_a k_a (S_{ap} S_{aq} - own_{apq})}
                                  {\sum_a k_a (n_{ap} n_{aq} - n_{apq})}, \quad
            k_a = \frac{1}{(n_{ap} + h)(n_{aq} + h)} \\
        \Sigma_{pq} &= \frac{\sum_a own_{apq} - n_{apq} S_{ap} S_{aq} / (n_{ap} n_{aq})}
                            {\sum_a n_{apq} - n_{apq}^2 / (n_{ap} n_{aq})} \\
        \Omega &= (\Omega^{raw} + D \circ \Sigma) / (1 - C)

    with S the sums of centred answers, own the sums of products of the same respondent, n_apq the
    number answering both, :math:`C_{pq} = \sum c_{ap} c_{aq}` and
    :math:`D_{pq} = \sum c_{ap} c_{aq} n_{apq} / (n_{ap} n_{aq})`. Cells with known noise take no
    part in Sigma; their noise, not their square, is taken off the diagonal of Omega.

    Sums are of the answers as given, less a whole number for each entry. Answers that are whole
    numbers (units of 1/10,000 point) below 2^26 in size therefore give bit-identical sums in any
    row order; answers in points agree to rounding, far within 1e-9.

    References
    ----------
    Henderson (1953), Biometrics 9, 226-252 (method of moments); Searle, Casella & McCulloch (1992),
    Variance Components, ch. 5. Balanced one-way data give the REML variances exactly: the Dyestuff2
    data of Box & Tiao (1973) give 0 between batches (test case `dyestuff2_boundary`).
    """
    data = checked(y, group, n_groups, noise)
    sums = _Sums.of(data, n_groups)
    products = np.zeros((7, sums.n.shape[1], sums.n.shape[1]))
    for rows, groups in _blocks(data.group, n_groups):
        products += _products(data, sums, rows, groups)
    return _moments(data, sums, products)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Counts and centred sums by group, each (groups, entries)."""

    n: Floats
    total: Floats
    n_estimated: Floats
    """Of the answers whose error is to be estimated."""
    total_estimated: Floats
    known_noise: Floats
    weight: Floats
    """c; a column without answers is 0."""
    mean: Floats
    """Of the shifted answers, (entries,)."""

    @classmethod
    def of(cls, data: Answers, n_groups: int) -> "_Sums":
        gather = Gather(data.group, n_groups)
        n = gather(data.answered)
        raw = gather(data.values)
        weight = n / (n + HALF_WEIGHT)
        weight = weight / np.maximum(weight.sum(axis=0), np.finfo(np.float64).tiny)
        mean = (weight * raw / np.maximum(n, 1.0)).sum(axis=0)
        total = raw - n * mean
        if data.noise is None:
            return cls(n, total, n, total, np.zeros_like(n), weight, mean)
        estimated = data.estimated()
        n_estimated = gather(estimated)
        total_estimated = gather(data.values * estimated) - n_estimated * mean
        known_noise = gather(np.nan_to_num(data.noise))
        return cls(n, total, n_estimated, total_estimated, known_noise, weight, mean)


def _blocks(group: Ints, n_groups: int) -> Iterator[tuple[slice, slice]]:
    """Yield rows and groups of about `_BLOCK_ROWS` rows, whole groups each."""
    first = np.searchsorted(group, np.arange(n_groups + 1))
    start = 0
    while start < n_groups:
        end = int(np.searchsorted(first, first[start] + _BLOCK_ROWS, side="right")) - 1
        end = min(max(end, start + 1), n_groups)
        yield slice(int(first[start]), int(first[end])), slice(start, end)
        start = end


def _products(data: Answers, sums: _Sums, rows: slice, groups: slice) -> Floats:
    """Sums over a block's groups that the moments are ratios of, (7, entries, entries).

    In order: numerator and denominator of Omega, of Sigma, of the total spread, and D.
    """
    gather = Gather(data.group[rows] - groups.start, groups.stop - groups.start)
    seen = data.answered[rows]
    if data.noise is not None:
        seen = seen & np.isnan(data.noise[rows])
    counts = seen.astype(np.float64)
    values = data.values[rows] * counts
    n, total, weight = sums.n[groups], sums.total[groups], sums.weight[groups]
    m, total_estimated = sums.n_estimated[groups], sums.total_estimated[groups]
    known_noise = sums.known_noise[groups]
    size = n.shape[1]
    result = np.empty((7, size, size))
    for q in range(size):
        both = gather(counts * counts[:, [q]])
        own = (
            gather(values * values[:, [q]])
            - sums.mean * gather(counts * values[:, [q]])
            - sums.mean[q] * gather(values * counts[:, [q]])
            + both * sums.mean * sums.mean[q]
        )
        pairs = n * n[:, [q]] - both
        excess = total * total[:, [q]] - own
        excess[:, q] -= known_noise[:, q]
        k = (pairs > 0) / ((n + HALF_WEIGHT) * (n[:, [q]] + HALF_WEIGHT))
        overlap = both / np.maximum(m * m[:, [q]], 1.0)
        degrees = both * (1.0 - overlap)
        apart = (degrees > 0) * (own - overlap * total_estimated * total_estimated[:, [q]])
        shared = weight * weight[:, [q]] * both / np.maximum(n * n[:, [q]], 1.0)
        columns = (k * excess, k * pairs, apart, degrees, own, both, shared)
        result[:, :, q] = [column.sum(axis=0) for column in columns]
    return result


def _moments(data: Answers, sums: _Sums, products: Floats) -> Moments:
    answered = sums.n.sum(axis=0) > 0
    only_known = (sums.n_estimated.sum(axis=0) == 0) & answered
    never_met = ~np.eye(answered.size, dtype=bool) & np.outer(answered, answered)
    between = _ratio(products[0], products[1], otherwise=np.where(never_met, 0.0, np.nan))
    within = _ratio(products[2], products[3], otherwise=np.where(never_met, 0.0, np.nan))
    within[only_known, :] = within[:, only_known] = 0.0
    rater_share = products[6]
    group_share = sums.weight.T @ sums.weight
    known = np.diag((sums.weight**2 * sums.known_noise / np.maximum(sums.n, 1.0) ** 2).sum(axis=0))
    one_group = 1.0 - group_share < 1e-12  # noqa: PLR2004 - one group has all weight, to rounding
    room = np.where(one_group, np.nan, 1.0 - group_share)
    spread = _ratio(products[4], products[5], otherwise=np.full(room.shape, np.nan)) / room
    between = without_negatives(
        (between + rater_share * within + known) / room, BETWEEN_FLOOR, spread
    )
    within = without_negatives(within, _WITHIN_FLOOR, spread, skip=only_known)
    mean_covariance = group_share * between + rater_share * within + known
    # single answers per group: only the sum Omega + Sigma is known, and only the sum is needed
    single = rater_share * spread + known
    return Moments(
        mean=np.where(answered, sums.mean + data.shift, np.nan),
        between=between,
        within=within,
        mean_covariance=np.where(np.isnan(mean_covariance), single, mean_covariance),
        n_groups=int((sums.n.sum(axis=1) > 0).sum()),
        identified=not bool(np.isnan(between).any() or np.isnan(within).any()),
    )


def _ratio(numerator: Floats, denominator: Floats, *, otherwise: Floats) -> Floats:
    told = denominator > 0
    return np.where(told, numerator / np.where(told, denominator, 1.0), otherwise)


def without_negatives(
    matrix: Floats, floor: float, spread: Floats, *, skip: Bools | None = None
) -> Floats:
    """Clip eigenvalues at `floor`, in units of each entry's variance so that units do not matter.

    Only the block of entries whose variance is told is clipped; covariances among the others are
    not told either. Entries in `skip` stay as they are.
    """
    variance = np.diag(matrix)
    told = ~np.isnan(variance)
    result = np.where(told[:, None] | told[None, :], matrix, np.nan)
    block = np.flatnonzero(told if skip is None else told & ~skip)
    if block.size == 0:
        return result
    usual = np.nan_to_num(np.diag(spread))
    scale = np.sqrt(np.where(usual > 0, usual, np.where(variance > 0, variance, 1.0)))[block]
    inside = np.ix_(block, block)
    standard = result[inside] / np.outer(scale, scale)
    standard = (standard + standard.T) / 2
    values, vectors = np.linalg.eigh(standard)
    if values[0] < floor:
        standard = (vectors * np.maximum(values, floor)) @ vectors.T
        standard = (standard + standard.T) / 2
    result[inside] = standard * np.outer(scale, scale)
    return result
