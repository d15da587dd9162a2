"""Which rows look alike: the posterior is solved once for each distinct design, not per group.

A *pattern* is the set of entries a respondent answered, with the known error variances among them;
a *design* is how many answers of each pattern a group has. Both are found by folding columns of
codes into one code with `numpy.unique`, so the result depends on content only, never on row order.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surveyapp.scoring.arrays import Bools, Floats, Ints

_WORD = 48
"""Entries packed into one integer at a time."""


def code(values: NDArray[Any]) -> Ints:
    """Return one code for each distinct value, counted from 0 in sorted order."""
    is_whole = values.dtype.kind == "i" and values.size > 0
    if is_whole and int(values.min()) >= 0 and int(values.max()) < values.size:
        # small numbers need no sorting: count those present and rank them
        present = np.bincount(values) > 0
        ranked: Ints = (np.cumsum(present) - 1)[values]
        return ranked
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def fold(codes: Ints, more: Ints) -> Ints:
    """Return one code for each distinct pair (codes, more), counted from 0 in sorted order."""
    return code(codes * (int(more.max(initial=0)) + 1) + more)


def row_patterns(answered: Bools, noise: Floats | None) -> Ints:
    """Return a pattern code for each row.

    Parameters
    ----------
    answered : ndarray of bool, shape (rows, entries)
    noise : ndarray, shape (rows, entries), or None
        Known error variances, NaN where the error is to be estimated or nothing was answered.

    Returns
    -------
    ndarray of int64, shape (rows,)
    """
    codes = np.zeros(answered.shape[0], dtype=np.int64)
    for start in range(0, answered.shape[1], _WORD):
        bits = answered[:, start : start + _WORD]
        codes = fold(codes, code(bits @ (1 << np.arange(bits.shape[1], dtype=np.int64))))
    if noise is None:
        return codes
    for entry in np.flatnonzero(~np.isnan(noise).all(axis=0)):
        codes = fold(codes, code(np.nan_to_num(noise[:, entry], nan=-1.0)))
    return codes


@dataclass(frozen=True, slots=True)
class Cells:
    """Answers of one group with one pattern, and the designs they make up."""

    of_row: Ints
    """(rows,): the cell a row belongs to."""
    group: Ints
    """(cells,), ascending."""
    pattern: Ints
    """(cells,), ascending within a group."""
    count: Ints
    """(cells,): rows in the cell."""
    design: Ints
    """(groups,): the design of a group; groups without answers share one."""


def cells(group: Ints, pattern: Ints, n_groups: int) -> Cells:
    """Gather rows into cells (group x pattern) and groups into designs."""
    n_patterns = int(pattern.max(initial=0)) + 1
    keys, of_row, count = np.unique(
        group * n_patterns + pattern, return_inverse=True, return_counts=True
    )
    cell_group, cell_pattern = np.divmod(keys, n_patterns)
    content = fold(cell_pattern, count.astype(np.int64)) + 1
    design = np.zeros(n_groups, dtype=np.int64)
    first = np.searchsorted(cell_group, np.arange(n_groups + 1))
    width = np.diff(first)
    for place in range(int(width.max(initial=0))):
        long_enough = width > place
        step = np.zeros(n_groups, dtype=np.int64)
        step[long_enough] = content[first[:-1][long_enough] + place]
        design = fold(design, step)
    return Cells(of_row.astype(np.int64), cell_group, cell_pattern, count.astype(np.int64), design)
