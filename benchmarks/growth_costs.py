"""What stays the same and what does not, while the amount of work grows."""

import itertools
from collections.abc import Sequence
from typing import Final

from benchmarks.growth_meter import Cost

_A_THOUSAND: Final = 1_000
"""Queries of work in amounts are told for so many units."""


def worst_step(costs: Sequence[Cost]) -> float:
    """Return how many times dearer one unit is at a larger size than at any smaller one."""
    return max(
        later.unit_us / earlier.unit_us for earlier, later in itertools.combinations(costs, 2)
    )


def queries_told(cost: Cost) -> float:
    """Count the queries of one page; of work in amounts, those of a thousand units."""
    return cost.queries if cost.units == 1 else cost.queries / cost.units * _A_THOUSAND


def growth_of_queries(costs: Sequence[Cost]) -> float:
    """Return how many times more queries a page, or a unit of work, takes at the largest size."""
    first, last = costs[0], costs[-1]
    if last.units == first.units:
        return last.queries / first.queries
    return (last.queries / last.units) / (first.queries / first.units)
