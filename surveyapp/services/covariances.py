"""What pages ask of a covariance somebody imports: in plain numbers, for 60 rows need no NumPy."""

import math
import operator
from collections.abc import Sequence

Matrix = Sequence[Sequence[float]]


def is_semidefinite(matrix: Matrix, *, allowing: float) -> bool:
    """Tell whether no eigenvalue of a symmetric matrix lies below 0 by more than is allowed.

    So it is where the matrix has a Cholesky root once its diagonal is raised by that much.
    """
    root: list[list[float]] = []
    for place, row in enumerate(matrix):
        made: list[float] = []
        for across, above in enumerate(root):
            made.append((row[across] - _product(made, above)) / above[across])
        left = row[place] + allowing - _product(made, made)
        if not left > 0:
            return False
        root.append([*made, math.sqrt(left)])
    return True


def of_mean(
    between: Matrix, within: Matrix, *, relationships: int, answers_each: float
) -> list[list[float]]:
    """Return the covariance of a mean over so many relationships with so many answers each."""
    n, people = max(relationships, 1), max(relationships * answers_each, 1)
    return [
        [of_one / n + of_people / people for of_one, of_people in zip(*rows, strict=True)]
        for rows in zip(between, within, strict=True)
    ]


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the inner product over as many places as the shorter has."""
    return math.fsum(map(operator.mul, one, other))
