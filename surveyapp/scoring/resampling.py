"""Intervals for statistics that have no formula.

This module loads scipy.stats (about a second at import).
"""

import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats

from surveyapp.scoring.arrays import Floats, Ints, numbers, share
from surveyapp.scoring.estimate import Estimate


def bca(
    data: Floats,
    statistic: Callable[[Floats], float],
    *,
    confidence: float = 0.95,
    resamples: int = 9999,
    rng: np.random.Generator,
) -> Estimate:
    """Bias-corrected and accelerated bootstrap interval.

    Parameters
    ----------
    data : ndarray, shape (n, ...)
        Rows are resampled; two or more.
    statistic : callable
        Takes resampled rows, gives one number.
    confidence : float
    resamples : int
        100 or more.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    Estimate
        Standard error is that of the resamples. Where the statistic is the same in every resample
        (five colleagues who all tick 4) the interval is that one value; where bias or acceleration
        is not defined it is the percentile interval. `method` says which was used.

    Raises
    ------
    ValueError
        Fewer than two rows or 100 resamples, NaN, or a statistic that is not finite.

    References
    ----------
    Efron (1987), J. American Statistical Association 82, 171-185; computed by
    `scipy.stats.bootstrap`.
    """
    rows = numbers("data", data)
    level = share("confidence", confidence)
    n = rows.shape[0] if rows.ndim else 0
    if n < 2:  # noqa: PLR2004 - one row has no spread
        raise ValueError("data must have two rows or more.")
    if resamples < 100:  # noqa: PLR2004 - fewer leave the tails empty
        raise ValueError(f"resamples must be 100 or more, not {resamples}.")
    value = float(statistic(rows))

    def of_rows(index: Ints) -> float:
        return float(statistic(rows[index]))

    with warnings.catch_warnings():
        # the degenerate case is told by the NaN bounds, and handled below
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        found = stats.bootstrap(
            (np.arange(n),),
            of_rows,
            n_resamples=resamples,
            confidence_level=level,
            method="BCa",
            vectorized=False,
            rng=rng,
        )
    drawn = np.asarray(found.bootstrap_distribution, dtype=np.float64)
    if not (np.isfinite(value) and np.isfinite(drawn).all()):
        raise ValueError("The statistic is not finite for these data or a resample of them.")
    low, high = float(found.confidence_interval.low), float(found.confidence_interval.high)
    method = f"BCa bootstrap, {resamples} resamples"
    if float(np.ptp(drawn)) == 0.0:
        low = high = value
        method = f"constant in all {resamples} resamples, so the interval is the value"
    elif not np.isfinite([low, high]).all():
        tails = (1 - level) / 2, (1 + level) / 2
        low, high = (float(bound) for bound in np.quantile(drawn, tails))
        method = f"percentile bootstrap, {resamples} resamples (BCa is not defined here)"
    return Estimate(value, float(drawn.std(ddof=1)), low, high, n, level, method)
