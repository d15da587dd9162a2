"""From those who answered to those who were meant."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import stdtrit

from surveyapp.scoring.arrays import Floats, Ints, numbers
from surveyapp.scoring.estimate import Estimate

_MOST_ROUNDS: Final = 10_000
_CONFIDENCE: Final = 0.95


def rake(table: Floats, margins: Sequence[Floats], *, tolerance: float = 1e-10) -> Floats:
    """Fit a table to one margin per axis (raking, iterative proportional fitting).

    Parameters
    ----------
    table : ndarray, shape (a, b, ...)
        Counts or weights, 0 or more.
    margins : sequence of ndarray
        Wanted totals, one array per axis, all with the same sum.
    tolerance : float
        Largest difference to a margin, as a share of the total, at which fitting stops.

    Returns
    -------
    ndarray, shape of `table`
        The table with those margins and the interactions of `table`. Zeros stay zero.

    Raises
    ------
    ValueError
        Negative cells, margins of wrong shape or with different sums, or margins the zeros of the
        table cannot reach.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. Reference: `ipf_4x4`.
    """
    seed = numbers("table", table)
    wanted = [
        numbers(f"margin {axis}", margin, dimensions=1) for axis, margin in enumerate(margins)
    ]
    if [margin.size for margin in wanted] != list(seed.shape):
        raise ValueError(
            f"The table has shape {seed.shape}, but the margins have lengths "
            f"{tuple(margin.size for margin in wanted)}."
        )
    total = float(wanted[0].sum())
    if bool((seed < 0).any()) or any(bool((margin < 0).any()) for margin in wanted) or total <= 0:
        raise ValueError("The table and its margins must be 0 or more, and not all 0.")
    if any(abs(float(margin.sum()) - total) > 1e-9 * total for margin in wanted):
        raise ValueError("The margins have different sums, so no table has them all.")
    fitted = seed.astype(np.float64, copy=True)
    for _ in range(_MOST_ROUNDS):
        worst = 0.0
        for axis, margin in enumerate(wanted):
            others = tuple(other for other in range(fitted.ndim) if other != axis)
            found = fitted.sum(axis=others)
            if bool(((found == 0) & (margin > 0)).any()):
                raise ValueError(f"Axis {axis} has only zeros where its margin is not zero.")
            worst = max(worst, float(np.abs(found - margin).max()))
            factor = np.where(found > 0, margin / np.where(found > 0, found, 1.0), 0.0)
            fitted *= factor.reshape([-1 if other == axis else 1 for other in range(fitted.ndim)])
        if worst <= tolerance * total:
            return fitted
    raise ValueError("The zeros of the table keep it from reaching its margins.")


def finite_population(
    mean: Floats,
    variance: Floats,
    observed_mean: Floats,
    n: Ints,
    population: Ints,
    *,
    person_variance: float,
    measurement_variance: float,
) -> tuple[Floats, Floats]:
    """Correct a group's posterior when the number of its stakeholders is known.

    Parameters
    ----------
    mean, variance : ndarray, shape (groups,)
        Posterior of the relationship, as one of endlessly many people might see it.
    observed_mean : ndarray, shape (groups,)
        Mean of those who answered; NaN where nobody did.
    n, population : ndarray of int, shape (groups,)
        People who answered, and stakeholders there are; 0 <= n <= population, population over 0.
    person_variance, measurement_variance : float
        s2_person between people, s2_meas of one person's answers on another day.

    Returns
    -------
    mean, variance : ndarray, shape (groups,)
        Of the mean of all N stakeholders. With f = n/N and g = s2_person/(s2_person + s2_meas):
        (1 - f g) m + f g ybar, and
        (1 - f g)^2 v + f^2 (1 - g) s2_person / n + (1 - f) s2_person / N.

    Raises
    ------
    ValueError
        Shapes differ, n over N, or variances that are negative or both 0.

    References
    ----------
    Royall (1970), Biometrika 57, 377-387 (prediction approach). Reference: with everybody answering
    without measurement error the mean is the observed one and the variance 0.
    """
    m, v = numbers("mean", mean, dimensions=1), numbers("variance", variance, dimensions=1)
    observed = numbers("observed_mean", observed_mean, dimensions=1, missing=True)
    answered = numbers("n", n, dimensions=1)
    all_people = numbers("population", population, dimensions=1)
    if not m.shape == v.shape == observed.shape == answered.shape == all_people.shape:
        raise ValueError("mean, variance, observed_mean, n and population must have one shape.")
    if bool(((answered < 0) | (answered > all_people) | (all_people < 1)).any()):
        raise ValueError("n must lie between 0 and population, and population must be over 0.")
    if bool((v < 0).any()) or person_variance <= 0 or measurement_variance < 0:
        raise ValueError("Variances must be 0 or more, and person_variance over 0.")
    if bool((np.isnan(observed) & (answered > 0)).any()):
        raise ValueError("observed_mean is NaN for a group in which somebody answered.")
    f = answered / all_people
    g = person_variance / (person_variance + measurement_variance)
    seen = np.where(answered > 0, observed, m)
    corrected = (1 - f * g) * m + f * g * seen
    # f^2 / n is n / N^2, which needs no answer to be defined
    noise = answered / all_people**2 * (1 - g) * person_variance
    return corrected, (1 - f * g) ** 2 * v + noise + (1 - f) * person_variance / all_people


def weighted_mean(y: Floats, weight: Floats, *, cluster: Ints | None = None) -> Estimate:
    """Weighted mean with a standard error that allows for clusters.

    Parameters
    ----------
    y : ndarray, shape (n,)
        NaN is left out.
    weight : ndarray, shape (n,)
        0 or more.
    cluster : ndarray of int, shape (n,), optional
        Primary sampling unit of each row, such as its relationship.

    Returns
    -------
    Estimate
        95% interval by Student's t with units - 1 degrees of freedom; with a single unit the error
        and interval are NaN. n = rows used.

    Raises
    ------
    ValueError
        Shapes differ, negative weights, or no row with weight.

    References
    ----------
    Saerndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, sec. 5.7 (linearisation,
    units with replacement). With equal weights and no clusters it is s / sqrt(n).
    """
    values = numbers("y", y, dimensions=1, missing=True)
    w = numbers("weight", weight, dimensions=1)
    if w.shape != values.shape or bool((w < 0).any()):
        raise ValueError("weight must be 0 or more and have the shape of y.")
    unit = np.arange(values.size) if cluster is None else np.asarray(cluster)
    if unit.shape != values.shape:
        raise ValueError(f"cluster must have shape {values.shape}, not {unit.shape}.")
    used = ~np.isnan(values) & (w > 0)
    if not used.any():
        raise ValueError("No row has both an answer and a weight.")
    values, w = values[used], w[used]
    total = float(w.sum())
    mean = float(w @ values) / total
    place = np.unique(unit[used], return_inverse=True)[1]
    parts = np.bincount(place, w * (values - mean)) / total
    units = parts.size
    error = low = high = float("nan")
    if units > 1:
        error = float(np.sqrt(units / (units - 1) * (parts**2).sum()))
        reach = float(stdtrit(units - 1, (1 + _CONFIDENCE) / 2)) * error
        low, high = mean - reach, mean + reach
    method = "weighted mean" if cluster is None else f"weighted mean, {units} clusters"
    return Estimate(mean, error, low, high, values.size, _CONFIDENCE, method)
