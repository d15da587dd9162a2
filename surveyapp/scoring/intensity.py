"""How busy a relationship is, and when it goes quiet: for display and alarm, never for a score."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, ndtr

from surveyapp.scoring.arrays import Floats, Ints, codes, numbers

_STATES: Final = 401
_SIEGMUND_OVERSHOOT: Final = 1.166
_LOG_SHAPE_BOUNDS: Final = (-12.0, 16.0)


def score(  # noqa: PLR0917 - the published signature, parallel arrays in its order
    weight: Floats,
    depth: Floats,
    age_days: Floats,
    half_life_days: Floats,
    kind: Ints,
    cap: Floats,
) -> float:
    """Intensity score of one relationship, for display.

    Parameters
    ----------
    weight, depth, age_days, half_life_days : ndarray, shape (activities,)
        0 or more; half-lives over 0. No activities at all is allowed and scores 0.
    kind : ndarray of int, shape (activities,)
        Kind of each activity, 0..kinds-1.
    cap : ndarray, shape (kinds,)
        Most that one kind can add, 0 or more.

    Returns
    -------
    float
        Sum over kinds of min(cap, sum of weight x depth x 2^(-age / half-life)).

    Raises
    ------
    ValueError
        Shapes differ, codes out of range, negative values, or a half-life of 0.

    Notes
    -----
    Reference: two visits of weight 4 at ages 0 and one half-life give 6, or the cap if lower.
    """
    most = numbers("cap", cap, dimensions=1)
    if bool((most < 0).any()):
        raise ValueError("cap must be 0 or more.")
    if np.size(weight) == 0:
        return 0.0
    parts = [
        numbers(name, values, dimensions=1)
        for name, values in (
            ("weight", weight),
            ("depth", depth),
            ("age_days", age_days),
            ("half_life_days", half_life_days),
        )
    ]
    if any(part.shape != parts[0].shape for part in parts):
        raise ValueError("weight, depth, age_days and half_life_days must have one shape.")
    if any(bool((part < 0).any()) for part in parts) or bool((parts[3] == 0).any()):
        raise ValueError("Activities must have values of 0 or more and half-lives over 0.")
    of_kind = codes("kind", kind, length=parts[0].size, count=most.size)
    value = parts[0] * parts[1] * np.exp2(-parts[2] / parts[3])
    by_kind = np.bincount(of_kind, value, minlength=most.size)
    return float(np.minimum(by_kind, most).sum())


@dataclass(frozen=True, slots=True)
class RateBaseline:
    """Gamma distribution of rates in a segment, and each unit's posterior mean rate.

    Shape and rate are infinite, and all posterior means equal, where the counts vary no more than
    by chance.
    """

    shape: float
    rate: float
    posterior_mean: Floats


def baseline(counts: Ints, exposure: Floats) -> RateBaseline:
    """Fit what is usual in a segment: counts with Gamma-distributed rates, by maximum likelihood.

    Parameters
    ----------
    counts : ndarray of int, shape (units,)
        Activities of each unit, 0 or more.
    exposure : ndarray, shape (units,)
        Time watched (weeks), over 0.

    Returns
    -------
    RateBaseline
        Rates ~ Gamma(shape, rate); posterior means (shape + count) / (rate + exposure), per unit
        of exposure.

    Raises
    ------
    ValueError
        Shapes differ, negative or broken counts, exposure not over 0, or fewer than two units.

    References
    ----------
    Carlin & Louis (2000), Bayes and Empirical Bayes Methods, sec. 3.3; a zero variance of rates is
    told by the score test of Dean & Lawless (1989), J. American Statistical Association 84, 467.
    """
    y = numbers("counts", counts, dimensions=1)
    t = numbers("exposure", exposure, dimensions=1)
    if t.shape != y.shape or y.size < 2:  # noqa: PLR2004 - one unit shows no spread
        raise ValueError("counts and exposure must have one shape, with two units or more.")
    if bool(((y < 0) | (y != np.rint(y))).any()) or bool((t <= 0).any()):
        raise ValueError("counts must be whole and 0 or more, and exposure over 0.")
    pooled = float(y.sum() / t.sum())
    if float(((y - pooled * t) ** 2 - y).sum()) <= 0:
        infinite = float("inf")
        return RateBaseline(infinite, infinite, np.full(y.shape, pooled))

    def misfit(point: Floats) -> tuple[float, Floats]:
        shape, mean = np.exp(point)
        expected = mean * t
        whole = shape + expected
        log_likelihood = (
            gammaln(shape + y)
            - gammaln(shape)
            - gammaln(y + 1)
            + shape * np.log(shape / whole)
            + y * np.log(expected / whole)
        )
        by_shape = (
            digamma(shape + y) - digamma(shape) + np.log(shape / whole) + 1 - (shape + y) / whole
        )
        by_mean = y - (shape + y) * expected / whole
        slope = np.array([shape * by_shape.sum(), by_mean.sum()])
        return -float(log_likelihood.sum()), -slope

    found = minimize(
        misfit,
        np.array([0.0, np.log(pooled)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[_LOG_SHAPE_BOUNDS, (None, None)],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
    )
    shape, mean = (float(value) for value in np.exp(found.x))
    rate = shape / mean
    return RateBaseline(shape, rate, (shape + y) / (rate + t))


def cusum(z: Floats, *, k: float = 0.5, h: float = 4.0) -> tuple[Floats, Floats, Ints]:
    """Tabular CUSUM of standardised values.

    Parameters
    ----------
    z : ndarray, shape (periods,)
        Standardised by the baseline, oldest first.
    k : float
        Allowance, half the shift to find, in SD; 0 or more.
    h : float
        Decision limit in SD; over 0.

    Returns
    -------
    upper, lower : ndarray, shape (periods,)
        C+ = max(0, C+ + z - k) and C- = max(0, C- - z - k), both from 0 and never set back.
    alarms : ndarray of int
        Positions, from 0, where either is over h.

    Raises
    ------
    ValueError
        NaN, k under 0 or h not over 0.

    References
    ----------
    Page (1954), Biometrika 41, 100-115. Reference: Montgomery, Statistical Quality Control, table
    9.1 signals first at period 29 (`cusum_montgomery`).
    """
    values = numbers("z", z, dimensions=1)
    _check_design(k, h)
    upper, lower = np.empty_like(values), np.empty_like(values)
    high = low = 0.0
    for place, value in enumerate(values.tolist()):
        high = max(0.0, high + value - k)
        low = max(0.0, low - value - k)
        upper[place], lower[place] = high, low
    return upper, lower, np.flatnonzero((upper > h) | (lower > h)).astype(np.int64)


def average_run_length(
    shift: float,
    *,
    k: float,
    h: float,
    two_sided: bool = True,
    method: Literal["markov", "siegmund"] = "markov",
) -> float:
    """Periods until a CUSUM signals on average: its false-alarm rate when the shift is 0.

    Parameters
    ----------
    shift : float
        Mean of z, in SD; positive towards the upper side.
    k, h : float
        As :func:`cusum`.
    two_sided : bool
        Both sides watched, 1 / ARL = 1 / ARL+ + 1 / ARL-; else the upper side alone.
    method : {"markov", "siegmund"}
        A Markov chain of 401 states, or Siegmund's formula.

    Returns
    -------
    float
        Periods, 1 or more; normal z, start at 0.

    Raises
    ------
    ValueError
        Values out of range or an unknown method.

    References
    ----------
    Brook & Evans (1972), Biometrika 59, 539-549. Siegmund (1985), Sequential Analysis. Reference:
    k = .5, h = 5 give 465 in control and 10.4 at a shift of 1 (`cusum_arl`, Lucas 1976).
    """
    _check_design(k, h)
    if not np.isfinite(shift):
        raise ValueError("shift must be finite.")
    if method not in ("markov", "siegmund"):
        raise ValueError(f"method must be markov or siegmund, not {method!r}.")
    one_side = _markov if method == "markov" else _siegmund
    upper = one_side(shift, k, h)
    if not two_sided:
        return upper
    return 1 / (1 / upper + 1 / one_side(-shift, k, h))


def _markov(shift: float, k: float, h: float) -> float:
    # state i holds C in ((i - .5) w, (i + .5) w), state 0 all below w / 2
    width = 2 * h / (2 * _STATES - 1)
    states = np.arange(_STATES)
    step = states[None, :] - states[:, None]
    below = ndtr((step + 0.5) * width + k - shift)
    stay = np.diff(below, axis=1, prepend=0.0)
    length = np.linalg.solve(np.eye(_STATES) - stay, np.ones(_STATES))
    return float(length[0])


def _siegmund(shift: float, k: float, h: float) -> float:
    drift = shift - k
    reach = h + _SIEGMUND_OVERSHOOT
    if abs(drift) < 1e-6:  # noqa: PLR2004 - the limit, where the formula cancels
        return reach**2
    return float((np.exp(-2 * drift * reach) + 2 * drift * reach - 1) / (2 * drift**2))


def _check_design(k: float, h: float) -> None:
    if not (np.isfinite(k) and np.isfinite(h) and k >= 0 and h > 0):
        raise ValueError(f"k must be 0 or more and h over 0, not {k} and {h}.")
