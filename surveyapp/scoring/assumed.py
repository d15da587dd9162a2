"""What is assumed when a programme cannot tell it yet, and the rule that says so.

The public names are re-exported by :mod:`surveyapp.scoring.norms`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.scoring.arrays import Floats, Ints, codes, numbers, share
from surveyapp.scoring.moments import BETWEEN_FLOOR, Moments, estimate_moments, without_negatives
from surveyapp.scoring.state import pool

ASSUMED_NAME: Final = "assumed-1"
ASSUMED_MEAN: Final = 70.0
"""Points of 100."""
ASSUMED_SD: Final = 22.0
"""Points: spread of single answers, between and within relationships together."""
ASSUMED_ICC: Final = 0.33
"""Share of that variance that lies between relationships."""
ASSUMED_BETWEEN_CORRELATION: Final = 0.8
ASSUMED_WITHIN_CORRELATION: Final = 0.5
ASSUMED_QUESTION_BETWEEN: Final = 0.15
ASSUMED_QUESTION_WITHIN: Final = 0.40
ASSUMED_MEAN_GROUPS: Final = 5.0
"""The assumed mean is as sure as that of this many relationships ..."""
ASSUMED_MEAN_ANSWERS: Final = 3.0
"""... with this many answers each."""

ENOUGH_GROUPS: Final = 100
"""Relationships from which spreads may be called estimated."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Whether a run's spread is estimated from its own answers or partly assumed."""

    is_assumed: bool
    is_split_assumed: bool
    """True when every relationship has one answer: the ICC itself is then an assumption."""
    n_groups: int
    """Relationships with at least one answer."""
    reason: str
    """A clause for the method line, such as "fewer than 100 relationships have answers"."""


def basis(group: Ints, n_groups: int) -> Basis:
    """Decide whether scores of these answers must be called "assumed, not estimated".

    Parameters
    ----------
    group : ndarray of int, shape (respondents,)
        The relationship of each respondent with at least one rating; KPI rows are left out.
    n_groups : int
        Number of relationships.

    Returns
    -------
    Basis
        Assumed when fewer than 100 relationships have answers or when every one of them has a
        single answer.

    Raises
    ------
    ValueError
        Codes out of range.
    """
    of_row = codes("group", group, length=np.asarray(group).size, count=n_groups)
    answers = np.bincount(of_row, minlength=n_groups)
    answered = int((answers > 0).sum())
    single = answered > 0 and int(answers.max()) == 1
    if answered == 0:
        return Basis(
            is_assumed=True, is_split_assumed=False, n_groups=0, reason="nobody has answered"
        )
    if single:
        return Basis(
            is_assumed=True,
            is_split_assumed=True,
            n_groups=answered,
            reason="every relationship has a single answer",
        )
    if answered < ENOUGH_GROUPS:
        reason = f"fewer than {ENOUGH_GROUPS} relationships have answers"
        return Basis(is_assumed=True, is_split_assumed=False, n_groups=answered, reason=reason)
    return Basis(
        is_assumed=False,
        is_split_assumed=False,
        n_groups=answered,
        reason=f"{answered} relationships have answers",
    )


def assumed_reference(entries: int) -> Moments:
    """Build the reference set ``assumed-1`` for a number of perception entries.

    Parameters
    ----------
    entries : int
        Dimensions (times views and waves), each on 0..100.

    Returns
    -------
    Moments
        Mean 70; single answers spread by SD 22, a third of the variance (ICC .33) between
        relationships; correlations .8 between and .5 within relationships. The mean is as sure as
        that of five relationships with three answers each. `n_groups` is 0: no data is behind it.

    Raises
    ------
    ValueError
        No entries.
    """
    if entries < 1:
        raise ValueError(f"A reference needs at least one entry, not {entries}.")
    total = ASSUMED_SD**2
    between = ASSUMED_ICC * total * _equicorrelated(entries, ASSUMED_BETWEEN_CORRELATION)
    within = (1 - ASSUMED_ICC) * total * _equicorrelated(entries, ASSUMED_WITHIN_CORRELATION)
    return Moments(
        mean=np.full(entries, ASSUMED_MEAN),
        between=between,
        within=within,
        mean_covariance=(between + within / ASSUMED_MEAN_ANSWERS) / ASSUMED_MEAN_GROUPS,
        n_groups=0,
        identified=True,
    )


def assumed_question() -> Moments:
    """Build what ``assumed-1`` says of a question beside its dimension: the answers' distance from it.

    Returns
    -------
    Moments
        One entry. Mean 0: no question is assumed harder than the others. Of the assumed variance
        between relationships 15% is a question's own, within relationships 40%.

    Raises
    ------
    Nothing: it takes no input.
    """
    total = ASSUMED_SD**2
    between = np.array([[ASSUMED_QUESTION_BETWEEN * ASSUMED_ICC * total]])
    within = np.array([[ASSUMED_QUESTION_WITHIN * (1 - ASSUMED_ICC) * total]])
    return Moments(
        mean=np.zeros(1),
        between=between,
        within=within,
        mean_covariance=(between + within / ASSUMED_MEAN_ANSWERS) / ASSUMED_MEAN_GROUPS,
        n_groups=0,
        identified=True,
    )


def _equicorrelated(size: int, correlation: float) -> Floats:
    return (1 - correlation) * np.eye(size) + correlation


def assumed_split(y: Floats, icc: float = ASSUMED_ICC) -> Moments:
    """Split the observed spread by an assumed ICC, for waves with one answer per relationship.

    Parameters
    ----------
    y : ndarray, shape (respondents, entries)
        One respondent per relationship; NaN = no answer.
    icc : float
        Assumed share of variance between relationships, between 0 and 1.

    Returns
    -------
    Moments
        Omega = ICC S and Sigma = (1 - ICC) S, S the pairwise covariance made positive definite;
        the mean's covariance is S over the answers. Entries answered by fewer than two people are
        NaN (not told), and `identified` is then False; :func:`surveyapp.scoring.state.pool` fills
        them from the reference.

    Raises
    ------
    ValueError
        Wrong shape, or an ICC that is not between 0 and 1.
    """
    ratio = share("icc", icc)
    table = numbers("y", y, dimensions=2, missing=True)
    respondents = table.shape[0]
    # all in one group: its within covariance is the pairwise covariance, floored as usual
    pooled = estimate_moments(table, np.zeros(respondents, dtype=np.int64), 1)
    spread = pooled.within
    answered = ~np.isnan(table)
    together = answered.T.astype(np.float64) @ answered
    n = np.maximum(np.diag(together), 1.0)
    return Moments(
        mean=_mean(table),
        between=ratio * spread,
        within=(1 - ratio) * spread,
        mean_covariance=spread * together / np.outer(n, n),
        n_groups=int(answered.any(axis=1).sum()),
        identified=not bool(np.isnan(spread).any()),
    )


def _mean(table: Floats) -> Floats:
    answered = ~np.isnan(table)
    n = answered.sum(axis=0)
    total = np.where(answered, table, 0.0).sum(axis=0)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def prior(
    y: Floats,
    group: Ints,
    n_groups: int,
    reference: Moments,
    *,
    noise: Floats | None = None,
) -> tuple[Moments, Basis]:
    """Pool a run's own moments with its reference, splitting by the assumed ICC where it must.

    Parameters
    ----------
    y, group, n_groups, noise
        As in :func:`surveyapp.scoring.state.estimate_moments`. Rows whose answers all have known
        noise are KPI observations, not people.
    reference : Moments
        The reference set, complete.

    Returns
    -------
    Moments, Basis
        The prior for :func:`surveyapp.scoring.state.posterior`, and what to say about it.

    Raises
    ------
    ValueError
        As the functions it is made of.
    """
    own = estimate_moments(y, group, n_groups, noise=noise)
    table = np.asarray(y, dtype=np.float64)
    open_cells = ~np.isnan(table)
    if noise is not None:
        open_cells &= np.isnan(noise)
    people = open_cells.any(axis=1)
    found = basis(np.asarray(group)[people], n_groups)
    if found.is_split_assumed:
        own = _split_where_untold(own, assumed_split(np.where(open_cells, table, np.nan)[people]))
    return pool(own, reference), found


def _split_where_untold(own: Moments, split: Moments) -> Moments:
    """Use the assumed split for ratings, and keep what known noise told about KPIs."""
    rated = ~np.isnan(np.diag(split.within))
    both = np.outer(rated, rated)
    between = np.where(both, split.between, own.between)
    between = without_negatives(between, BETWEEN_FLOOR, between)
    within = np.where(both, split.within, own.within)
    return Moments(
        mean=own.mean,
        between=between,
        within=within,
        mean_covariance=own.mean_covariance,
        n_groups=own.n_groups,
        identified=not bool(np.isnan(between).any() or np.isnan(within).any()),
    )
