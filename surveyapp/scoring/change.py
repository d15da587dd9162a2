"""Whether something moved, over all relationships that could have."""

import numpy as np

from surveyapp.scoring.arrays import Bools, Floats, numbers, share


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
