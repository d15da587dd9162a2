"""From what people say or do to the chance that they stay, by logistic regression."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, log_expit

from surveyapp.scoring.arrays import Bools, Floats, Ints, numbers

_MOST_STEPS: Final = 200
_LARGEST_STEP: Final = 5.0
_TOLERANCE: Final = 1e-10
_SEPARATED: Final = 1e-6
"""Mean distance of the fitted from the observed under which the outcomes are told without error."""


_ENDLESS: Final = 1e3
"""A standard error of this many logits over a predictor's range belongs to no finite estimate."""
_NO_FINITE_VALUES: Final = (
    "The predictors tell some outcomes without error, so the coefficients have no finite values; "
    "use firth=True or a penalty."
)


@dataclass(frozen=True, slots=True)
class Logistic:
    """Coefficients on the logit scale, intercept first where there is one."""

    coefficients: Floats
    standard_errors: Floats
    log_likelihood: float
    """Of the data at the coefficients, without any penalty."""

    def predict(self, x: Floats) -> Floats:
        """Probabilities, shape (cases,), of cases x (cases, predictors).

        Raises
        ------
        ValueError
            `x` has another number of predictors than the model.
        """
        table = numbers("x", x, dimensions=2)
        extra = self.coefficients.size - table.shape[1]
        if extra not in (0, 1):
            raise ValueError(
                f"x has {table.shape[1]} predictors, the model {self.coefficients.size} coefficients."
            )
        start = self.coefficients[0] if extra else 0.0
        probability: Floats = expit(start + table @ self.coefficients[extra:])
        return probability


def fit(
    x: Floats,
    y: Ints,
    *,
    penalty: float = 0.0,
    firth: bool = False,
    intercept: bool = True,
) -> Logistic:
    """Fit a logistic regression, plain, ridge-penalised or with Firth's bias reduction.

    Parameters
    ----------
    x : ndarray, shape (cases, predictors)
        Predictors; scale them alike when a penalty is used.
    y : ndarray of int, shape (cases,)
        0 or 1.
    penalty : float
        lambda of lambda / 2 times the sum of squared slopes (never the intercept); 0 or more.
    firth : bool
        Add half the log determinant of the information: finite under separation.
    intercept : bool

    Returns
    -------
    Logistic
        Standard errors from the inverse of the (penalised) information.

    Raises
    ------
    ValueError
        Wrong shapes, outcomes other than 0 and 1, predictors that are linearly dependent, or
        outcomes the predictors tell without error while neither penalty nor Firth is used.

    References
    ----------
    Firth (1993), Biometrika 80, 27-38; Heinze & Schemper (2002), Statistics in Medicine 21,
    2409-2419, whose data give -1.10598 for age (`firth_sex2`).
    """
    table = numbers("x", x, dimensions=2)
    outcome = numbers("y", y, dimensions=1)
    if outcome.shape != (table.shape[0],) or not np.isin(outcome, (0.0, 1.0)).all():
        raise ValueError(f"y must be {table.shape[0]} outcomes of 0 or 1.")
    if penalty < 0:
        raise ValueError(f"penalty must be 0 or more, not {penalty}.")
    design = np.column_stack([np.ones(table.shape[0]), table]) if intercept else table
    ridge = np.full(design.shape[1], float(penalty))
    if intercept:
        ridge[0] = 0.0
    if np.linalg.matrix_rank(np.vstack([design, np.diag(np.sqrt(ridge))])) < design.shape[1]:
        raise ValueError("The predictors are linearly dependent; leave one out or use a penalty.")
    beta = _climb(design, outcome, ridge, firth=firth)
    information, _, _ = _pieces(design, beta, ridge)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    if not firth and not penalty and bool((errors * np.abs(design).max(axis=0) > _ENDLESS).any()):
        raise ValueError(_NO_FINITE_VALUES)
    return Logistic(
        coefficients=beta,
        standard_errors=errors,
        log_likelihood=_log_likelihood(design, outcome, beta),
    )


def _pieces(design: Floats, beta: Floats, ridge: Floats) -> tuple[Floats, Floats, Floats]:
    p = expit(design @ beta)
    weight = p * (1 - p)
    return design.T @ (design * weight[:, None]) + np.diag(ridge), p, weight


def _log_likelihood(design: Floats, outcome: Floats, beta: Floats) -> float:
    return float(log_expit(np.where(outcome == 1, 1.0, -1.0) * (design @ beta)).sum())


def _objective(
    design: Floats, outcome: Floats, beta: Floats, ridge: Floats, *, firth: bool
) -> float:
    value = _log_likelihood(design, outcome, beta) - float(ridge @ beta**2) / 2
    if firth:
        information, _, _ = _pieces(design, beta, ridge)
        value += float(np.linalg.slogdet(information)[1]) / 2
    return value


def _climb(design: Floats, outcome: Floats, ridge: Floats, *, firth: bool) -> Floats:
    """Newton steps on the (modified) score, halved while they lead down."""
    beta = np.zeros(design.shape[1])
    value = _objective(design, outcome, beta, ridge, firth=firth)
    for _ in range(_MOST_STEPS):
        information, p, weight = _pieces(design, beta, ridge)
        if not firth and not ridge.any() and float(np.abs(outcome - p).mean()) < _SEPARATED:
            break
        inverse = np.linalg.pinv(information, hermitian=True)
        residual = outcome - p
        if firth:
            leverage = weight * np.einsum("ij,jk,ik->i", design, inverse, design)
            residual = residual + leverage * (0.5 - p)
        step = inverse @ (design.T @ residual - ridge * beta)
        step *= min(1.0, _LARGEST_STEP / max(float(np.abs(step).max()), _TOLERANCE))
        for _ in range(30):
            trial = _objective(design, outcome, beta + step, ridge, firth=firth)
            if trial >= value - 1e-12 * abs(value):
                break
            step /= 2
        beta, value = beta + step, trial
        if float(np.abs(step).max()) < _TOLERANCE * (1 + float(np.abs(beta).max())):
            return beta
    raise ValueError(_NO_FINITE_VALUES)


def calibration(predicted: Floats, y: Ints, *, bins: int = 10) -> Floats:
    """Tell whether things said to happen with chance p happen that often.

    Parameters
    ----------
    predicted : ndarray, shape (cases,)
        Probabilities 0..1.
    y : ndarray of int, shape (cases,)
        0 or 1.
    bins : int
        Number of bins of equal width over 0..1; a probability on an edge is in the upper bin, 1 in
        the last.

    Returns
    -------
    ndarray, shape (bins, 3)
        Mean predicted, share observed, and n; the first two NaN where a bin is empty.

    Raises
    ------
    ValueError
        Wrong shapes or values out of range.

    References
    ----------
    Murphy & Winkler (1977), Applied Statistics 26, 41-47. Reference: n-weighted, the first two
    columns average to the mean prediction and to the base rate.
    """
    p = numbers("predicted", predicted, dimensions=1)
    outcome = numbers("y", y, dimensions=1)
    in_range: Bools = (p >= 0) & (p <= 1)
    if not in_range.all():
        raise ValueError("predicted holds values outside 0..1.")
    if outcome.shape != p.shape or not np.isin(outcome, (0.0, 1.0)).all():
        raise ValueError(f"y must be {p.size} outcomes of 0 or 1.")
    if bins < 1:
        raise ValueError(f"bins must be 1 or more, not {bins}.")
    place = np.minimum((p * bins).astype(np.int64), bins - 1)
    n = np.bincount(place, minlength=bins)
    sums = np.column_stack([np.bincount(place, part, minlength=bins) for part in (p, outcome)])
    means = np.where(n[:, None] > 0, sums / np.maximum(n, 1)[:, None], np.nan)
    return np.column_stack([means, n])
