from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from surveyapp.scoring.intensity import average_run_length, baseline, cusum, score


def test_the_display_score_decays_and_is_capped_by_kind() -> None:
    weight, depth = np.array([4.0, 4.0, 1.0]), np.array([1.0, 1.0, 2.0])
    age, half = np.array([0.0, 30.0, 0.0]), np.array([30.0, 30.0, 7.0])
    kind = np.array([0, 0, 1])
    assert score(weight, depth, age, half, kind, np.array([10.0, 10.0])) == pytest.approx(8.0)
    assert score(weight, depth, age, half, kind, np.array([5.0, 1.0])) == pytest.approx(6.0)
    none: Any = np.array([])
    assert score(none, none, none, none, none, np.array([1.0])) == 0.0


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_baseline_is_the_maximum_of_the_negative_binomial_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    exposure = rng.uniform(10, 30, 80)
    counts = rng.poisson(rng.gamma(2.0, 0.5, 80) * exposure)
    found = baseline(counts, exposure)

    def likelihood(shape: float, rate: float) -> float:
        return float(stats.nbinom.logpmf(counts, shape, rate / (rate + exposure)).sum())

    best = likelihood(found.shape, found.rate)
    for factor in (0.99, 1.01):
        assert likelihood(found.shape * factor, found.rate) < best
        assert likelihood(found.shape, found.rate * factor) < best
    np.testing.assert_allclose(
        found.posterior_mean, (found.shape + counts) / (found.rate + exposure)
    )


def test_counts_that_vary_no_more_than_by_chance_have_one_rate() -> None:
    found = baseline(np.array([4, 5, 6, 5]), np.full(4, 10.0))
    assert found.shape == found.rate == np.inf
    np.testing.assert_allclose(found.posterior_mean, 0.5)
    np.testing.assert_array_equal(baseline(np.zeros(3, dtype=int), np.ones(3)).posterior_mean, 0)


def test_cusum_is_the_printed_column_and_signals_at_period_29(case: Any) -> None:
    data, expected = case("cusum_montgomery")
    upper, lower, alarms = cusum(np.array(data["x"]) - 10, k=0.5, h=5.0)
    assert upper[:29] == expected["C+ 1..29"]
    assert alarms[0] + 1 == expected["first_signal"]
    assert lower.max() == expected["max C-"]
    assert (np.minimum(upper, lower) >= 0).all()


def test_turning_the_values_round_swaps_the_sides() -> None:
    z = np.random.default_rng(1).normal(size=50)
    upper, lower, alarms = cusum(z)
    other = cusum(-z)
    np.testing.assert_array_equal(upper, other[1])
    np.testing.assert_array_equal(lower, other[0])
    np.testing.assert_array_equal(alarms, other[2])


@pytest.mark.parametrize("h", [4, 5])
def test_average_run_lengths_of_lucas(case: Any, h: int) -> None:
    data, expected = case("cusum_arl")
    found = [average_run_length(shift, k=data["k"], h=h) for shift in data["shift"]]
    assert np.array(found) == expected[f"h={h}"]


def test_one_sided_and_siegmunds_run_lengths(case: Any) -> None:
    _, expected = case("cusum_arl")
    assert average_run_length(0, k=0.5, h=5, two_sided=False) == expected["one_sided h=5"]
    siegmund = average_run_length(0, k=0.5, h=5, method="siegmund")
    assert siegmund == expected["siegmund_two_sided_h5"]
    limit = average_run_length(0.5, k=0.5, h=5, two_sided=False, method="siegmund")
    near = average_run_length(0.50001, k=0.5, h=5, two_sided=False, method="siegmund")
    assert limit == pytest.approx(6.166**2)
    assert near == pytest.approx(limit, rel=1e-3)


def test_what_is_out_of_range_is_refused_in_a_sentence() -> None:
    one, zero = np.ones(1), np.zeros(1, dtype=int)
    with pytest.raises(ValueError, match="half-lives over 0"):
        score(one, one, one, 0 * one, zero, one)
    with pytest.raises(ValueError, match="kind must lie"):
        score(one, one, one, one, zero + 1, one)
    with pytest.raises(ValueError, match="one shape"):
        score(one, np.ones(2), one, one, zero, one)
    with pytest.raises(ValueError, match="cap must be"):
        score(one, one, one, one, zero, -one)
    with pytest.raises(ValueError, match="two units"):
        baseline(np.array([1]), one)
    with pytest.raises(ValueError, match="exposure over 0"):
        baseline(np.array([1, 2]), np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="h over 0"):
        cusum(one, h=0.0)
    with pytest.raises(ValueError, match="shift must be finite"):
        average_run_length(np.inf, k=0.5, h=5)
    method: Any = "exact"
    with pytest.raises(ValueError, match="method must be"):
        average_run_length(0, k=0.5, h=5, method=method)
