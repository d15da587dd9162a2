"""What moves together with an outcome; never what causes it.

This module loads scipy.stats (about a second at import).
"""

from functools import cache
from itertools import permutations
from math import comb
from typing import Final, Literal

import numpy as np
from scipy import stats
from scipy.special import ndtri

from surveyapp.scoring.arrays import Floats, numbers, share, square
from surveyapp.scoring.estimate import Estimate

MOST_FOR_LMG: Final = 12
"""2^12 regressions are quick; beyond, relative weights say nearly the same."""
_FLOOR: Final = 0.01
"""Smallest eigenvalue of estimated correlations: nearer to 0 it is rounding, not knowledge."""
_EXACT_UP_TO: Final = 9
_FEWEST_PAIRS: Final = 3


def relative_weights(correlation: Floats, outcome: Floats) -> Floats:
    """Share of an outcome's variance that goes with each correlated predictor (Johnson).

    Parameters
    ----------
    correlation : ndarray, shape (p, p)
        Correlations of the predictors; may be singular.
    outcome : ndarray, shape (p,)
        Correlation of each predictor with the outcome.

    Returns
    -------
    ndarray, shape (p,)
        Weights, 0 or more; they sum to R^2.

    Raises
    ------
    ValueError
        Not a correlation matrix, shapes differ, or no variables could have these correlations.

    References
    ----------
    Johnson (2000), Multivariate Behavioral Research 35, 1-19, eq. 6-10. Reference: mpg on cyl,
    disp, hp, wt of mtcars gives .2096904 .1883043 .1799590 .2706812 (`rw_mtcars`).
    """
    r, target = _correlations(correlation, outcome)
    values, vectors = np.linalg.eigh(r)
    root = np.sqrt(np.maximum(values, 0.0))
    usable = root > 1e-7  # noqa: PLR2004 - the root of rounding in a singular matrix
    inverse = np.where(usable, 1.0 / np.where(usable, root, 1.0), 0.0)
    half = (vectors * root) @ vectors.T
    slope = (vectors * inverse) @ (vectors.T @ target)
    weights: Floats = half**2 @ slope**2
    return weights


def lmg(correlation: Floats, outcome: Floats) -> Floats:
    """Average gain in R^2 of each predictor over all orders of entry (Shapley, LMG).

    Parameters
    ----------
    correlation : ndarray, shape (p, p)
        Correlations of the predictors, p up to 12; may be singular.
    outcome : ndarray, shape (p,)
        Correlation of each predictor with the outcome.

    Returns
    -------
    ndarray, shape (p,)
        Shares, 0 or more; they sum to R^2.

    Raises
    ------
    ValueError
        As :func:`relative_weights`, or more than 12 predictors.

    References
    ----------
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, 119 ff.;
    Groemping (2006), J. Statistical Software 17(1). Reference: two predictors get
    (r_1^2 + R^2 - r_2^2) / 2 and the mirror of it.
    """
    r, target = _correlations(correlation, outcome)
    p = target.size
    if p > MOST_FOR_LMG:
        raise ValueError(
            f"LMG takes up to {MOST_FOR_LMG} predictors, not {p}; use relative_weights."
        )
    shares: Floats = _lmg(r[np.newaxis], target[np.newaxis])[0]
    return shares


def latent_shares(covariances: Floats) -> tuple[Floats, Floats]:
    """Shares of one outcome that go with each predictor, from many estimated covariances at once.

    Parameters
    ----------
    covariances : ndarray, shape (matrices, p + 1, p + 1)
        Of the predictors and of the outcome, which is last. Estimates: they need not be positive
        definite, but variances must be positive.

    Returns
    -------
    shares : ndarray, shape (matrices, p)
        Of what all predictors explain together, by LMG up to 12 of them, else by relative weights;
        0 or more, they sum to 1.
    explained : ndarray, shape (matrices,)
        R^2.

    Raises
    ------
    ValueError
        Wrong shape, or a variance that is not positive.

    Notes
    -----
    Eigenvalues of the correlations below .01 are raised to it: predictors that cannot be told apart
    then share alike, and no share hangs on the last digit of an estimate.
    """
    table = numbers("covariances", covariances, dimensions=3)
    p = table.shape[2] - 1
    if table.shape[1] != p + 1 or p < 1:
        raise ValueError(f"covariances must be square, of 2 variables or more, not {table.shape}.")
    variance = np.diagonal(table, axis1=1, axis2=2)
    if not bool((variance > 0).all()):
        raise ValueError("Every variance must be positive.")
    r = _as_correlations(table)
    values, vectors = np.linalg.eigh(r)
    r = _as_correlations((vectors * np.maximum(values, _FLOOR)[:, None, :]) @ _turned(vectors))
    predictors, outcome = r[:, :p, :p], r[:, :p, p]
    if p > MOST_FOR_LMG:
        found = np.stack(
            [relative_weights(*each) for each in zip(predictors, outcome, strict=True)]
        )
    else:
        found = _lmg(predictors, outcome)
    explained: Floats = found.sum(axis=1)
    return found / explained[:, None], explained


def _as_correlations(covariances: Floats) -> Floats:
    spread = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    r = covariances / (spread[:, :, None] * spread[:, None, :])
    r = (r + _turned(r)) / 2
    every = np.arange(r.shape[1])
    r[:, every, every] = 1.0
    symmetric: Floats = r
    return symmetric


def _turned(matrices: Floats) -> Floats:
    return matrices.transpose(0, 2, 1)


def _lmg(r: Floats, target: Floats) -> Floats:
    """LMG of many correlation matrices (matrices, p, p) with their outcomes (matrices, p)."""
    p = target.shape[1]
    members = (np.arange(2**p)[:, None] >> np.arange(p)) & 1
    size = members.sum(axis=1)
    explained = np.zeros((len(r), 2**p))
    for k in range(1, p + 1):
        subsets = np.flatnonzero(size == k)
        chosen = np.nonzero(members[subsets])[1].reshape(-1, k)
        block = r[:, chosen[:, :, None], chosen[:, None, :]]
        seen = target[:, chosen]
        slopes = np.linalg.pinv(block, rcond=1e-10, hermitian=True) @ seen[..., None]
        explained[:, subsets] = (seen * slopes[..., 0]).sum(axis=-1)
    shares = np.empty((len(r), p))
    for i in range(p):
        without = np.flatnonzero(members[:, i] == 0)
        weight = 1.0 / (p * np.array([comb(p - 1, k) for k in range(p)]))[size[without]]
        shares[:, i] = (explained[:, without | (1 << i)] - explained[:, without]) @ weight
    return shares


def _correlations(correlation: Floats, outcome: Floats) -> tuple[Floats, Floats]:
    r = square("correlation", correlation)
    target = numbers("outcome", outcome, dimensions=1)
    if target.shape != (r.shape[0],):
        raise ValueError(f"outcome must have shape ({r.shape[0]},), not {target.shape}.")
    if not np.allclose(np.diag(r), 1.0, rtol=0, atol=1e-8):
        raise ValueError("correlation must have ones on its diagonal.")
    if float(np.abs(np.append(r, target)).max()) > 1 + 1e-8:
        raise ValueError("A correlation is beyond -1 or 1.")
    joint = np.block([[r, target[:, None]], [target[None, :], np.ones((1, 1))]])
    if float(np.linalg.eigvalsh(joint)[0]) < -1e-6:  # noqa: PLR2004 - printed correlations are rounded
        raise ValueError(
            "No variables can have these correlations: the matrix has a negative root."
        )
    return r, target


def correlation(
    x: Floats,
    y: Floats,
    *,
    method: Literal["pearson", "spearman", "kendall"] = "spearman",
    confidence: float = 0.95,
) -> Estimate:
    """Correlation of two variables, with interval and test.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Pairs with NaN are left out.
    method : {"pearson", "spearman", "kendall"}
        Kendall's is tau-b.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        Value in -1..1; interval by Fisher's z with variance 1 / (n - 3), NaN for Kendall and under
        four pairs; p two-sided: of ranks exact up to nine pairs without ties, else by Student's t
        (Spearman) or the normal (Kendall); no standard error (NaN).

    Raises
    ------
    ValueError
        Shapes differ, fewer than three pairs, an unknown method, or a variable that is constant.

    References
    ----------
    Fisher (1921), Metron 1, 3-32. Hollander & Wolfe (1973), p. 187: tuna lightness gives rho .6, p
    .0968, tau .4444, p .1194 (`spearman_tuna`).
    """
    a = numbers("x", x, dimensions=1, missing=True)
    b = numbers("y", y, dimensions=1, missing=True)
    if a.shape != b.shape:
        raise ValueError(f"x and y must have one shape, not {a.shape} and {b.shape}.")
    level = share("confidence", confidence)
    told = ~(np.isnan(a) | np.isnan(b))
    a, b = a[told], b[told]
    n = a.size
    if n < _FEWEST_PAIRS:
        raise ValueError(f"A correlation needs three complete pairs, not {n}.")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        raise ValueError("x or y is constant, so the correlation is not defined.")
    value, p = _test(a, b, method)
    low = high = float("nan")
    if method != "kendall" and n > _FEWEST_PAIRS:
        low = high = value
        if abs(value) < 1:
            reach = float(ndtri((1 + level) / 2)) / np.sqrt(n - 3)
            low, high = (float(np.tanh(np.arctanh(value) + side * reach)) for side in (-1, 1))
    return Estimate(value, float("nan"), low, high, n, level, f"{method} correlation", p)


def _test(a: Floats, b: Floats, method: str) -> tuple[float, float]:
    exact = a.size <= _EXACT_UP_TO and np.unique(a).size == np.unique(b).size == a.size
    if method == "pearson":
        pearson = stats.pearsonr(a, b)
        return float(pearson.statistic), float(pearson.pvalue)
    if method == "kendall":
        kendall = stats.kendalltau(a, b, method="exact" if exact else "asymptotic")
        return float(kendall.statistic), float(kendall.pvalue)
    if method != "spearman":
        raise ValueError(f"method must be pearson, spearman or kendall, not {method!r}.")
    if exact:
        steps = np.argsort(np.argsort(a)) - np.argsort(np.argsort(b))
        value = 1.0 - 6.0 * float((steps**2).sum()) / (a.size * (a.size**2 - 1))
        distribution = _spearman_distribution(a.size)
        return value, float((np.abs(distribution) >= abs(value) - 1e-9).mean())
    spearman = stats.spearmanr(a, b)
    return float(np.clip(spearman.statistic, -1.0, 1.0)), float(spearman.pvalue)


@cache
def _spearman_distribution(n: int) -> Floats:
    """Rank correlation of every order of n ranks."""
    ranks = np.arange(n, dtype=np.int8)
    orders = np.array(list(permutations(range(n))), dtype=np.int8)
    squares = ((orders - ranks).astype(np.int16) ** 2).sum(axis=1)
    rho: Floats = 1.0 - 6.0 * squares / (n * (n**2 - 1))
    return rho
