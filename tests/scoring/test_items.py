from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.scoring.items import careless, rescale


def test_seven_points_spread_evenly_over_the_hundred() -> None:
    scaled = rescale(np.array([1.0, 2.0, 4.0, 7.0, np.nan]), 1, 7)
    np.testing.assert_allclose(scaled, [0, 100 / 6, 50, 100, np.nan])


@given(st.lists(st.floats(-3, 9), min_size=1), st.booleans())
def test_reversing_twice_is_identity_and_the_ends_are_bounds(
    points: list[float],
    reverse: bool,  # noqa: FBT001 - hypothesis passes by name
) -> None:
    x = np.array(points)
    scaled = rescale(x, -3, 9, reverse=reverse)
    assert ((scaled >= 0) & (scaled <= 100)).all()
    np.testing.assert_allclose(rescale(100 - scaled, 0, 100, reverse=True), scaled, atol=1e-12)
    np.testing.assert_allclose(rescale(x, -3, 9, reverse=not reverse), 100 - scaled, atol=1e-12)


def test_points_off_the_scale_and_scales_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="off the scale"):
        rescale(np.array([8.0]), 1, 7)
    with pytest.raises(ValueError, match="must rise"):
        rescale(np.array([1.0]), 7, 1)
    with pytest.raises(ValueError, match="empty"):
        rescale(np.array([]), 1, 7)


KEYS = np.array([False, False, True, False, True, False, False, True])


def test_one_printed_point_over_both_keyings_is_careless() -> None:
    answers = np.full((3, 8), 5.0)
    answers[1, 2] = 4.0
    answers[2, 3:] = np.nan
    assert careless(answers, reversed_items=KEYS).tolist() == [True, False, True]


def test_one_printed_point_without_reversed_items_needs_a_second_sign() -> None:
    answers = np.full((2, 8), 5.0)
    keys = np.zeros(8, dtype=bool)
    assert careless(answers, reversed_items=keys).tolist() == [False, False]
    seconds = np.array([10.0, 20.0])
    assert careless(answers, reversed_items=keys, seconds=seconds).tolist() == [True, False]


def test_fast_and_inconsistent_answers_are_careless_and_either_alone_is_not() -> None:
    steady = [6, 6, 5, 3, 3, 5, 2, 6]
    low = [2, 2, 3, 5, 5, 3, 6, 2]
    erratic = [7, 1, 2, 2, 1, 1, 6, 6]
    answers = np.array([steady, low, steady, low, erratic, erratic, steady], dtype=float)
    seconds = np.array([60, 60, 60, 60, 5, 60, 5], dtype=float)
    flags = careless(answers, reversed_items=KEYS, seconds=seconds)
    assert flags.tolist() == [False, False, False, False, True, False, False]


def test_too_few_answers_tell_nothing() -> None:
    answers = np.full((3, 8), np.nan)
    answers[0, 1:3] = 5.0
    answers[2, 0] = 5.0
    seconds = np.zeros(3)
    assert not careless(answers, reversed_items=KEYS, seconds=seconds).any()


@given(st.integers(0, 10**6))
def test_permuting_respondents_permutes_the_flags(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.integers(1, 4, (12, 8)).astype(float)
    answers[rng.random(answers.shape) < 0.2] = np.nan
    seconds = rng.uniform(0, 40, 12)
    order = rng.permutation(12)
    flags = careless(answers, reversed_items=KEYS, seconds=seconds)
    shuffled = careless(answers[order], reversed_items=KEYS, seconds=seconds[order])
    assert np.array_equal(flags[order], shuffled)


def test_wrong_shapes_and_times_are_refused() -> None:
    answers: Any = np.ones((2, 8))
    with pytest.raises(ValueError, match="one for each item"):
        careless(answers, reversed_items=KEYS[:3])
    with pytest.raises(ValueError, match="one for each item"):
        careless(answers, reversed_items=KEYS.astype(float))
    with pytest.raises(ValueError, match="one for each respondent"):
        careless(answers, reversed_items=KEYS, seconds=np.ones(3))
    with pytest.raises(ValueError, match="negative times"):
        careless(answers, reversed_items=KEYS, seconds=-np.ones(2))
