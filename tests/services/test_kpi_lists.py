"""One KPI over many relationships: sorted and summed without NumPy, as NumPy would."""

import math
import uuid
from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.services import kpi_lists
from surveyapp.services.kpi_lists import Standing
from surveyapp.services.listing import Order

NOBODY: Any = None
few = st.integers(-2, 2)
silent = st.just((math.nan, 0, False))
row = silent | st.tuples(few, st.integers(0, 3), st.booleans())


@given(
    rows=st.lists(row, max_size=12),
    order=st.builds(Order, st.sampled_from(kpi_lists.COLUMNS), st.booleans()),
)
def test_relationships_are_ordered_by_each_column_silent_last_and_ties_by_name(
    rows: list[tuple[float, int, bool]], order: Order
) -> None:
    ids = [uuid.UUID(int=number) for number in range(len(rows))]
    value = np.array([each for each, _, _ in rows], dtype=np.float64)
    age = np.array([each for _, each, _ in rows], dtype=np.int64)
    stale = np.array([each for _, _, each in rows], dtype=np.int64)
    found = Standing(
        line=NOBODY,
        spread=None,
        ids=b"".join(each.bytes for each in ids),
        value=array("d", value),
        age=array("l", age.tolist()),
        shortfall=array("d", value),
        is_stale=bytes(stale.tolist()),
    )
    keys = {"value": [value], "age": [age], "worst": [value, stale]}
    if order.column == "relationship":
        expected = list(range(len(rows)))[:: -1 if order.is_descending else 1]
    else:
        by = [-key if order.is_descending else key for key in keys[order.column]]
        expected = np.lexsort((*by, np.isnan(value))).tolist()
    assert found.ordered(order) == [ids[each] for each in expected]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_values_lie_where_numpy_says(values: list[float]) -> None:
    found = kpi_lists.spread(values)
    assert found is not None
    told = (found.lowest, found.low, found.median, found.high, found.highest)
    assert found.n == len(values)
    assert told == pytest.approx(np.quantile(values, (0, 0.25, 0.5, 0.75, 1)), abs=1e-6)


def test_no_value_lies_nowhere() -> None:
    assert kpi_lists.spread([]) is None
