"""How far people who look at the same thing say the same."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtr, fdtri

from surveyapp.scoring.answers import Gather
from surveyapp.scoring.arrays import Floats, Ints, codes, numbers, share

_PAIR: Final = 2
_FEWEST_TO_SPLIT: Final = 3
"""Two people who differ are not a split."""


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """The six coefficients of Shrout and Fleiss (1979): of one rating, and of the mean of k."""

    icc1: float
    icc2: float
    icc3: float
    icc1k: float
    icc2k: float
    icc3k: float
    intervals: Floats
    """(6, 2), rows in the order above."""


def icc(x: Floats, *, confidence: float = 0.95) -> IntraclassCorrelations:
    """Six intraclass correlations of a complete table of targets by raters.

    Parameters
    ----------
    x : ndarray, shape (targets, raters)
        Ratings, none missing.
    confidence : float
        Of the intervals.

    Returns
    -------
    IntraclassCorrelations
        ICC(1): raters differ by target; ICC(2): raters are a sample; ICC(3): these raters. A mean
        of targets that do not differ at all has the coefficient -inf.

    Raises
    ------
    ValueError
        Fewer than two targets or raters, NaN, or a table without variance.

    References
    ----------
    Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428; intervals of ICC(2) by McGraw & Wong
    (1996), Psychological Methods 1, 30-46, table 7. Reference: their table 2 gives .17 .29 .71 .44
    .62 .91 (`icc_shrout_fleiss`).
    """
    table = numbers("x", x, dimensions=2)
    tail = (1 - share("confidence", confidence)) / 2
    n, k = table.shape
    if n < _PAIR or k < _PAIR:
        raise ValueError(f"x needs two targets and two raters or more, not {n} and {k}.")
    apart = table - table.mean()
    if float(np.abs(apart).max()) == 0.0:
        raise ValueError("All ratings are the same, so no share of variance is defined.")
    rows = k * float((apart.mean(axis=1) ** 2).sum())
    columns = n * float((apart.mean(axis=0) ** 2).sum())
    rest = max(float((apart**2).sum()) - rows - columns, 0.0)
    msb, msj = rows / (n - 1), columns / (k - 1)
    mse, msw = rest / ((n - 1) * (k - 1)), (columns + rest) / (n * (k - 1))
    one = _ratio(msb - msw, msb + (k - 1) * msw)
    two = _ratio(msb - mse, msb + (k - 1) * mse + k * (msj - mse) / n)
    three = _ratio(msb - mse, msb + (k - 1) * mse)
    first = _one_way_interval(msb, msw, k, (n - 1, n * (k - 1)), tail)
    third = _one_way_interval(msb, mse, k, (n - 1, (n - 1) * (k - 1)), tail)
    second = _two_way_interval((msb, msj, mse), two, (n, k), tail)
    return IntraclassCorrelations(
        icc1=one,
        icc2=two,
        icc3=three,
        icc1k=_ratio(msb - msw, msb),
        icc2k=_ratio(msb - mse, msb + (msj - mse) / n),
        icc3k=_ratio(msb - mse, msb),
        intervals=np.array(
            [first[0], second, third[0], first[1], [_step_up(b, k) for b in second], third[1]]
        ),
    )


def _ratio(part: float, whole: float) -> float:
    """Divide part by whole, with the limit from above where the whole is nothing."""
    if whole == 0.0:
        return 0.0 if part == 0.0 else float(np.copysign(np.inf, part))
    return part / whole


def _step_up(bound: float, k: int) -> float:
    """Spearman-Brown; -inf from -1 / (k - 1) down, where k ratings share no variance at all."""
    whole = 1 + (k - 1) * bound
    return k * bound / whole if whole > 0 else -np.inf


def _one_way_interval(
    between: float, error: float, k: int, degrees: tuple[int, int], tail: float
) -> tuple[list[float], list[float]]:
    low = error * float(fdtri(*degrees, 1 - tail))
    high = error / float(fdtri(degrees[1], degrees[0], 1 - tail))
    one = [_ratio(between - e, between + (k - 1) * e) for e in (low, high)]
    return one, [_ratio(between - e, between) for e in (low, high)]


def _two_way_interval(
    squares: tuple[float, float, float], two: float, shape: tuple[int, int], tail: float
) -> list[float]:
    n, k = shape
    msb, msj, mse = squares
    # multiplied through by MSE, so that raters who agree perfectly need no division by it
    a = k * two * msj
    b = (n * (1 + (k - 1) * two) - k * two) * mse
    freedom = _ratio((a + b) ** 2, a**2 / (k - 1) + b**2 / ((n - 1) * (k - 1)))
    if not np.isfinite(freedom) or freedom <= 0:
        return [two, two]
    upper = float(fdtri(n - 1, freedom, 1 - tail))
    lower = float(fdtri(freedom, n - 1, 1 - tail))
    rest = k * msj + (k * n - k - n) * mse
    low = _ratio(n * (msb - upper * mse), upper * rest + n * msb)
    high = _ratio(n * (lower * msb - mse), rest + n * lower * msb)
    return [low, high]


def icc1(y: Floats, group: Ints) -> tuple[float, float]:
    """ICC(1) and ICC(1,k) of people nested in groups of any size.

    Parameters
    ----------
    y : ndarray, shape (respondents,)
        One score each; NaN is left out.
    group : ndarray of int, shape (respondents,)
        Codes from 0.

    Returns
    -------
    icc1, icc1k : float
        (MSB - MSW) / (MSB + (k - 1) MSW) and (MSB - MSW) / MSB, k the mean group size.

    Raises
    ------
    ValueError
        Fewer than two groups, no group with two people, or scores that do not vary.

    References
    ----------
    Bliese (2000), in Klein & Kozlowski, Multilevel Theory, Research, and Methods, 349-381. With
    groups of one size it equals ICC(1) of Shrout and Fleiss.
    """
    score = numbers("y", y, dimensions=1, missing=True)
    code = codes("group", group, length=score.size, count=score.size + int(np.max(group)) + 1)
    told = ~np.isnan(score)
    _, place, size = np.unique(code[told], return_inverse=True, return_counts=True)
    groups, people = size.size, int(told.sum())
    if groups < _PAIR or people == groups:
        raise ValueError("ICC(1) needs two groups or more, and one with two people or more.")
    values = score[told] - score[told].mean()
    mean = np.bincount(place, values) / size
    msb = float(size @ mean**2) / (groups - 1)
    msw = float(((values - mean[place]) ** 2).sum()) / (people - groups)
    if msb + msw == 0.0:
        raise ValueError("All scores are the same, so no share of variance is defined.")
    k = people / groups
    return _ratio(msb - msw, msb + (k - 1) * msw), _ratio(msb - msw, msb)


def within_group(x: Floats, group: Ints, points: int) -> tuple[Floats, Floats]:
    """r_wg of each item and r_wg(j) of all items together, for every group.

    Parameters
    ----------
    x : ndarray, shape (respondents, items)
        Scale points; NaN = not answered.
    group : ndarray of int, shape (respondents,)
        Codes from 0; there are max(group) + 1 groups.
    points : int
        Number of points of the scale, A.

    Returns
    -------
    per_item : ndarray, shape (groups, items)
        1 - s^2 / ((A^2 - 1) / 12) over those who answered the item; NaN under two of them.
    together : ndarray, shape (groups,)
        J (1 - q) / (J (1 - q) + q), q the mean variance ratio, over those who answered all items.
        Both are 0 where people differ more than at random, as James, Demaree and Wolf advise.

    Raises
    ------
    ValueError
        Wrong shapes, a scale of fewer than two points, or answers wider apart than the scale.

    References
    ----------
    James, Demaree & Wolf (1984), J. Applied Psychology 69, 85-98, eq. 1 and 4; (1993) 78, 306-309.
    Reference: five answers 4 4 4 5 5 on five points have s^2 = .3, r_wg = .85.
    """
    table = numbers("x", x, dimensions=2, missing=True)
    code = codes("group", group, length=table.shape[0], count=int(np.max(group)) + 1)
    if points < _PAIR:
        raise ValueError(f"A scale has two points or more, not {points}.")
    told = ~np.isnan(table)
    lowest = np.min(table, axis=0, initial=np.inf, where=told)
    highest = np.max(table, axis=0, initial=-np.inf, where=told)
    if bool((highest - lowest > points - 1).any()):
        raise ValueError(f"x holds answers wider apart than a scale of {points} points.")
    n_groups = int(code.max()) + 1
    random = (points**2 - 1) / 12
    per_item = 1 - _variances(table, told, code, n_groups) / random
    whole = told.all(axis=1)
    q = _variances(table[whole], told[whole], code[whole], n_groups).mean(axis=1) / random
    agreed = table.shape[1] * (1 - np.minimum(q, 1.0))
    return np.maximum(per_item, 0.0), agreed / (agreed + q)


def _variances(
    table: Floats, told: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], code: Ints, n_groups: int
) -> Floats:
    """Variance of each column in each group, (groups, columns); NaN under two values."""
    gather = Gather(code, n_groups)
    n = gather(told)
    mean = gather(np.where(told, table, 0.0)) / np.maximum(n, 1.0)
    squares = gather(np.where(told, table - mean[code], 0.0) ** 2)
    return np.where(n >= _PAIR, squares / np.maximum(n - 1, 1.0), np.nan)


def split_probability(
    y: Floats, group: Ints, n_groups: int, *, usual_variance: float, prior_weight: float = 4.0
) -> Floats:
    """Probability that people of a group differ more than is usual: a split relationship.

    Parameters
    ----------
    y : ndarray, shape (respondents,)
        One score each; NaN is left out.
    group : ndarray of int, shape (respondents,)
        Codes 0..n_groups-1.
    n_groups : int
    usual_variance : float
        s0^2, the variance within relationships usual for this questionnaire; over 0.
    prior_weight : float
        d0, the degrees of freedom the usual variance counts as; over 0.

    Returns
    -------
    ndarray, shape (n_groups,)
        P(sigma_a^2 > s0^2 | answers); NaN under three answers. Call it a split above .95.

    Raises
    ------
    ValueError
        Wrong shapes, or a variance or weight that is not positive.

    Notes
    -----
    With a scaled inverse chi-square prior, sigma_a^2 ~ (d0 s0^2 + (n-1) s^2) / chi^2(d0 + n - 1),
    so P = F(d0 + (n-1) s^2 / s0^2; d0 + n - 1), F the chi-square distribution. Reference: n = 3,
    s^2 = s0^2 and d0 = 4 give F(6; 6) = .5768.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, sec. 2.6.
    """
    score = numbers("y", y, dimensions=1, missing=True)
    code = codes("group", group, length=score.size, count=n_groups)
    if not (usual_variance > 0 and prior_weight > 0):
        raise ValueError("usual_variance and prior_weight must be over 0.")
    told = ~np.isnan(score)
    n = np.bincount(code[told], minlength=n_groups)
    variance = _variances(score[:, None], told[:, None], code, n_groups)[:, 0]
    enough = n >= _FEWEST_TO_SPLIT
    ratio = np.where(enough, variance, 0.0) / usual_variance
    probability = chdtr(prior_weight + n - 1, prior_weight + (n - 1) * ratio)
    return np.where(enough, probability, np.nan)
