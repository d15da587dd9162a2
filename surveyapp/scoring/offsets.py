"""What people of one function give more or less than their colleagues in the same relationship.

The public name is re-exported by :mod:`surveyapp.scoring.state`.
"""

import numpy as np

from surveyapp.scoring.answers import Gather
from surveyapp.scoring.arrays import Bools, Floats, Ints, codes, numbers


def function_offsets(y: Floats, group: Ints, function: Ints, n_groups: int, mix: Floats) -> Floats:
    """Common offsets of functions (procurement, IT, ...), from contrasts within relationships.

    Parameters
    ----------
    y : ndarray, shape (respondents, entries)
        NaN = no answer.
    group : ndarray of int, shape (respondents,)
        Relationship, 0..n_groups-1.
    function : ndarray of int, shape (respondents,)
        Function, 0..functions-1.
    n_groups : int
    mix : ndarray, shape (functions,)
        Published shares of functions on which offsets are centred, 0 or more; scaled to sum 1.

    Returns
    -------
    ndarray, shape (functions, entries)
        Least-squares offsets with every relationship its own level. The mix of each entry's
        offsets is 0. Functions that never answered it are 0 and leave the mix; functions that share
        no relationship, not even through others, are taken as equal on average.

    Raises
    ------
    ValueError
        Wrong shapes, codes out of range, or a mix that is negative or all 0.

    References
    ----------
    Searle (1987), Linear Models for Unbalanced Data, sec. 5.3 (two-way without interaction).
    Reference: balanced data give differences of column means.
    """
    table = numbers("y", y, dimensions=2, missing=True)
    shares = numbers("mix", mix, dimensions=1)
    if bool((shares < 0).any()) or float(shares.sum()) <= 0:
        raise ValueError("mix must be 0 or more and not all 0.")
    of_group = codes("group", group, length=table.shape[0], count=n_groups)
    of_function = codes("function", function, length=table.shape[0], count=shares.size)
    told = ~np.isnan(table)
    values = np.where(told, table, 0.0)
    offsets = np.zeros((shares.size, table.shape[1]))
    for entry in range(table.shape[1]):
        rows = told[:, entry]
        if rows.any():
            offsets[:, entry] = _offsets(
                values[rows, entry], of_group[rows], of_function[rows], n_groups, shares
            )
    return offsets


def _offsets(values: Floats, group: Ints, function: Ints, n_groups: int, shares: Floats) -> Floats:
    people = np.eye(shares.size)[function]
    gather = Gather(group, n_groups)
    count = gather(people)
    size = count.sum(axis=1)
    level = gather(values[:, None])[:, 0] / np.maximum(size, 1.0)
    normal = np.diag(count.sum(axis=0)) - count.T @ (count / np.maximum(size, 1.0)[:, None])
    right = people.T @ (values - level[group])
    solved = np.linalg.pinv(normal, rcond=1e-10, hermitian=True) @ right
    present: Bools = count.sum(axis=0) > 0
    weight = np.where(present, shares, 0.0)
    if float(weight.sum()) == 0.0:
        weight = present.astype(np.float64)
    centred: Floats = np.where(present, solved - weight @ solved / weight.sum(), 0.0)
    return centred
