"""Which cells of a table of counts must not be shown, so that nobody is singled out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from surveyapp.scoring.arrays import Bools, Floats, Ints, numbers


def suppress(cells: Floats, *, minimum: int, released: Sequence[Floats] = ()) -> Bools:
    """Hide cells below the minimum, those that differ too little from a release, and enough others.

    Parameters
    ----------
    cells : ndarray, any shape of one or more axes
        People in each cell of a cut, whole numbers. The reader is taken to know every total along
        every axis; where the last cell of an axis *is* the total of the others, it is treated as
        that margin and may be hidden itself.
    minimum : int
        k, the fewest people a shown number may rest on; 1 hides nothing.
    released : sequence of ndarray, shape of `cells`
        The ledger: counts in every earlier release of this cut, NaN where they were hidden.

    Returns
    -------
    ndarray of bool, shape of `cells`
        True = hide. Hidden first: counts of 1 to k - 1, and counts that differ from an earlier
        shown count by 1 to k - 1 people (a difference of two releases would single them out). Then
        further cells, those whose lines hide some already and the smallest first, until along every
        line at least two are hidden, the hidden of a line are k people or more, and no hidden count
        follows from the totals together. Empty cells hide nobody and stay. Where a whole line is hidden and still under k, nothing in the
        table can protect it: do not show that total.

    Raises
    ------
    ValueError
        Negative or broken counts, a minimum under 1, or a release of another shape.

    Notes
    -----
    A hidden count is known when its row of the null space of the totals, restricted to hidden
    cells, is zero. Reference: in [[1, 9], [8, 7]] with k = 3 all four must be hidden.

    References
    ----------
    Willenborg & de Waal (2001), Elements of Statistical Disclosure Control, ch. 5 and 6.
    """
    table = numbers("cells", cells)
    if bool(((table < 0) | (table != np.rint(table))).any()) or table.ndim == 0:
        raise ValueError("cells must be a table of whole numbers of people, 0 or more.")
    if minimum < 1:
        raise ValueError(f"minimum must be 1 or more, not {minimum}.")
    hidden = (table > 0) & (table < minimum)
    for before in released:
        old = numbers("released", before, missing=True)
        if old.shape != table.shape:
            raise ValueError(f"A release has shape {old.shape}, the table {table.shape}.")
        step = np.nan_to_num(np.abs(table - old))
        hidden |= (step > 0) & (step < minimum)
    count, chosen, lines = table.ravel(), hidden.ravel(), _lines(table)
    while chosen.any():
        more = _exposed_line(count, chosen, lines, minimum)
        if more is None:
            more = _determined_cell(count, chosen, lines)
        if more is None:
            break
        chosen[more] = True
    result: Bools = chosen.reshape(table.shape)
    return result


@dataclass(frozen=True, slots=True)
class _Line:
    """Cells whose signed sum the reader knows."""

    cells: Ints
    sign: Floats


def _lines(table: Floats) -> list[_Line]:
    places = np.arange(table.size).reshape(table.shape)
    lines = []
    for axis in range(table.ndim):
        moved = np.moveaxis(table, axis, -1)
        length = moved.shape[-1]
        sign = np.ones(length)
        if length > 1 and np.array_equal(moved[..., :-1].sum(axis=-1), moved[..., -1]):
            sign[-1] = -1.0
        lines += [_Line(row, sign) for row in np.moveaxis(places, axis, -1).reshape(-1, length)]
    return lines


def _exposed_line(count: Floats, hidden: Bools, lines: list[_Line], minimum: int) -> int | None:
    """Return a cell to hide because a line has one hidden cell, or hides fewer than k people."""
    for line in lines:
        of_line = hidden[line.cells]
        signs = np.unique(line.sign[of_line])
        people = float(count[line.cells][of_line].sum())
        too_few = of_line.sum() == 1 or (signs.size == 1 and people < minimum)
        if of_line.any() and too_few:
            more = _best_shown(count, hidden, lines, line)
            if more is not None:
                return more
    return None


def _determined_cell(count: Floats, hidden: Bools, lines: list[_Line]) -> int | None:
    """Return a cell to hide because the totals together give a hidden count away."""
    unknown = np.flatnonzero(hidden)
    place = np.full(count.size, -1)
    place[unknown] = np.arange(unknown.size)
    touched = [line for line in lines if hidden[line.cells].any()]
    equations = np.zeros((len(touched), unknown.size))
    for row, line in enumerate(touched):
        of_line = hidden[line.cells]
        equations[row, place[line.cells[of_line]]] = line.sign[of_line]
    freedom = np.abs(null_space(equations)).sum(axis=1)
    determined = freedom < 1e-9  # noqa: PLR2004 - zero to the rounding of an orthonormal basis
    for cell in unknown[determined]:
        for line in touched:
            if cell in line.cells:
                more = _best_shown(count, hidden, lines, line)
                if more is not None:
                    return more
    return None


def _best_shown(count: Floats, hidden: Bools, lines: list[_Line], line: _Line) -> int | None:
    """Return the shown cell of a line to hide next: no margin, few lines newly touched, small."""
    shown = line.cells[~hidden[line.cells] & (count[line.cells] > 0)]
    if shown.size == 0:
        return None
    margin = line.sign[np.isin(line.cells, shown)] < 0
    touched = np.zeros(count.size, dtype=np.int64)
    for other in lines:
        touched[other.cells] += hidden[other.cells].any()
    return int(shown[np.lexsort((count[shown], -touched[shown], margin))[0]])
