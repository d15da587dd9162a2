from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveyapp.scoring.levels import call, label, probabilities

NAMES = ("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor")
CUTS = st.lists(st.integers(-40, 40), min_size=1, max_size=6, unique=True).map(
    lambda cuts: [cut / 10 for cut in sorted(cuts)]
)


def test_without_answers_the_probabilities_are_the_shares_of_the_reference(case: Any) -> None:
    data, expected = case("prior_levels")
    p = probabilities(np.zeros(1), np.ones(1), data["cuts"])
    assert p[0] == expected["P"]


@given(z=st.floats(-50, 50), s=st.floats(0, 20), cuts=CUTS)
@example(z=50.0, s=5e-324, cuts=[-4.0, 0.0, 4.0])
def test_probabilities_lie_in_bounds_and_sum_to_one(z: float, s: float, cuts: Any) -> None:
    p = probabilities(np.array([z]), np.array([s]), cuts)
    assert p.shape == (1, len(cuts) + 1)
    assert ((p >= 0) & (p <= 1)).all()
    assert p.sum() == pytest.approx(1.0, rel=0, abs=1e-15)


@given(z=st.floats(-5, 5), s=st.floats(0.01, 5), cuts=CUTS)
def test_turning_the_scale_round_turns_the_levels_round(z: float, s: float, cuts: Any) -> None:
    p = probabilities(np.array([z]), np.array([s]), cuts)
    turned = probabilities(np.array([-z]), np.array([s]), [-cut for cut in reversed(cuts)])
    np.testing.assert_allclose(turned[0, ::-1], p[0], rtol=1e-12, atol=1e-15)


@given(z=st.floats(-5, 5), step=st.floats(0.01, 3), s=st.floats(0.01, 5), cuts=CUTS)
def test_a_higher_score_makes_no_lower_levels_likelier(
    z: float, step: float, s: float, cuts: Any
) -> None:
    p = probabilities(np.array([z, z + step]), np.array([s, s]), cuts)
    lower = np.cumsum(p, axis=1)
    assert (lower[1] <= lower[0] + 1e-15).all()


def test_far_levels_keep_their_relative_accuracy() -> None:
    p = probabilities(np.zeros(1), np.ones(1), [8.0, 9.0])
    assert p[0, 2] == pytest.approx(1.1285884059538406e-19, rel=1e-12)
    assert p[0, 1] == pytest.approx(6.22096057427178e-16 - 1.1285884059538406e-19, rel=1e-9)


def test_a_score_known_exactly_has_its_level_and_a_cut_belongs_to_the_upper_one() -> None:
    p = probabilities(np.array([-2.0, -1.0, 0.3]), np.zeros(3), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(p, [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])


@pytest.mark.parametrize("s", [5e-324, 1e-310, 1e-300])
def test_a_standard_error_next_to_nothing_is_as_good_as_none(s: float) -> None:
    z = np.array([-50.0, -1e-9, 0.3, 50.0])
    p = probabilities(z, np.full(4, s), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(p, probabilities(z, np.zeros(4), [-1.0, 0.0, 1.0]))


def test_the_call_is_made_at_eighty_and_at_twenty_per_cent() -> None:
    p = np.array([[0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.4, 0.4], [0.3, 0.4999, 0.1, 0.1001]])
    assert call(p) == ["at risk", "not at risk", "cannot tell yet"]


def test_a_label_is_one_level_two_neighbours_or_wide_open() -> None:
    p = np.array(
        [
            [0.1, 0.1, 0.7, 0.1],
            [0.0, 0.0, 0.1, 0.9],
            [0.05, 0.35, 0.5, 0.1],
            [0.05, 0.5, 0.35, 0.1],
            [0.4, 0.4, 0.1, 0.1],
            [0.4, 0.1, 0.4, 0.1],
        ]
    )
    assert label(p, NAMES) == [
        "Predisposed or Transactional, nearer Predisposed",
        "Trusted Advisor",
        "Predisposed or Transactional, nearer Predisposed",
        "Transactional or Predisposed, nearer Transactional",
        "Antagonistic or Transactional, nearer Antagonistic",
        "wide open",
    ]
    assert label(np.array([[1.0]]), ["only"]) == ["only"]


def test_wrong_input_is_refused_in_a_sentence() -> None:
    one = np.ones(1)
    with pytest.raises(ValueError, match="cuts must rise"):
        probabilities(one, one, [1.0, 1.0])
    with pytest.raises(ValueError, match="negative"):
        probabilities(one, -one, [0.0])
    with pytest.raises(ValueError, match="shape of z"):
        probabilities(one, np.ones(2), [0.0])
    with pytest.raises(ValueError, match="NaN"):
        probabilities(one * np.nan, one, [0.0])
    with pytest.raises(ValueError, match="at least three levels"):
        call(np.array([[0.5, 0.5]]))
    with pytest.raises(ValueError, match="sum to 1"):
        call(np.array([[0.5, 0.2, 0.1]]))
    with pytest.raises(ValueError, match="4 levels but 3 names"):
        label(np.array([[0.25, 0.25, 0.25, 0.25]]), NAMES[:3])
