from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from surveyapp.scoring.agreement import icc, icc1, split_probability, within_group


def test_the_six_coefficients_of_shrout_and_fleiss(case: Any) -> None:
    data, expected = case("icc_shrout_fleiss")
    found = icc(np.array(data["X"], dtype=float))
    six = [found.icc1, found.icc2, found.icc3, found.icc1k, found.icc2k, found.icc3k]
    assert np.array(six) == expected["ICC1,ICC2,ICC3,ICC1k,ICC2k,ICC3k"]
    assert found.intervals[0] == expected["ICC1_ci95"]
    # R psych::ICC, rounded to two digits there
    np.testing.assert_allclose(found.intervals[1], [0.019, 0.761], atol=5e-4)
    np.testing.assert_allclose(found.intervals[2], [0.342, 0.946], atol=5e-4)
    np.testing.assert_allclose(found.intervals[4], [0.071, 0.927], atol=5e-4)


def test_raters_who_agree_perfectly_have_coefficients_of_one_and_no_width() -> None:
    found = icc(np.repeat(np.arange(4.0)[:, None], 3, axis=1))
    assert found.icc1 == found.icc2 == found.icc3 == found.icc1k == 1.0
    np.testing.assert_allclose(found.intervals, 1.0)


def test_targets_that_do_not_differ_have_no_agreement() -> None:
    found = icc(np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0]]))
    assert found.icc1 < 0
    assert found.icc3k == -np.inf
    assert not np.isnan(found.intervals).any()


@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-50, 50))
def test_icc_ignores_unit_origin_and_order(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(6, 1)) + rng.normal(size=(6, 4))
    plain, moved = icc(x), icc(rng.permutation(x) * scale + shift)
    assert moved.icc2 == pytest.approx(plain.icc2, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(moved.intervals, plain.intervals, rtol=1e-6, atol=1e-8)
    assert (plain.intervals[:, 0] <= plain.intervals[:, 1]).all()


def test_nested_icc_of_equal_groups_is_that_of_shrout_and_fleiss(case: Any) -> None:
    x = np.array(case("icc_shrout_fleiss")[0]["X"], dtype=float)
    single, mean = icc1(x.ravel(), np.repeat(np.arange(6), 4))
    assert single == pytest.approx(icc(x).icc1)
    assert mean == pytest.approx(icc(x).icc1k)


def test_nested_icc_uses_the_mean_group_size_and_leaves_gaps_out() -> None:
    y = np.array([1.0, 2.0, 5.0, 6.0, 7.0, np.nan, 3.0])
    group = np.array([0, 0, 4, 4, 4, 4, 2])
    values = [[1, 2], [5, 6, 7], [3]]
    grand = np.mean([1, 2, 5, 6, 7, 3])
    msb = sum(len(v) * (np.mean(v) - grand) ** 2 for v in values) / 2
    msw = (0.5 + 2) / 3
    single, mean = icc1(y, group)
    assert single == pytest.approx((msb - msw) / (msb + (2 - 1) * msw))
    assert mean == pytest.approx((msb - msw) / msb)


def test_within_group_agreement_of_single_and_several_items() -> None:
    x = np.array([[4, 4], [4, 4], [4, 5], [5, 5], [5, np.nan], [1, 5], [5, 1], [3, 3]], dtype=float)
    group = np.array([0, 0, 0, 0, 0, 1, 1, 2])
    per_item, together = within_group(x, group, 5)
    assert per_item[0, 0] == pytest.approx(0.85)
    q = np.mean([np.var([4, 4, 4, 5], ddof=1), np.var([4, 4, 5, 5], ddof=1)]) / 2
    assert together[0] == pytest.approx(2 * (1 - q) / (2 * (1 - q) + q))
    assert per_item[1].tolist() == [0.0, 0.0]
    assert together[1] == 0.0
    assert np.isnan(per_item[2]).all()
    assert np.isnan(together[2])


def test_five_colleagues_who_all_tick_four_agree_fully() -> None:
    per_item, together = within_group(np.full((5, 3), 4.0), np.zeros(5, dtype=int), 5)
    assert (per_item == 1.0).all()
    assert together[0] == 1.0


def test_split_probability_is_the_posterior_of_the_variance() -> None:
    y = np.array([60.0, 70.0, 80.0, 10.0, 95.0, 50.0, 90.0, 50.0, np.nan, 60.0])
    group = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    found = split_probability(y, group, 4, usual_variance=100.0)
    assert found[0] == pytest.approx(chi2.cdf(6, 6))
    ratio = 3 * np.var([10, 95, 50, 90], ddof=1) / 100
    assert found[1] == pytest.approx(chi2.cdf(4 + ratio, 7))
    assert found[1] > 0.95
    assert np.isnan(found[2:]).all()


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="two targets and two raters"):
        icc(np.ones((1, 3)))
    with pytest.raises(ValueError, match="NaN"):
        icc(np.array([[1.0, np.nan], [1.0, 2.0]]))
    with pytest.raises(ValueError, match="All ratings are the same"):
        icc(np.ones((3, 3)))
    with pytest.raises(ValueError, match="two groups or more"):
        icc1(np.arange(3.0), np.arange(3))
    with pytest.raises(ValueError, match="All scores are the same"):
        icc1(np.ones(4), np.array([0, 0, 1, 1]))
    with pytest.raises(ValueError, match="wider apart"):
        within_group(np.array([[1.0], [7.0]]), np.array([0, 0]), 5)
    with pytest.raises(ValueError, match="two points or more"):
        within_group(np.ones((2, 1)), np.array([0, 0]), 1)
    with pytest.raises(ValueError, match="must be over 0"):
        split_probability(np.ones(3), np.zeros(3, dtype=int), 1, usual_variance=0.0)
