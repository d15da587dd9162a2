"""Relationships rated by people who rate several of them.

The public names are re-exported by :mod:`surveyapp.scoring.state`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from surveyapp.scoring.arrays import Floats, Ints, codes, numbers

_LARGEST_RATIO: Final = 1e4
"""Bound of an effect's SD over the residual SD."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """Variances, and effects of groups and raters as deviations from the mean."""

    mean: float
    mean_standard_error: float
    group_variance: float
    rater_variance: float
    residual_variance: float
    group_effect: Floats
    group_standard_error: Floats
    rater_effect: Floats
    rater_standard_error: Floats


def posterior_crossed(y: Floats, group: Ints, rater: Ints, n_groups: int, n_raters: int) -> Crossed:
    r"""Estimate group and rater effects of ratings y = mu + x_group + u_rater + e.

    Parameters
    ----------
    y : ndarray, shape (ratings,)
        NaN is left out.
    group, rater : ndarray of int, shape (ratings,)
        Codes 0..n_groups-1 and 0..n_raters-1.
    n_groups, n_raters : int

    Returns
    -------
    Crossed
        REML variances and, given them, best linear unbiased predictions with the standard errors
        of prediction (those of the mean included); a group without ratings has effect 0 and the
        full SD. A factor that the residual cannot be told from (one level, or a level for every
        rating) gets variance 0.

    Raises
    ------
    ValueError
        Wrong shapes, codes out of range, fewer than two ratings, or ratings that do not vary.

    Notes
    -----
    REML, profiled over mean and residual variance, is minimised over the two ratios of SDs. The
    factor with more levels is diagonal in the mixed-model equations and is eliminated, so a step
    costs the cube of the smaller number of levels.

    References
    ----------
    Henderson (1975), Biometrics 31, 423-447; Bates et al. (2015), J. Statistical Software 67(1),
    eq. 39-42. Reference: Dyestuff2 with one rater gives 0 between batches and residual 13.80631
    (`dyestuff2_boundary`); the Penicillin data of lme4 in the test.
    """
    values = numbers("y", y, dimensions=1, missing=True)
    of_group = codes("group", group, length=values.size, count=n_groups)
    of_rater = codes("rater", rater, length=values.size, count=n_raters)
    told = ~np.isnan(values)
    values, of_group, of_rater = values[told], of_group[told], of_rater[told]
    if values.size < 2 or float(np.ptp(values)) == 0.0:  # noqa: PLR2004 - a variance needs two
        raise ValueError("The ratings do not vary, so no effects can be told.")
    swap = n_groups < n_raters
    first, second = (of_rater, of_group) if swap else (of_group, of_rater)
    counts = (n_raters, n_groups) if swap else (n_groups, n_raters)
    equations = _Equations.of(values, first, second, counts)
    ratios = _likeliest_ratios(equations, (_is_told(first), _is_told(second)))
    large, small = equations.solve(ratios)
    groups, raters = (small, large) if swap else (large, small)
    return Crossed(
        mean=equations.mean(ratios) + equations.centre,
        mean_standard_error=equations.mean_error(ratios),
        group_variance=groups[2],
        rater_variance=raters[2],
        residual_variance=equations.residual(ratios),
        group_effect=groups[0],
        group_standard_error=groups[1],
        rater_effect=raters[0],
        rater_standard_error=raters[1],
    )


def _is_told(code: Ints) -> bool:
    """Whether a factor's variance can be told from the mean and from the residual."""
    levels = np.unique(code).size
    return 1 < levels < code.size


Effects = tuple[Floats, Floats, float]
"""Effects, their standard errors, and their variance."""


@dataclass(frozen=True, slots=True)
class _Equations:
    """Henderson's equations, the larger factor (diagonal) eliminated, the mean with the smaller."""

    n: int
    square: float
    centre: float
    large_count: Floats
    large_total: Floats
    small_count: Floats
    small_total: Floats
    cross: "csr_matrix[np.float64]"
    """(large, 1 + small): ratings of each larger level, in all and by smaller level."""

    @classmethod
    def of(cls, y: Floats, large: Ints, small: Ints, counts: tuple[int, int]) -> "_Equations":
        centre = float(y.mean())
        values = y - centre
        rows = np.concatenate([large, large])
        columns = np.concatenate([np.zeros_like(small), small + 1])
        cross = csr_matrix((np.ones(rows.size), (rows, columns)), shape=(counts[0], 1 + counts[1]))
        return cls(
            n=y.size,
            square=float(values @ values),
            centre=centre,
            large_count=np.bincount(large, minlength=counts[0]).astype(np.float64),
            large_total=np.asarray(
                np.bincount(large, values, minlength=counts[0]), dtype=np.float64
            ),
            small_count=np.bincount(small, minlength=counts[1]).astype(np.float64),
            small_total=np.asarray(
                np.bincount(small, values, minlength=counts[1]), dtype=np.float64
            ),
            cross=cross,
        )

    def reduced(self, ratios: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Left and right side for (mean, smaller effects), and the diagonal and scale eliminated."""
        large, small = float(ratios[0]), float(ratios[1])
        scale = np.append(1.0, np.full(self.small_count.size, small))
        diagonal = 1.0 + large**2 * self.large_count
        left = np.diag(np.append(self.n, 1.0 + small**2 * self.small_count))
        left[0, 1:] = left[1:, 0] = small * self.small_count
        weighted = csr_matrix(self.cross.multiply((large**2 / diagonal)[:, None]))
        both = csr_matrix(self.cross.T @ weighted).toarray()
        left = left - both * np.outer(scale, scale)
        seen = np.asarray(self.cross.T @ (large**2 * self.large_total / diagonal), dtype=np.float64)
        right = scale * (np.append(0.0, self.small_total) - seen)
        return left, right, diagonal, scale

    def criterion(self, ratios: Floats) -> float:
        """-2 log restricted likelihood, profiled, up to a constant."""
        left, right, diagonal, _ = self.reduced(ratios)
        try:
            factor = cho_factor(left, lower=True)
        except LinAlgError:
            return float("inf")
        rest = self._rest(ratios, float(right @ cho_solve(factor, right)), diagonal)
        if rest <= 0:
            return float("inf")
        logs = 2 * float(np.log(np.diag(factor[0])).sum()) + float(np.log(diagonal).sum())
        return logs + (self.n - 1) * float(np.log(rest))

    def _rest(self, ratios: Floats, explained: float, diagonal: Floats) -> float:
        large = float(ratios[0]) ** 2 * float(self.large_total**2 @ (1 / diagonal))
        return self.square - large - explained

    def residual(self, ratios: Floats) -> float:
        left, right, diagonal, _ = self.reduced(ratios)
        return self._rest(ratios, float(right @ np.linalg.solve(left, right)), diagonal) / (
            self.n - 1
        )

    def mean(self, ratios: Floats) -> float:
        left, right, _, _ = self.reduced(ratios)
        return float(np.linalg.solve(left, right)[0])

    def mean_error(self, ratios: Floats) -> float:
        left = self.reduced(ratios)[0]
        return float(np.sqrt(np.linalg.inv(left)[0, 0] * self.residual(ratios)))

    def solve(self, ratios: Floats) -> tuple[Effects, Effects]:
        """Effects of the larger and of the smaller factor."""
        left, right, diagonal, scale = self.reduced(ratios)
        large, small = float(ratios[0]), float(ratios[1])
        inverse = np.linalg.inv(left)
        solved = inverse @ right
        residual = self.residual(ratios)
        seen = np.asarray(self.cross @ (scale * solved), dtype=np.float64)
        effects = large**2 * (self.large_total - seen) / diagonal
        through = np.asarray(self.cross @ (scale[:, None] * inverse), dtype=np.float64)
        parts = csr_matrix(self.cross.multiply(through * scale))
        spread = np.asarray(parts @ np.ones(scale.size), dtype=np.float64)
        variance = large**2 / diagonal + large**4 * spread / diagonal**2
        small_variance = small**2 * np.diag(inverse)[1:]
        return (
            (effects, np.sqrt(residual * variance), large**2 * residual),
            (small * solved[1:], np.sqrt(residual * small_variance), small**2 * residual),
        )


def _likeliest_ratios(equations: _Equations, told: tuple[bool, bool]) -> Floats:
    free = np.flatnonzero(told)
    if free.size == 0:
        return np.zeros(2)

    def criterion(point: Floats) -> float:
        ratios = np.zeros(2)
        ratios[free] = np.abs(point)
        return equations.criterion(ratios)

    found = minimize(
        criterion,
        np.full(free.size, 0.7),
        method="Nelder-Mead",
        bounds=[(0.0, _LARGEST_RATIO)] * free.size,
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000},
    )
    ratios = np.zeros(2)
    ratios[free] = found.x
    for place in free:
        # a ratio that is zero to the precision of the search is a boundary estimate
        without = ratios.copy()
        without[place] = 0.0
        if equations.criterion(without) <= equations.criterion(ratios) + 1e-10:
            ratios = without
    return ratios
