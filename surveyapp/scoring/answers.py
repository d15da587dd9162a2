"""The answers a state is made of: checked once, sorted by relationship, summed by relationship."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from surveyapp.scoring.arrays import Bools, Floats, Ints, codes, numbers


@dataclass(frozen=True, slots=True)
class Answers:
    """Checked input, rows sorted by group, those without answers dropped, missing cells 0."""

    values: Floats
    """(rows, entries), less `shift`."""
    answered: Bools
    noise: Floats | None
    """Known error variances, NaN where the error is to be estimated; None when none is known."""
    group: Ints
    shift: Floats
    """(entries,): whole numbers near the middle of each entry's range; taking them off keeps sums
    of whole numbers exact and squares small."""

    def estimated(self) -> Bools:
        """Cells whose error variance is Sigma's and not a known one."""
        return self.answered if self.noise is None else self.answered & np.isnan(self.noise)


def checked(y: Floats, group: Ints, n_groups: int, noise: Floats | None) -> Answers:
    """Check the arrays a state is made of and bring them into order.

    Raises
    ------
    ValueError
        Wrong shapes, codes out of range, infinite values, or noise that is not positive.
    """
    if n_groups < 1:
        raise ValueError(f"n_groups must be 1 or more, not {n_groups}.")
    table = numbers("y", y, dimensions=2, missing=True)
    of_row = codes("group", group, length=table.shape[0], count=n_groups)
    answered = ~np.isnan(table)
    known = None if noise is None else _checked_noise(noise, answered)
    # by group, so that sums by group walk through memory once
    order = np.argsort(of_row, kind="stable")
    has_answers = answered.sum(axis=1) > 0
    order = order[has_answers[order]]
    answered = answered[order]
    values = table[order]
    top = np.max(values, axis=0, initial=-np.inf, where=answered)
    bottom = np.min(values, axis=0, initial=np.inf, where=answered)
    told = answered.any(axis=0)
    shift = np.rint(np.where(told, top, 0.0) / 2 + np.where(told, bottom, 0.0) / 2)
    values = np.where(answered, values - shift, 0.0)
    return Answers(values, answered, None if known is None else known[order], of_row[order], shift)


def _checked_noise(noise: Floats, answered: Bools) -> Floats:
    given = numbers("noise", noise, dimensions=2, missing=True)
    if given.shape != answered.shape:
        raise ValueError(f"noise must have the shape of y, {answered.shape}, not {given.shape}.")
    if bool((given[answered] <= 0).any()):
        raise ValueError("noise holds variances that are not positive.")
    return np.where(answered, given, np.nan)


class Gather:
    """Sums rows by code: ``Gather(code, count)(rows)`` has one row for each code."""

    __slots__ = ("_matrix",)

    def __init__(self, code: Ints, count: int) -> None:
        rows = code.shape[0]
        self._matrix = csr_matrix((np.ones(rows), (code, np.arange(rows))), shape=(count, rows))

    def __call__(self, rows: NDArray[np.float64] | Bools) -> Floats:
        """Return the sums of `rows` (rows, columns) by code, (count, columns)."""
        return np.asarray(self._matrix @ rows, dtype=np.float64)
