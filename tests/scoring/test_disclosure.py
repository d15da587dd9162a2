from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveyapp.scoring.disclosure import suppress


def hide(cells: Any, minimum: int = 3, released: Any = ()) -> Any:
    return suppress(np.array(cells), minimum=minimum, released=released).astype(int).tolist()


def test_a_small_cell_takes_another_of_its_row_and_column_with_it() -> None:
    assert hide([[1, 9], [8, 7]]) == [[1, 1], [1, 1]]
    assert hide([[2, 9, 8], [9, 9, 9], [7, 9, 9]]) == [[1, 0, 1], [0, 0, 0], [1, 0, 1]]


def test_a_margin_that_the_table_carries_is_hidden_only_at_last() -> None:
    assert hide([2, 9, 11]) == [1, 1, 0]
    with_margins = [[1, 9, 10], [8, 7, 15], [9, 16, 25]]
    assert hide(with_margins) == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_two_small_cells_that_together_are_still_small_take_a_third() -> None:
    assert hide([1, 1, 9, 7]) == [1, 1, 0, 1]
    assert hide([2, 2, 9, 7]) == [1, 1, 0, 0]


def test_empty_cells_hide_nobody_and_large_tables_stay_as_they_are() -> None:
    assert hide([0, 5, 6]) == [0, 0, 0]
    assert hide([[3, 4], [5, 6]]) == [[0, 0], [0, 0]]
    assert hide([1, 5, 6], minimum=1) == [0, 0, 0]


def test_one_person_more_than_in_a_release_is_hidden_and_k_more_or_none_are_not() -> None:
    assert hide([10, 10, 10], released=[np.array([10, 9, 10])])[1] == 1
    assert hide([10, 10, 10], released=[np.array([10, 11, 10])])[1] == 1
    assert hide([10, 10, 10], released=[np.array([10, 7, 10])]) == [0, 0, 0]
    assert hide([10, 10, 10], released=[np.array([10, np.nan, 10])]) == [0, 0, 0]


def attacker_knows(table: Any, hidden: Any, most: int) -> set[tuple[int, ...]]:
    """Hidden cells with one value only in every table of people that fits all totals."""
    places = [tuple(place) for place in np.argwhere(hidden)]
    fits: list[tuple[int, ...]] = []
    for guess in product(range(most + 1), repeat=len(places)):
        other = table.copy()
        for place, value in zip(places, guess, strict=True):
            other[place] = value
        if all((other.sum(axis=a) == table.sum(axis=a)).all() for a in range(table.ndim)):
            fits.append(guess)
    return {place for i, place in enumerate(places) if len({fit[i] for fit in fits}) == 1}


@settings(max_examples=60)
@given(
    st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
        lambda shape: st.lists(
            st.integers(0, 6), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
        ).map(lambda cells: np.array(cells).reshape(shape))
    )
)
def test_no_small_cell_can_be_worked_out_from_the_totals(table: Any) -> None:
    hidden = suppress(table, minimum=3)
    assert hidden[(table > 0) & (table < 3)].all()
    assume(hidden.sum() <= 5)
    positive = table > 0
    lines_can_protect = (positive.sum(axis=0) != 1).all() and (positive.sum(axis=1) != 1).all()
    assume(lines_can_protect and hidden.any())
    known = attacker_knows(table, hidden, int(table.sum()) if table.sum() < 12 else 12)
    for place in known:
        line_people = [table[place[0], :][hidden[place[0], :]].sum()]
        line_people.append(table[:, place[1]][hidden[:, place[1]]].sum())
        whole = [hidden[place[0], :][table[place[0], :] > 0].all()]
        whole.append(hidden[:, place[1]][table[:, place[1]] > 0].all())
        assert any(whole), f"{place} is known although its lines had more to hide"


def test_what_is_not_a_table_of_people_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="whole numbers of people"):
        suppress(np.array([1.5]), minimum=3)
    with pytest.raises(ValueError, match="whole numbers of people"):
        suppress(np.array([-1]), minimum=3)
    with pytest.raises(ValueError, match="minimum must be 1"):
        suppress(np.array([1]), minimum=0)
    with pytest.raises(ValueError, match="A release has shape"):
        suppress(np.array([1, 2]), minimum=3, released=[np.array([1])])
