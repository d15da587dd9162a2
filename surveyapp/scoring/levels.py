"""Levels as probabilities, and the two sentences an executive reads first."""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from scipy.special import ndtr

from surveyapp.scoring.arrays import Floats, numbers

Call = Literal["at risk", "not at risk", "cannot tell yet"]

SURE: Final = 0.80
"""Probability from which a call or a level is named alone."""
AT_RISK_LEVELS: Final = 2
"""The lowest levels that count as at risk: Antagonistic and Transactional."""
_TIE: Final = 1e-12
"""Sums of probabilities carry rounding; .80 reached within this is reached."""


def probabilities(z: Floats, standard_error: Floats, cuts: Sequence[float]) -> Floats:
    """Probability of each level, given where a relationship stands and how sure that is.

    Parameters
    ----------
    z : ndarray, shape (groups,)
        Position on the reference's bell curve, in SD of true scores.
    standard_error : ndarray, shape (groups,)
        Its standard error, 0 or more, in the same unit.
    cuts : sequence of float
        Ascending z between neighbouring levels.

    Returns
    -------
    ndarray, shape (groups, len(cuts) + 1)
        Phi((q_l - z) / s) - Phi((q_(l-1) - z) / s), lowest level first. Rows sum to 1. With
        s = 0 the level that holds z has probability 1; a z on a cut is in the upper level.

    Raises
    ------
    ValueError
        Wrong shapes, NaN, negative errors, or cuts that do not rise.

    Notes
    -----
    Differences are taken in the tail where both terms are small, so far levels keep their relative
    accuracy; the largest probability is one minus the others. Reference value: z = 0, s = 1 and
    the 10/34/80 percentiles give .10, .24, .46, .20 (test case `prior_levels`).
    """
    position = numbers("z", z, dimensions=1)
    error = numbers("standard_error", standard_error, dimensions=1)
    cut = numbers("cuts", cuts, dimensions=1)
    if error.shape != position.shape:
        raise ValueError(
            f"standard_error must have the shape of z, {position.shape}, not {error.shape}."
        )
    if bool((error < 0).any()):
        raise ValueError("standard_error holds negative values.")
    if bool((np.diff(cut) <= 0).any()):
        raise ValueError("cuts must rise from each level to the next.")
    edges = _edges(position, error, cut)
    low, high = edges[:, :-1], edges[:, 1:]
    upper_tail = low > 0
    result: Floats = np.where(upper_tail, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    largest = result.argmax(axis=1)[:, None]
    np.put_along_axis(result, largest, 0.0, axis=1)
    np.put_along_axis(result, largest, 1.0 - result.sum(axis=1, keepdims=True), axis=1)
    return result


def _edges(position: Floats, error: Floats, cut: Floats) -> Floats:
    distance = cut[None, :] - position[:, None]
    certain = np.where(distance > 0, np.inf, -np.inf)
    exact = (error == 0)[:, None]
    # a standard error next to nothing overflows to the infinity that is meant
    with np.errstate(over="ignore"):
        scaled = np.where(exact, certain, distance / np.where(exact, 1.0, error[:, None]))
    return np.pad(scaled, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))


def call(probabilities: Floats) -> list[Call]:
    """Say first whether a relationship is at risk, or that it cannot be told yet.

    Parameters
    ----------
    probabilities : ndarray, shape (groups, levels)
        From :func:`probabilities`, lowest level first, at least three levels.

    Returns
    -------
    list of str
        "at risk" when the two lowest levels hold .80 or more, "not at risk" when .20 or less,
        else "cannot tell yet".

    Raises
    ------
    ValueError
        Fewer than three levels, or rows that are not probabilities.
    """
    p = _checked(probabilities)
    if p.shape[1] <= AT_RISK_LEVELS:
        raise ValueError("The call needs at least three levels; the two lowest are at risk.")
    risk = p[:, :AT_RISK_LEVELS].sum(axis=1)
    return [_call(float(share)) for share in risk]


def _call(risk: float) -> Call:
    if risk >= SURE - _TIE:
        return "at risk"
    if risk <= 1.0 - SURE + _TIE:
        return "not at risk"
    return "cannot tell yet"


def label(probabilities: Floats, names: Sequence[str]) -> list[str]:
    """Name the level as surely as the answers allow, and no surer.

    Parameters
    ----------
    probabilities : ndarray, shape (groups, levels)
        From :func:`probabilities`, lowest level first.
    names : sequence of str
        One name for each level, in the same order.

    Returns
    -------
    list of str
        "X" when one level holds .80 or more; else "X or Y, nearer X" when the likeliest pair of
        neighbours does (X the likelier; the lower one on a tie); else "wide open". That nobody
        answered is for the caller to say ("from facts only", "no answers").

    Raises
    ------
    ValueError
        Names and levels differ in number, or rows are not probabilities.
    """
    p = _checked(probabilities)
    if len(names) != p.shape[1]:
        raise ValueError(f"There are {p.shape[1]} levels but {len(names)} names.")
    return [_label(row, names) for row in p]


def _label(row: Floats, names: Sequence[str]) -> str:
    best = int(row.argmax())
    if row[best] >= SURE - _TIE:
        return names[best]
    pairs = row[:-1] + row[1:]
    low = int(pairs.argmax())
    if pairs[low] < SURE - _TIE:
        return "wide open"
    nearer, other = (low, low + 1) if row[low] >= row[low + 1] else (low + 1, low)
    return f"{names[nearer]} or {names[other]}, nearer {names[nearer]}"


def _checked(probabilities: Floats) -> Floats:
    p = numbers("probabilities", probabilities, dimensions=2)
    if bool((p < -_TIE).any()) or not np.allclose(p.sum(axis=1), 1.0, rtol=0, atol=1e-6):
        raise ValueError("probabilities must be 0 or more and sum to 1 in each row.")
    return p
