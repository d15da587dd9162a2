"""How far a set of items measures one thing."""

from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import fdtri

from surveyapp.scoring.arrays import Floats, numbers, share, square
from surveyapp.scoring.estimate import Estimate

_FEWEST_FOR_A_FACTOR: Final = 3
_LEAST_UNIQUENESS: Final = 0.005
"""Share of an item's variance that stays its own: keeps Heywood cases inside (as R's factanal)."""


def cronbach_alpha(x: Floats, *, confidence: float = 0.95) -> Estimate:
    """Cronbach's alpha with Feldt's interval.

    Parameters
    ----------
    x : ndarray, shape (respondents, items)
        Scored items, all keyed one way. Rows with NaN are left out.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    Estimate
        Value up to 1, may be negative; n = complete respondents; no standard error (NaN).

    Raises
    ------
    ValueError
        Fewer than two items or two complete respondents, or a sum score without variance.

    References
    ----------
    Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11, 93-103: 1 - (1 - alpha) F.
    Reference: pingouin's example gives .5917188 [.195, .840] (`alpha_pingouin`); LSAT-6 gives .295
    (`alpha_lsat6`).
    """
    table = _complete(x, fewest_items=2)
    level = share("confidence", confidence)
    n, k = table.shape
    total = float(table.sum(axis=1).var(ddof=1))
    if total <= 0:
        raise ValueError("The sum of the items does not vary, so alpha is not defined.")
    alpha = k / (k - 1) * (1 - float(table.var(axis=0, ddof=1).sum()) / total)
    tail = (1 - level) / 2
    degrees = (n - 1, (n - 1) * (k - 1))
    return Estimate(
        value=alpha,
        standard_error=float("nan"),
        low=1 - (1 - alpha) * float(fdtri(*degrees, 1 - tail)),
        high=1 - (1 - alpha) * float(fdtri(*degrees, tail)),
        n=n,
        confidence=level,
        method="Cronbach's alpha, Feldt interval",
    )


def mcdonald_omega(x: Floats) -> Estimate:
    """McDonald's omega of one common factor, by maximum likelihood.

    Parameters
    ----------
    x : ndarray, shape (respondents, items)
        Scored items. Rows with NaN are left out.

    Returns
    -------
    Estimate
        (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances), 0..1; n = complete
        respondents; no interval (NaN).

    Raises
    ------
    ValueError
        Fewer than three items, fewer complete respondents than items + 1, or an item that is
        constant or a copy of others.

    Notes
    -----
    With three items and positive loadings the solution is closed: loading_1^2 = s12 s13 / s23.
    Otherwise the uniquenesses minimise the concentrated likelihood, bounded below at .005 of the
    item's variance.

    References
    ----------
    McDonald (1999), Test Theory, eq. 6.20. Joereskog (1967), Psychometrika 32, 443-482. Reference:
    Holzinger-Swineford visual factor, semTools prints .6253180 (`omega_hs_3f_from_estimates`).
    """
    table = _complete(x, fewest_items=_FEWEST_FOR_A_FACTOR)
    n, k = table.shape
    if n < k + 1:
        raise ValueError(f"{k} items need at least {k + 1} complete respondents, not {n}.")
    covariance = np.cov(table.T)
    sd = np.sqrt(np.diag(covariance))
    if not (sd > 0).all():
        raise ValueError(f"Item {int(np.flatnonzero(sd <= 0)[0])} is constant.")
    r = covariance / np.outer(sd, sd)
    if np.linalg.eigvalsh(r)[0] < 1e-10:  # noqa: PLR2004 - singular to rounding
        raise ValueError("An item is a copy or a sum of others, so its own variance is not told.")
    loadings = _closed_loadings(r) if k == _FEWEST_FOR_A_FACTOR else None
    if loadings is None:
        loadings = _likeliest_loadings(r)
    common = float(loadings @ sd) ** 2
    unique = float((1 - loadings**2) @ sd**2)
    nan = float("nan")
    return Estimate(
        value=common / (common + unique),
        standard_error=nan,
        low=nan,
        high=nan,
        n=n,
        confidence=nan,
        method="McDonald's omega, one factor, maximum likelihood",
    )


def _closed_loadings(r: Floats) -> Floats | None:
    a, b, c = r[0, 1], r[0, 2], r[1, 2]
    if a <= 0 or b <= 0 or c <= 0:
        return None
    loadings: Floats = np.sqrt(np.array([a * b / c, a * c / b, b * c / a]))
    return loadings if bool((loadings**2 <= 1 - _LEAST_UNIQUENESS).all()) else None


def _likeliest_loadings(r: Floats) -> Floats:
    """Minimise the likelihood concentrated over loadings (Joereskog 1967, eq. 26)."""

    def loadings(unique: Floats) -> tuple[Floats, Floats]:
        root = np.sqrt(unique)
        values, vectors = np.linalg.eigh(r / np.outer(root, root))
        return vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0)) * root, values

    def misfit(unique: Floats) -> tuple[float, Floats]:
        found, values = loadings(unique)
        slope = np.diag(np.outer(found, found) + np.diag(unique) - r) / unique**2
        return float((values[:-1] - np.log(values[:-1]) - 1).sum()), slope

    start = np.clip(0.5 / np.diag(np.linalg.inv(r)), _LEAST_UNIQUENESS, 1.0)
    found = minimize(
        misfit,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(_LEAST_UNIQUENESS, 1.0)] * r.shape[0],
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000, "maxfun": 5000},
    )
    unique = np.asarray(found.x, dtype=np.float64)
    best = loadings(unique)[0]
    size = np.sqrt(1 - unique)
    signed: Floats = np.where(best < 0, -size, size)
    return signed if signed.sum() >= 0 else -signed


def composite(weights: Floats, covariance: Floats, reliabilities: Floats) -> float:
    """Reliability of a weighted sum of parts.

    Parameters
    ----------
    weights : ndarray, shape (parts,)
    covariance : ndarray, shape (parts, parts)
        Of the parts' observed scores.
    reliabilities : ndarray, shape (parts,)
        Of the parts, up to 1.

    Returns
    -------
    float
        1 - sum w_i^2 s_ii (1 - r_i) / w' S w.

    Raises
    ------
    ValueError
        Shapes differ, a reliability over 1, or a composite without variance.

    References
    ----------
    Mosier (1943), Psychometrika 8, 161-168. Reference: k parallel parts of reliability r with equal
    weights give the Spearman-Brown k r / (1 + (k - 1) r).
    """
    w = numbers("weights", weights, dimensions=1)
    s = square("covariance", covariance, size=w.size)
    r = numbers("reliabilities", reliabilities, dimensions=1)
    if r.shape != w.shape:
        raise ValueError(f"reliabilities must have shape {w.shape}, not {r.shape}.")
    if bool((r > 1).any()):
        raise ValueError("A reliability is over 1.")
    total = float(w @ s @ w)
    if total <= 0:
        raise ValueError("The composite does not vary, so it has no reliability.")
    return 1 - float(w**2 * (1 - r) @ np.diag(s)) / total


def _complete(x: Floats, *, fewest_items: int) -> Floats:
    table = numbers("x", x, dimensions=2, missing=True)
    complete: Floats = table[~np.isnan(table).any(axis=1)]
    if table.shape[1] < fewest_items:
        raise ValueError(f"x must have at least {fewest_items} items, not {table.shape[1]}.")
    if complete.shape[0] < 2:  # noqa: PLR2004 - a variance needs two
        raise ValueError(f"Only {complete.shape[0]} respondent(s) answered every item; 2 needed.")
    return complete
