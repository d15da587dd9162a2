"""KPIs on one scale: how far from the reference, how sure, how old. Model 3 of the method."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from surveyapp.scoring.arrays import Floats, Ints, numbers

TAU_FLOOR: Final = 0.05
"""Least variance of true rates."""
CLIP: Final = 4.0
"""Farthest a standardised value stands from the reference."""
GRID: Final = 1.25
"""Noise is rounded up to a power of this, so that designs stay few."""
ASSUMED_NOISE: Final = 0.5
"""On the z scale, where periods cannot tell it: half of what is seen."""
LEAST_NOISE: Final = 0.05
"""On the z scale, of values that are no rates: periods alike to the last digit are not certainty."""
_MAD: Final = 1.4826
_IQR: Final = 1.349
_EXACT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class RateReference:
    """The population that rates are read against."""

    rate: float
    """p0, all cases together."""
    spread: float
    """tau, SD of true rates; not under the root of the floor."""
    n: int


@dataclass(frozen=True, slots=True)
class ValueReference:
    """The population that other values are read against."""

    median: float
    spread: float
    method: Literal["mad", "iqr"]
    n: int


def rate_reference(numerator: Floats, denominator: Floats) -> RateReference | None:
    """Reference rate and spread of true rates.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (subjects,)
        Cases that went well (or badly) and all cases of each; 0 <= numerator <= denominator > 0.

    Returns
    -------
    RateReference or None
        None when all rates are alike, or there is only one: nothing stands out.

    Raises
    ------
    ValueError
        Wrong shapes or counts.

    Notes
    -----
    tau^2 = Var(p_a) - mean(p0 (1 - p0) / N_a), at least `TAU_FLOOR`. Sums are exact, so the order
    of subjects changes nothing.
    """
    above = numbers("numerator", numerator, dimensions=1)
    below = numbers("denominator", denominator, dimensions=1)
    if above.shape != below.shape or bool((below <= 0).any()):
        raise ValueError("Each numerator needs a denominator over 0.")
    if bool((above < 0).any() or (above > below * (1 + _EXACT)).any()):
        raise ValueError("A rate lies between 0 and 1.")
    rates = above / below
    if rates.size < 2 or float(np.ptp(rates)) <= _EXACT:  # noqa: PLR2004 a spread takes two
        return None
    rate = math.fsum(above) / math.fsum(below)
    chance = _mean(rate * (1 - rate) / below)
    spread = max(_variance(rates) - chance, TAU_FLOOR)
    return RateReference(rate, math.sqrt(spread), rates.size)


def rate_noise(reference: RateReference, denominator: Floats) -> Floats:
    """Error variance of rates on the z scale: p0 (1 - p0) / (N tau^2).

    Of the reference's rate, never of the subject's own: one perfect delivery is not certainty.

    Parameters
    ----------
    reference : RateReference
    denominator : ndarray, shape (subjects,)
        N of each, over 0.

    Returns
    -------
    ndarray, shape (subjects,)

    Raises
    ------
    ValueError
        A denominator that is not over 0.
    """
    below = numbers("denominator", denominator, dimensions=1)
    if bool((below <= 0).any()):
        raise ValueError("Each denominator must be over 0.")
    p0 = reference.rate
    noise: Floats = p0 * (1 - p0) / (below * reference.spread**2)
    return noise


def value_reference(values: Floats) -> ValueReference | None:
    """Median and robust spread: 1.4826 MAD or, when that is 0, IQR / 1.349.

    Parameters
    ----------
    values : ndarray, shape (subjects,)

    Returns
    -------
    ValueReference or None
        None when both are 0: shown, not scored.

    Raises
    ------
    ValueError
        Empty or not finite.
    """
    seen = numbers("values", values, dimensions=1)
    median = float(np.median(seen))
    negligible = _EXACT * max(1.0, abs(median))
    mad = _MAD * float(np.median(np.abs(seen - median)))
    if mad > negligible:
        return ValueReference(median, mad, "mad", seen.size)
    low, high = np.quantile(seen, (0.25, 0.75))
    iqr = float(high - low) / _IQR
    if iqr > negligible:
        return ValueReference(median, iqr, "iqr", seen.size)
    return None


def period_variance(values: Floats, subject: Ints) -> float | None:
    """Pooled variance of a subject's periods around its own mean.

    Parameters
    ----------
    values : ndarray, shape (periods,)
    subject : ndarray of int, shape (periods,)
        Whose period each is.

    Returns
    -------
    float or None
        None when nobody has two periods.

    Raises
    ------
    ValueError
        Shapes differ.
    """
    seen = numbers("values", values, dimensions=1)
    if subject.shape != seen.shape:
        raise ValueError(f"subject must have shape {seen.shape}, not {subject.shape}.")
    order = np.argsort(subject, kind="stable")
    edges = np.flatnonzero(np.diff(subject[order])) + 1
    own = [each for each in np.split(seen[order], edges) if each.size > 1]
    if not own:
        return None
    squares = math.fsum(_variance(each) * (each.size - 1) for each in own)
    return squares / sum(each.size - 1 for each in own)


def standardise(values: Floats, centre: float, spread: float, *, is_high_better: bool) -> Floats:
    """Distance from the reference in its spreads, higher is better, clipped at 4 either way.

    Parameters
    ----------
    values : ndarray, shape (subjects,)
    centre, spread : float
        Of the reference; spread over 0.
    is_high_better : bool

    Returns
    -------
    ndarray, shape (subjects,)

    Raises
    ------
    ValueError
        The spread is not over 0.
    """
    if not spread > 0:
        raise ValueError("Without spread in the reference nothing can be read.")
    z = (numbers("values", values, dimensions=1) - centre) / spread
    return np.clip(z if is_high_better else -z, -CLIP, CLIP)


def aged(noise: Floats, age_days: Floats, half_life_days: float) -> Floats:
    """Noise after some time: it doubles every half-life.

    Parameters
    ----------
    noise : ndarray, shape (subjects,)
    age_days : ndarray, shape (subjects,)
        0 or more.
    half_life_days : float
        Over 0.

    Returns
    -------
    ndarray, shape (subjects,)

    Raises
    ------
    ValueError
        A negative age, or a half-life that is not over 0.
    """
    age = numbers("age_days", age_days, dimensions=1)
    if bool((age < 0).any()) or not half_life_days > 0:
        raise ValueError("Ages are 0 or more, half-lives over 0.")
    older: Floats = numbers("noise", noise, dimensions=1) * 2.0 ** (age / half_life_days)
    return older


def grid_step(noise: Floats) -> Ints:
    """Round noise up to a power of 1.25; return the exponents.

    Parameters
    ----------
    noise : ndarray, shape (subjects,)
        Over 0.

    Returns
    -------
    ndarray of int64, shape (subjects,)
        The smallest k with 1.25^k >= noise.

    Raises
    ------
    ValueError
        Noise that is not over 0.
    """
    known = numbers("noise", noise, dimensions=1)
    if bool((known <= 0).any()):
        raise ValueError("Noise must be over 0: nothing is certain.")
    return np.ceil(np.log(known) / math.log(GRID) - _EXACT).astype(np.int64)


def grid_noise(step: Ints) -> Floats:
    """Noise of exponents that :func:`grid_step` gave.

    Parameters
    ----------
    step : ndarray of int

    Returns
    -------
    ndarray of float, shape of `step`

    Raises
    ------
    ValueError
        Steps that are not whole numbers.
    """
    if step.dtype.kind != "i":
        raise ValueError(f"step must hold whole numbers, not {step.dtype}.")
    return np.asarray(GRID ** step.astype(np.float64))


def _mean(values: Floats) -> float:
    return math.fsum(values) / values.size


def _variance(values: Floats) -> float:
    mean = _mean(values)
    return math.fsum((values - mean) ** 2) / (values.size - 1)
