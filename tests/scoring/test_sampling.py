from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from surveyapp.scoring.proportions import net_promoter, wilson
from surveyapp.scoring.resampling import bca
from surveyapp.scoring.sampling import finite_population, rake, weighted_mean


def test_raking_reaches_the_margins_of_the_example(case: Any) -> None:
    data, expected = case("ipf_4x4")
    fitted = rake(np.array(data["seed"]), [np.array(data["rows"]), np.array(data["cols"])])
    assert fitted[0] == expected["row1"]
    assert fitted[3] == expected["row4"]


@given(st.integers(0, 10**6))
def test_raking_keeps_zeros_and_odds_ratios(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.uniform(1, 9, (3, 4, 2))
    goal = rng.uniform(1, 9, (3, 4, 2))
    table[0, 1, 0] = goal[0, 1, 0] = 0.0
    margins = [goal.sum(axis=(1, 2)), goal.sum(axis=(0, 2)), goal.sum(axis=(0, 1))]
    fitted = rake(table, margins)
    np.testing.assert_allclose(fitted.sum(axis=(1, 2)), margins[0])
    np.testing.assert_allclose(fitted.sum(axis=(0, 2)), margins[1])
    np.testing.assert_allclose(fitted.sum(axis=(0, 1)), margins[2])
    assert fitted[0, 1, 0] == 0.0

    both = [x[1, 0, 0] * x[2, 2, 0] / (x[1, 2, 0] * x[2, 0, 0]) for x in (fitted, table)]
    assert both[0] == pytest.approx(both[1])


def test_margins_that_cannot_be_reached_are_refused() -> None:
    ones = np.ones(2)
    with pytest.raises(ValueError, match="only zeros"):
        rake(np.array([[0.0, 0.0], [1.0, 1.0]]), [ones, ones])
    with pytest.raises(ValueError, match="keep it from reaching"):
        rake(np.array([[1.0, 0.0], [1.0, 0.0]]) + np.array([[0, 0], [0, 1.0]]), [[2.0, 1], [1, 2]])
    with pytest.raises(ValueError, match="different sums"):
        rake(np.ones((2, 2)), [ones, 2 * ones])
    with pytest.raises(ValueError, match="lengths"):
        rake(np.ones((2, 2)), [ones])
    with pytest.raises(ValueError, match="0 or more"):
        rake(-np.ones((2, 2)), [ones, ones])


def corrected(n: int, population: int, **variances: float) -> tuple[float, float]:
    observed = 80.0 if n else np.nan
    mean, variance = finite_population(
        np.array([70.0]),
        np.array([25.0]),
        np.array([observed]),
        np.array([n]),
        np.array([population]),
        **{"person_variance": 300.0, "measurement_variance": 100.0, **variances},
    )
    return float(mean[0]), float(variance[0])


def test_everybody_without_measurement_error_is_the_observed_mean_and_certain() -> None:
    assert corrected(4, 4, measurement_variance=0.0) == (80.0, 0.0)


def test_nobody_adds_only_the_spread_of_the_people_there_are() -> None:
    assert corrected(0, 10) == (70.0, 25.0 + 300.0 / 10)


def test_a_known_number_of_people_follows_the_published_formula() -> None:
    f, g, n, population = 0.3, 0.75, 3, 10
    mean, variance = corrected(n, population)
    assert mean == pytest.approx((1 - f * g) * 70 + f * g * 80)
    assert variance == pytest.approx(
        (1 - f * g) ** 2 * 25 + f**2 * (1 - g) * 300 / n + (1 - f) * 300 / population
    )
    endless, wide = corrected(3, 10**9)
    assert endless == pytest.approx(70.0)
    assert wide == pytest.approx(25.0, rel=1e-6)


def test_weighted_mean_without_weights_or_clusters_is_the_t_interval() -> None:
    y = np.array([1.0, 4.0, 2.0, 8.0, np.nan])
    found = weighted_mean(y, np.ones(5))
    assert found.n == 4
    assert found.value == pytest.approx(3.75)
    assert found.standard_error == pytest.approx(stats.sem(y[:4]))
    low, high = stats.t.interval(0.95, 3, 3.75, stats.sem(y[:4]))
    assert (found.low, found.high) == pytest.approx((low, high))


def test_rows_repeated_within_a_cluster_add_no_certainty() -> None:
    y = np.array([1.0, 4.0, 2.0, 8.0])
    plain = weighted_mean(y, np.array([1.0, 2.0, 1.0, 3.0]))
    doubled = weighted_mean(
        np.repeat(y, 2), np.repeat([1.0, 2.0, 1.0, 3.0], 2), cluster=np.repeat(np.arange(4), 2)
    )
    assert doubled.value == pytest.approx(plain.value)
    assert doubled.standard_error == pytest.approx(plain.standard_error)
    assert (doubled.low, doubled.high) == pytest.approx((plain.low, plain.high))


def test_one_unit_has_a_mean_and_no_error() -> None:
    found = weighted_mean(np.array([3.0, 5.0]), np.ones(2), cluster=np.zeros(2, dtype=int))
    assert found.value == 4.0
    assert np.isnan([found.standard_error, found.low, found.high]).all()


def test_wilson_interval_is_newcombes() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0


@given(st.integers(1, 500), st.data(), st.floats(0.5, 0.999))
def test_wilson_interval_agrees_with_scipy(n: int, data: Any, confidence: float) -> None:
    k = data.draw(st.integers(0, n))
    expected = stats.binomtest(k, n).proportion_ci(confidence, method="wilson")
    assert wilson(k, n, confidence=confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_net_promoter_score_and_both_intervals(case: Any) -> None:
    data, expected = case("nps_se")
    scores = np.repeat([9.0, 8.0, 6.0, np.nan], [data["P"], data["N"], data["D"], 3])
    found = net_promoter(scores)
    assert found.n == 36
    assert found.value / 100 == expected["nps"]
    assert found.standard_error / 100 == expected["se"]
    assert 36 * (found.standard_error / 100) ** 2 == expected["var"]
    assert np.array([found.low, found.high]) / 100 == expected["wald95"]
    adjusted = net_promoter(scores, method="adjusted_wald")
    assert np.array([adjusted.low, adjusted.high]) / 100 == expected["adj_wald95"]
    assert (adjusted.value, adjusted.standard_error) == (found.value, found.standard_error)


def test_nobody_but_promoters_is_a_hundred_and_bounded() -> None:
    found = net_promoter(np.full(5, 10.0), method="adjusted_wald")
    assert (found.value, found.standard_error, found.high) == (100.0, 0.0, 100.0)
    assert found.low < 80


def test_bca_agrees_with_scipy_and_repeats_with_its_generator() -> None:
    data = np.random.default_rng(1).exponential(size=40)
    found = bca(data, np.mean, resamples=999, rng=np.random.default_rng(5))
    again = bca(data, np.mean, resamples=999, rng=np.random.default_rng(5))
    np.testing.assert_equal(astuple(found), astuple(again))  # p_value is NaN in both
    direct = stats.bootstrap((data,), np.mean, n_resamples=999, rng=np.random.default_rng(5))
    assert found.standard_error == pytest.approx(float(direct.standard_error), rel=0.15)
    assert found.low == pytest.approx(direct.confidence_interval.low, rel=0.1)
    assert found.low < found.value < found.high


def test_bca_resamples_whole_rows() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(60, 1))
    data = np.hstack([x, x + rng.normal(size=(60, 1))])
    found = bca(data, lambda rows: float(np.corrcoef(rows.T)[0, 1]), resamples=500, rng=rng)
    assert found.low < found.value < found.high


def test_eight_equal_answers_have_an_interval_of_no_width() -> None:
    found = bca(np.full(8, 4.0), np.mean, resamples=200, rng=np.random.default_rng(1))
    assert (found.value, found.low, found.high, found.standard_error) == (4.0, 4.0, 4.0, 0.0)
    assert "constant" in found.method


def test_where_bca_is_not_defined_the_percentiles_are_said_to_be_used() -> None:
    found = bca(np.r_[np.zeros(8), 1.0, 1.0], np.max, resamples=300, rng=np.random.default_rng(1))
    assert np.isfinite([found.low, found.high]).all()
    assert "percentile" in found.method


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="successes must lie"):
        wilson(5, 4)
    with pytest.raises(ValueError, match="Nobody answered"):
        net_promoter(np.array([np.nan]))
    with pytest.raises(ValueError, match="whole numbers"):
        net_promoter(np.array([9.5]))
    method: Any = "exact"
    with pytest.raises(ValueError, match="method must be"):
        net_promoter(np.array([9.0]), method=method)
    with pytest.raises(ValueError, match="two rows"):
        bca(np.ones(1), np.mean, rng=rng)
    with pytest.raises(ValueError, match="100 or more"):
        bca(np.ones(3), np.mean, resamples=10, rng=rng)
    with pytest.raises(ValueError, match="not finite"):
        bca(np.arange(3.0), lambda _: float("nan"), resamples=100, rng=rng)
    with pytest.raises(ValueError, match="No row has both"):
        weighted_mean(np.array([np.nan]), np.ones(1))
    with pytest.raises(ValueError, match="shape of y"):
        weighted_mean(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="between 0 and population"):
        corrected(11, 10)
    with pytest.raises(ValueError, match="person_variance over 0"):
        corrected(1, 10, person_variance=0.0)
