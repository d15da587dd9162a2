"""Tiers of partners: weights learnt from decided cases, and how sure a tier or rank is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from surveyapp.scoring.arrays import Floats, Ints, numbers

_SCALE_SHARE: Final = 0.01
"""Share of the penalty laid on the size of the coefficients, so that cases the criteria tell apart
without error still have finite coefficients."""
_LARGEST: Final = 1e4


@dataclass(frozen=True, slots=True)
class TierModel:
    """Proportional odds: logit P(tier <= j) = cut_j - criteria @ coefficients."""

    coefficients: Floats
    weights: Floats
    """Coefficients as shares of the sum of their absolute values; the prior's where all are 0."""
    cut_points: Floats
    log_likelihood: float
    """Without the penalty."""


def calibrate(
    criteria: Floats,
    tier: Ints,
    *,
    prior_weights: Floats | None = None,
    penalty: float = 0.0,
    non_negative: bool = True,
) -> TierModel:
    """Learn criterion weights and cut points from partners whose tier people have decided.

    Parameters
    ----------
    criteria : ndarray, shape (partners, criteria)
        On one scale; more is better.
    tier : ndarray of int, shape (partners,)
        0..K-1, every tier present.
    prior_weights : ndarray, shape (criteria,), optional
        Workshop weights, 0 or more; only their proportions count.
    penalty : float
        With prior weights: of squared departures from their direction (and a hundredth of it of
        the size along it). Without: of squared coefficients (ridge). Halved, as usual.
    non_negative : bool
        Whether no criterion may count against a partner.

    Returns
    -------
    TierModel

    Raises
    ------
    ValueError
        Wrong shapes, fewer than two tiers or a tier without partners, or criteria that tell the
        tiers apart without error while the penalty is 0.

    References
    ----------
    McCullagh (1980), J. Royal Statistical Society B 42, 109-142. Reference: Copenhagen housing, MASS
    polr gives .566 1.289 -.572 -.366 -1.091 .360, cuts -.496 .691 (`polr_housing`).
    """
    table = numbers("criteria", criteria, dimensions=2)
    code = np.asarray(tier)
    if code.dtype.kind not in "iu" or code.shape != (table.shape[0],):
        raise ValueError(f"tier must be {table.shape[0]} integer codes.")
    tiers = int(code.max()) + 1
    if int(code.min()) < 0 or tiers < 2 or np.unique(code).size != tiers:  # noqa: PLR2004 - a cut
        raise ValueError("tier must run over 0..K-1, K at least 2, with partners in every tier.")
    if penalty < 0:
        raise ValueError(f"penalty must be 0 or more, not {penalty}.")
    prior = None if prior_weights is None else _prior(prior_weights, table.shape[1])
    pull = _penalty_matrix(prior, table.shape[1], penalty)
    likelihood = _Likelihood(table, code.astype(np.int64), tiers)
    coefficients, cuts = likelihood.climb(pull, non_negative=non_negative)
    size = float(np.abs(coefficients).sum())
    equal = np.full(table.shape[1], 1 / table.shape[1]) if prior is None else prior
    return TierModel(
        coefficients=coefficients,
        weights=coefficients / size if size > 0 else equal,
        cut_points=cuts,
        log_likelihood=-likelihood.misfit(coefficients, cuts)[0],
    )


def _prior(prior_weights: Floats, size: int) -> Floats:
    prior = numbers("prior_weights", prior_weights, dimensions=1)
    if prior.shape != (size,) or bool((prior < 0).any()) or float(prior.sum()) <= 0:
        raise ValueError(f"prior_weights must be {size} values of 0 or more, not all 0.")
    weights: Floats = prior / prior.sum()
    return weights


def _penalty_matrix(prior: Floats | None, size: int, penalty: float) -> Floats:
    if prior is None:
        return penalty * np.eye(size)
    along = np.outer(prior, prior) / float(prior @ prior)
    return penalty * (np.eye(size) - along + _SCALE_SHARE * along)


class _Likelihood:
    """Negative log-likelihood of proportional odds and its slopes."""

    def __init__(self, criteria: Floats, tier: Ints, tiers: int) -> None:
        self.criteria = criteria
        self.tier = tier
        self.tiers = tiers

    def misfit(self, coefficients: Floats, cuts: Floats) -> tuple[float, Floats, Floats]:
        value = self.criteria @ coefficients
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        high, low = edges[self.tier + 1] - value, edges[self.tier] - value
        # the difference is taken in the tail where both terms are small
        flip = low > 0
        p = np.where(flip, expit(-low) - expit(-high), expit(high) - expit(low))
        p = np.maximum(p, np.finfo(np.float64).tiny)
        above = expit(high) * expit(-high) / p
        below = expit(low) * expit(-low) / p
        by_cut: Floats = np.subtract(
            np.bincount(self.tier + 1, above, minlength=self.tiers + 1),
            np.bincount(self.tier, below, minlength=self.tiers + 1),
            dtype=np.float64,
        )
        return -float(np.log(p).sum()), self.criteria.T @ (above - below), -by_cut[1:-1]

    def climb(self, pull: Floats, *, non_negative: bool) -> tuple[Floats, Floats]:
        size = self.criteria.shape[1]

        def unpacked(point: Floats) -> tuple[Floats, Floats]:
            steps = np.exp(point[size + 1 :])
            return point[:size], point[size] + np.concatenate([[0.0], np.cumsum(steps)])

        def objective(point: Floats) -> tuple[float, Floats]:
            coefficients, cuts = unpacked(point)
            value, slope, by_cut = self.misfit(coefficients, cuts)
            later = np.cumsum(by_cut[::-1])[::-1]
            by_step = later[1:] * np.exp(point[size + 1 :])
            pulled = pull @ coefficients
            value += float(coefficients @ pulled) / 2
            return value, np.concatenate([slope + pulled, [later[0]], by_step])

        shares = np.cumsum(np.bincount(self.tier, minlength=self.tiers))[:-1] / self.tier.size
        start_cuts = np.log(shares / (1 - shares))
        start = np.concatenate([np.zeros(size), start_cuts[:1], np.log(np.diff(start_cuts))])
        floor = 0.0 if non_negative else -_LARGEST
        found = minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(floor, _LARGEST)] * size + [(None, None)] + [(-40.0, 40.0)] * (self.tiers - 2),
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 20_000, "maxfun": 40_000},
        )
        coefficients, cuts = unpacked(np.asarray(found.x, dtype=np.float64))
        if self.misfit(coefficients, cuts)[0] < 1e-4 * self.tier.size and not pull.any():
            raise ValueError(
                "The criteria tell the tiers apart without error, so coefficients have no finite "
                "values; give a penalty."
            )
        return coefficients, cuts


@dataclass(frozen=True, slots=True)
class Acceptability:
    """How often each partner takes each rank and tier over all weights and criteria that fit."""

    rank: Floats
    """(partners, ranks), rows sum to 1, first rank first."""
    tier: Floats | None
    """(partners, tiers), rows sum to 1; None without thresholds."""
    confidence: Floats
    """(partners,): chance of the first rank under the partner's central weights, NaN if never."""
    central_weights: Floats
    """(partners, criteria): mean weight when ranked first, NaN if never."""


def acceptability(
    mean: Floats,
    sd: Floats,
    *,
    weights: Floats | None,
    concentration: float = 40.0,
    thresholds: Floats | None = None,
    draws: int = 10000,
    rng: np.random.Generator,
) -> Acceptability:
    """Rank and tier acceptability by stochastic multicriteria analysis (SMAA-2).

    Parameters
    ----------
    mean, sd : ndarray, shape (partners, criteria)
        Criteria, more is better, and their standard errors (0 = known).
    weights : ndarray, shape (criteria,), or None
        Workshop weights, 0 or more; drawn as Dirichlet(concentration x weights). None: uniform over
        all weights.
    concentration : float
        Over 0; more is surer of the weights.
    thresholds : ndarray, shape (tiers - 1,), optional
        Ascending values between tiers, lowest tier first; a value on a threshold is in the upper.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    Acceptability
        Partners of equal value share their ranks by lot.

    Raises
    ------
    ValueError
        Shapes differ, negative sd or weights, thresholds that do not rise, or no draws.

    References
    ----------
    Lahdelma & Salminen (2001), Operations Research 49, 444-454. Reference: three alternatives with a
    closed form (`smaa_analytic_2`).
    """
    centre = numbers("mean", mean, dimensions=2)
    spread = numbers("sd", sd, dimensions=2)
    if spread.shape != centre.shape or bool((spread < 0).any()):
        raise ValueError("sd must be 0 or more and have the shape of mean.")
    if draws < 1 or not concentration > 0:
        raise ValueError("draws must be 1 or more and concentration over 0.")
    limits = None if thresholds is None else numbers("thresholds", thresholds, dimensions=1)
    if limits is not None and bool((np.diff(limits) <= 0).any()):
        raise ValueError("thresholds must rise from each tier to the next.")
    partners, size = centre.shape
    drawn = _draw_weights(weights, size, concentration, draws, rng)
    values = _draw_values(centre, spread, drawn, rng)
    order = np.lexsort((rng.random(values.shape), -values), axis=1)
    places = np.zeros((partners, partners))
    for rank in range(partners):
        places[:, rank] = np.bincount(order[:, rank], minlength=partners)
    wins = places[:, 0]
    sums = np.zeros((partners, size))
    np.add.at(sums, order[:, 0], drawn)
    central = np.where(wins[:, None] > 0, sums / np.maximum(wins, 1)[:, None], np.nan)
    tiers = None
    if limits is not None:
        level = np.searchsorted(limits, values, side="right")
        tiers = np.stack(
            [(level == place).mean(axis=0) for place in range(limits.size + 1)], axis=1
        )
    return Acceptability(
        rank=places / draws,
        tier=tiers,
        confidence=_confidence(centre, spread, central, draws, rng),
        central_weights=central,
    )


def _draw_weights(
    weights: Floats | None, size: int, concentration: float, draws: int, rng: np.random.Generator
) -> Floats:
    if weights is None:
        return rng.dirichlet(np.ones(size), draws)
    given = _prior(weights, size)
    drawn = np.zeros((draws, size))
    used = given > 0
    drawn[:, used] = rng.dirichlet(concentration * given[used], draws)
    return drawn


def _draw_values(
    centre: Floats, spread: Floats, weights: Floats, rng: np.random.Generator
) -> Floats:
    """Values of every partner in every draw, (draws, partners).

    A weighted sum of independent normal criteria is drawn as one normal, which is the same.
    """
    values: Floats = weights @ centre.T
    if not spread.any():
        return values
    noise = np.sqrt(weights**2 @ (spread**2).T)
    return values + noise * rng.standard_normal(values.shape)


def _confidence(
    centre: Floats, spread: Floats, central: Floats, draws: int, rng: np.random.Generator
) -> Floats:
    result = np.full(centre.shape[0], np.nan)
    for partner in np.flatnonzero(~np.isnan(central[:, 0])):
        weights = np.broadcast_to(central[partner], (draws, centre.shape[1]))
        values = _draw_values(centre, spread, weights, rng)
        others = np.delete(values, partner, axis=1)
        best = others.max(axis=1, initial=-np.inf)
        result[partner] = (values[:, partner] >= best - 1e-12).mean()
    return result
