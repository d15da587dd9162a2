"""Answers as numbers: one scale for all items, and who did not read them."""

from typing import Final

import numpy as np

from surveyapp.scoring.arrays import Bools, Floats, numbers

SECONDS_PER_ITEM: Final = 2.0
"""Under this nobody has read the item (Huang et al. 2012)."""
CONSISTENCY_FLOOR: Final = 0.30
"""Odd-even reliability of one person below this is inconsistent (Jackson 1976; Johnson 2005)."""
FEWEST_ANSWERS: Final = 3
"""Below this many answers sameness tells nothing."""
FEWEST_PAIRS: Final = 3
"""Below this many pairs of items a person's odd-even correlation tells nothing."""


def rescale(x: Floats, low: float, high: float, *, reverse: bool = False) -> Floats:
    """Put printed scale points on 0..100, 100 the favourable end.

    Parameters
    ----------
    x : ndarray, any shape
        Scale points from `low` to `high`; NaN = not answered, and stays NaN.
    low, high : float
        The scale's lowest and highest point, as printed.
    reverse : bool
        Whether a high point is unfavourable.

    Returns
    -------
    ndarray, shape of `x`
        (x - low) / (high - low) * 100, or 100 minus that.

    Raises
    ------
    ValueError
        `low` is not below `high`, or a point lies off the scale.

    Notes
    -----
    Reference value: points 1..7 of a seven-point scale give 0, 16.67, 33.33, 50, ... 100.
    """
    points = numbers("x", x, missing=True)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"The scale must rise from low to high, not from {low} to {high}.")
    if bool(((points < low) | (points > high)).any()):
        raise ValueError(f"x holds points off the scale {low} to {high}.")
    share = (high - points if reverse else points - low) / (high - low)
    scaled: Floats = share * 100.0
    return scaled


def careless(answers: Floats, *, reversed_items: Bools, seconds: Floats | None = None) -> Bools:
    """Flag respondents whose answers to a block cannot be taken as read.

    A respondent is flagged when either

    * all answers are the same printed point although the answered items include both keyings, or
    * two of these hold: less than 2 seconds an item; no variance; odd-even inconsistency.

    Parameters
    ----------
    answers : ndarray, shape (respondents, items)
        Points as printed, *before* reverse keying, all items on one scale; NaN = not answered.
    reversed_items : ndarray of bool, shape (items,)
        True where agreeing is unfavourable.
    seconds : ndarray, shape (respondents,), optional
        Time spent on the block; NaN = not known.

    Returns
    -------
    ndarray of bool, shape (respondents,)

    Raises
    ------
    ValueError
        Wrong shapes, or negative times.

    Notes
    -----
    Fewer than 3 answers are never "the same point". Odd-even: items are keyed, centred on their
    mean over respondents and paired in printed order (first with second, ...); the person's
    correlation over pairs, stepped up by Spearman-Brown, is inconsistent below .30. It needs 3
    complete pairs and variance on both sides, else it does not count.

    References
    ----------
    Meade & Craig (2012), Psychological Methods 17, 437-455. Huang, Curran, Keeney, Poposki &
    DeShon (2012), J. Business and Psychology 27, 99-114 (2 seconds an item). Johnson (2005),
    J. Research in Personality 39, 103-129 (.30).
    """
    points = numbers("answers", answers, dimensions=2, missing=True)
    keys = np.asarray(reversed_items)
    if keys.dtype != np.bool_ or keys.shape != (points.shape[1],):
        raise ValueError(
            f"reversed_items must be {points.shape[1]} booleans, one for each item, "
            f"not {keys.dtype} of shape {keys.shape}."
        )
    answered = ~np.isnan(points)
    n = answered.sum(axis=1)
    highest = np.where(answered, points, -np.inf).max(axis=1)
    lowest = np.where(answered, points, np.inf).min(axis=1)
    same_point = (n >= FEWEST_ANSWERS) & (highest == lowest)
    both_keys = answered[:, keys].any(axis=1) & answered[:, ~keys].any(axis=1)
    signs = same_point.astype(np.int64) + _is_inconsistent(points, answered, keys)
    if seconds is not None:
        signs += _is_too_fast(seconds, n)
    flagged: Bools = (same_point & both_keys) | (signs >= 2)  # noqa: PLR2004 - "two of", as above
    return flagged


def _is_too_fast(
    seconds: Floats, answered: np.ndarray[tuple[int, ...], np.dtype[np.int_]]
) -> Bools:
    spent = numbers("seconds", seconds, dimensions=1, missing=True)
    if spent.shape != answered.shape:
        raise ValueError(
            f"seconds must have shape {answered.shape}, one for each respondent, not {spent.shape}."
        )
    if bool((spent < 0).any()):
        raise ValueError("seconds holds negative times.")
    fast: Bools = (answered > 0) & (np.nan_to_num(spent, nan=np.inf) < SECONDS_PER_ITEM * answered)
    return fast


def _is_inconsistent(points: Floats, answered: Bools, reversed_items: Bools) -> Bools:
    pairs = points.shape[1] // 2
    count = answered.sum(axis=0)
    item_mean = np.where(answered, points, 0.0).sum(axis=0) / np.maximum(count, 1)
    keyed = np.where(answered, points - item_mean, 0.0) * np.where(reversed_items, -1.0, 1.0)
    both = answered[:, 0 : 2 * pairs : 2] & answered[:, 1 : 2 * pairs : 2]
    n = both.sum(axis=1)
    odd = np.where(both, keyed[:, 0 : 2 * pairs : 2], 0.0)
    even = np.where(both, keyed[:, 1 : 2 * pairs : 2], 0.0)
    share = 1.0 / np.maximum(n, 1)[:, None]
    odd = np.where(both, odd - odd.sum(axis=1, keepdims=True) * share, 0.0)
    even = np.where(both, even - even.sum(axis=1, keepdims=True) * share, 0.0)
    spread = np.sqrt((odd**2).sum(axis=1) * (even**2).sum(axis=1))
    usable = (n >= FEWEST_PAIRS) & (spread > 1e-12)  # noqa: PLR2004 - rounding of centred points
    r = (odd * even).sum(axis=1) / np.where(usable, spread, 1.0)
    # Spearman-Brown 2r/(1+r) < .30 solved for r, so that r = -1 needs no division
    inconsistent: Bools = usable & (r < CONSISTENCY_FLOOR / (2.0 - CONSISTENCY_FLOOR))
    return inconsistent
