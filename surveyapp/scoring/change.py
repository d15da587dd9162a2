"""Whether something moved, over all relationships that could have."""

from typing import Final

import numpy as np

from surveyapp.scoring.arrays import Bools, Floats, Ints, numbers, share
from surveyapp.scoring.state import Moments, posterior

_FLAT: Final = 1e8
"""Variance of a prior that weighs nothing, in variances of one answer."""
_TOLD: Final = 50.0
"""Errors above this many SDs of one answer come from the prior: nobody answered."""


def reliable_change(before: float, after: float, sd: float, reliability: float) -> float:
    """Reliable change index of Jacobson and Truax.

    Parameters
    ----------
    before, after : float
        Scores in one unit.
    sd : float
        Standard deviation of scores before, in that unit; over 0.
    reliability : float
        Of the score, 0 up to but not 1.

    Returns
    -------
    float
        (after - before) / (sd sqrt(2 (1 - reliability))); beyond 1.96 either way is called
        reliable. A familiar label only: the product tests change by the posterior's contrast.

    Raises
    ------
    ValueError
        Values that are not finite, sd not over 0, or a reliability outside [0, 1).

    References
    ----------
    Jacobson & Truax (1991), J. Consulting and Clinical Psychology 59, 12-19. Reference: 47.5 to
    32.5 with sd 7.5 and reliability .8 give -3.16 (`rci_jacobson_truax`).
    """
    if not np.isfinite([before, after, sd, reliability]).all():
        raise ValueError("Scores, sd and reliability must be finite numbers.")
    if sd <= 0 or not 0 <= reliability < 1:
        raise ValueError(
            f"sd must be over 0 and reliability at least 0 and under 1, not {sd} and {reliability}."
        )
    return (after - before) / (sd * float(np.sqrt(2 * (1 - reliability))))


def benjamini_hochberg(p: Floats, *, rate: float = 0.10) -> tuple[Bools, Floats]:
    """Tell which of many differences are real, at a controlled rate of false ones.

    Parameters
    ----------
    p : ndarray, shape (tests,)
        p values, 0..1; NaN = not tested, counts as no test.
    rate : float
        Expected share of false findings among the findings.

    Returns
    -------
    rejected : ndarray of bool, shape (tests,)
        True where the difference is called real.
    adjusted : ndarray, shape (tests,)
        Smallest rate at which each would be rejected; NaN where not tested.

    Raises
    ------
    ValueError
        Values outside 0..1, or a rate outside (0, 1).

    References
    ----------
    Benjamini & Hochberg (1995), J. Royal Statistical Society B 57, 289-300. Reference: their 15
    p values of section 3.2 reject four at .05.
    """
    values = numbers("p", p, dimensions=1, missing=True)
    level = share("rate", rate)
    if bool(((values < 0) | (values > 1)).any()):
        raise ValueError("p holds values outside 0..1.")
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    m = order.size
    scaled = values[order] * m / np.arange(1, m + 1)
    adjusted = np.full(values.shape, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    rejected: Bools = np.nan_to_num(adjusted, nan=2.0) <= level
    return rejected, adjusted


def flat_contrast(
    y: Floats, group: Ints, n_groups: int, within: Floats, c: Floats
) -> tuple[Floats, Floats]:
    """Generalised least squares of a contrast within each group: what its answers alone say.

    Parameters
    ----------
    y : ndarray, shape (respondents, entries)
        NaN = no answer; a person who answered both waves is one row.
    group : ndarray of int, shape (respondents,)
    n_groups : int
    within : ndarray, shape (entries, entries)
        Covariance of one respondent around the relationship; positive on the diagonal.
    c : ndarray, shape (entries,)
        The contrast, (-1, +1) for change.

    Returns
    -------
    value, standard_error : ndarray, shape (n_groups,)
        0 and infinity for a group without an answer to an entry that c needs.

    Raises
    ------
    ValueError
        Wrong shapes, or a variance that is not positive.

    Notes
    -----
    The posterior under a prior so wide that it weighs nothing against one answer. Reference: one
    entry a wave and nobody twice is the difference of means, se^2 = s^2 (1/n + 1/m); one person in
    both waves has se^2 = 2 s^2 (1 - r).

    References
    ----------
    Aitken (1935), Proc. R. Soc. Edinburgh 55, 42-48.
    """
    scale = np.diag(within)
    if bool((scale <= 0).any()):
        raise ValueError("within needs positive variances.")
    size = scale.size
    flat = Moments(
        mean=np.zeros(size),
        between=np.diag(_FLAT * scale),
        within=within,
        mean_covariance=np.zeros((size, size)),
        n_groups=n_groups,
        identified=True,
    )
    weights = numbers("c", c, dimensions=1)
    if np.isnan(y).all():
        return np.zeros(n_groups), np.full(n_groups, np.inf)
    value, error = posterior(y, group, n_groups, flat, correct_mean=False).contrast(weights)
    told = error < _TOLD * float(np.sqrt(scale.max()) * np.abs(weights).max())
    return np.where(told, value, 0.0), np.where(told, error, np.inf)
