"""Shares of people, with intervals that hold at small numbers."""

from typing import Final, Literal

import numpy as np
from scipy.special import ndtri

from surveyapp.scoring.arrays import Floats, numbers, share
from surveyapp.scoring.estimate import Estimate

_PROMOTER: Final = 9
_DETRACTOR: Final = 6
_TOP: Final = 10
_PSEUDO: Final = (0.75, 1.5, 0.75)
"""Promoters, passives and detractors added by Rocks' adjusted Wald interval."""


def wilson(successes: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    successes, n : int
        0 <= successes <= n, n over 0.
    confidence : float

    Returns
    -------
    low, high : float
        Within 0..1.

    Raises
    ------
    ValueError
        Counts out of range.

    References
    ----------
    Wilson (1927), J. American Statistical Association 22, 209-212. Reference: 81 of 263 give
    [.2553, .3662] (Newcombe 1998, Statistics in Medicine 17, 857-872, table I).
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"successes must lie in 0..n with n over 0, not {successes} of {n}.")
    z = float(ndtri((1 + share("confidence", confidence)) / 2))
    p = successes / n
    centre = p + z**2 / (2 * n)
    reach = z * float(np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)))
    scale = 1 + z**2 / n
    low = 0.0 if successes == 0 else (centre - reach) / scale
    high = 1.0 if successes == n else (centre + reach) / scale
    return low, high


def net_promoter(
    scores: Floats,
    *,
    confidence: float = 0.95,
    method: Literal["wald", "adjusted_wald"] = "wald",
) -> Estimate:
    """Net promoter score of a portfolio: share of 9-10 less share of 0-6.

    Parameters
    ----------
    scores : ndarray, shape (respondents,)
        Whole numbers 0..10; NaN = not answered.
    confidence : float
    method : {"wald", "adjusted_wald"}
        "adjusted_wald" adds .75 promoters, 1.5 passives and .75 detractors for the interval only;
        use it under about 100 answers.

    Returns
    -------
    Estimate
        -100..100; standard error sqrt((p + d - (p - d)^2) / n); bounds are kept in -100..100.

    Raises
    ------
    ValueError
        Nobody answered, scores that are not whole numbers 0..10, or an unknown method.

    References
    ----------
    Rocks (2016), The American Statistician 70, 365-372. Reference: 15 promoters, 9 passives and 12
    detractors give .0833, SE .1437, adjusted Wald [-.1903, .3441] (`nps_se`, as shares).
    """
    given = numbers("scores", scores, dimensions=1, missing=True)
    level = share("confidence", confidence)
    given = given[~np.isnan(given)]
    if given.size == 0:
        raise ValueError("Nobody answered, so there is no net promoter score.")
    if bool(((given < 0) | (given > _TOP) | (given != np.rint(given))).any()):
        raise ValueError("scores must be whole numbers 0..10.")
    if method not in ("wald", "adjusted_wald"):
        raise ValueError(f"method must be wald or adjusted_wald, not {method!r}.")
    promoters = int((given >= _PROMOTER).sum())
    detractors = int((given <= _DETRACTOR).sum())
    value, error = _net(promoters, detractors, given.size)
    centre, reach = value, error
    if method == "adjusted_wald":
        added = sum(_PSEUDO)
        centre, reach = _net(promoters + _PSEUDO[0], detractors + _PSEUDO[2], given.size + added)
    reach *= float(ndtri((1 + level) / 2))
    return Estimate(
        value=value,
        standard_error=error,
        low=max(centre - reach, -100.0),
        high=min(centre + reach, 100.0),
        n=given.size,
        confidence=level,
        method=f"net promoter score, {method.replace('_', ' ')} interval",
    )


def _net(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    p, d = promoters / n, detractors / n
    return 100 * (p - d), 100 * float(np.sqrt(max(p + d - (p - d) ** 2, 0.0) / n))
