from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from surveyapp.scoring.change import benjamini_hochberg, flat_contrast, reliable_change
from surveyapp.scoring.drivers import correlation, lmg, relative_weights


def test_reliable_change_of_jacobson_and_truax(case: Any) -> None:
    data, expected = case("rci_jacobson_truax")
    found = reliable_change(data["pre"], data["post"], data["sd"], data["rxx"])
    assert found < 0
    assert abs(found) == expected["abs_RC"]
    assert (data["post"] - data["pre"]) / found == expected["s_diff"]


def test_benjamini_hochberg_on_its_own_example() -> None:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    rejected, adjusted = benjamini_hochberg(np.array(p), rate=0.05)
    assert rejected.sum() == 4
    np.testing.assert_allclose(adjusted, stats.false_discovery_control(p))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_adjusted_p_values_agree_with_scipy_and_skip_what_was_not_tested(
    p: list[float], rate: float
) -> None:
    values = np.array([*p, np.nan])
    rejected, adjusted = benjamini_hochberg(values, rate=rate)
    np.testing.assert_allclose(adjusted[:-1], stats.false_discovery_control(p))
    assert (rejected[:-1] == (adjusted[:-1] <= rate)).all()
    assert np.isnan(adjusted[-1])
    assert not rejected[-1]


def random_correlations(seed: int, p: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(30, p + 1)) + rng.normal(size=(30, 1))
    r = np.corrcoef(data.T)
    return r[1:, 1:], r[0, 1:]


def test_relative_weights_of_the_cars(case: Any) -> None:
    data, expected = case("rw_mtcars")
    r = np.array(data["R"], dtype=float)
    assert relative_weights(r[1:, 1:], r[0, 1:]) == expected["raw_weights"]


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_shares_sum_to_r_squared_and_follow_their_predictors(seed: int, p: int) -> None:
    r, outcome = random_correlations(seed, p)
    explained = outcome @ np.linalg.solve(r, outcome)
    order = np.random.default_rng(seed).permutation(p)
    for shares in (lmg, relative_weights):
        found = shares(r, outcome)
        assert found.sum() == pytest.approx(explained)
        assert (found >= -1e-12).all()
        np.testing.assert_allclose(
            shares(r[np.ix_(order, order)], outcome[order]), found[order], atol=1e-9
        )


def test_lmg_of_two_predictors_is_its_formula_and_of_uncorrelated_ones_their_squares() -> None:
    r = np.array([[1, 0.5], [0.5, 1]])
    outcome = np.array([0.6, 0.4])
    explained = outcome @ np.linalg.solve(r, outcome)
    first = (0.36 + explained - 0.16) / 2
    np.testing.assert_allclose(lmg(r, outcome), [first, explained - first])
    np.testing.assert_allclose(lmg(np.eye(3), [0.1, 0.2, 0.3]), [0.01, 0.04, 0.09])
    np.testing.assert_allclose(relative_weights(np.eye(3), [0.1, 0.2, 0.3]), [0.01, 0.04, 0.09])


def test_a_predictor_and_its_copy_share_alike() -> None:
    r, outcome = np.ones((2, 2)), np.array([0.6, 0.6])
    np.testing.assert_allclose(lmg(r, outcome), [0.18, 0.18])
    np.testing.assert_allclose(relative_weights(r, outcome), [0.18, 0.18])


def test_twelve_predictors_are_the_most_for_lmg() -> None:
    r, outcome = random_correlations(1, 12)
    assert lmg(r, outcome).sum() == pytest.approx(outcome @ np.linalg.solve(r, outcome))
    with pytest.raises(ValueError, match="up to 12"):
        lmg(np.eye(13), np.zeros(13))


def test_rank_correlations_of_the_tuna(case: Any) -> None:
    data, expected = case("spearman_tuna")
    x, y = np.array(data["x"]), np.array(data["y"])
    rho, tau = correlation(x, y), correlation(x, y, method="kendall")
    assert rho.value == expected["rho"]
    assert rho.p_value == expected["p_exact_rho"]
    assert tau.value == expected["tau"]
    assert tau.p_value == expected["p_tau"]
    assert np.isnan(tau.low)
    reach = stats.norm.ppf(0.975) / np.sqrt(6)
    assert rho.low == pytest.approx(np.tanh(np.arctanh(0.6) - reach))


def test_correlations_with_ties_or_many_pairs_use_the_usual_tests() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 5, 20).astype(float), rng.normal(size=20)
    gappy = np.append(x, np.nan)
    for method, test in (
        ("spearman", stats.spearmanr),
        ("kendall", stats.kendalltau),
        ("pearson", stats.pearsonr),
    ):
        found = correlation(gappy, np.append(y, 1.0), method=method)
        assert found.n == 20
        assert found.value == pytest.approx(test(x, y).statistic)
        assert found.p_value == pytest.approx(test(x, y).pvalue)


def test_a_perfect_correlation_has_no_width() -> None:
    found = correlation(np.arange(5.0), -np.arange(5.0))
    assert (found.value, found.low, found.high) == (-1.0, -1.0, -1.0)
    assert found.p_value == pytest.approx(2 / 120)
    assert np.isnan(correlation(np.arange(3.0), np.array([1.0, 3.0, 2.0])).low)


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="under 1"):
        reliable_change(1, 2, 3, 1.0)
    with pytest.raises(ValueError, match="finite"):
        reliable_change(1, np.nan, 3, 0.5)
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        benjamini_hochberg(np.array([1.2]))
    with pytest.raises(ValueError, match="ones on its diagonal"):
        lmg(np.array([[2.0]]), np.array([0.1]))
    with pytest.raises(ValueError, match="negative root"):
        relative_weights(np.eye(2), np.array([0.9, 0.9]))
    with pytest.raises(ValueError, match="beyond"):
        lmg(np.eye(1), np.array([1.5]))
    with pytest.raises(ValueError, match="outcome must have shape"):
        lmg(np.eye(2), np.array([0.5]))
    with pytest.raises(ValueError, match="constant"):
        correlation(np.ones(5), np.arange(5.0))
    with pytest.raises(ValueError, match="three complete pairs"):
        correlation(np.array([1.0, 2.0, np.nan]), np.arange(3.0))
    with pytest.raises(ValueError, match="one shape"):
        correlation(np.ones(5), np.arange(4.0))
    method: Any = "biserial"
    with pytest.raises(ValueError, match="method must be"):
        correlation(np.arange(5.0), np.arange(5.0), method=method)


def test_a_flat_contrast_is_the_difference_of_means_where_nobody_answered_twice() -> None:
    y = np.array([[50.0, np.nan], [60.0, np.nan], [np.nan, 70.0]])
    within = np.array([[400.0, 200.0], [200.0, 400.0]])
    value, error = flat_contrast(y, np.zeros(3, dtype=np.int64), 2, within, np.array([-1.0, 1.0]))
    assert value[0] == pytest.approx(15.0, abs=1e-4)
    assert error[0] == pytest.approx(np.sqrt(400 * (1 / 2 + 1)), rel=1e-6)
    assert (value[1], error[1]) == (0.0, np.inf), "a group without answers tells nothing"


def test_a_flat_contrast_of_the_same_people_is_surer_by_their_correlation() -> None:
    y = np.array([[50.0, 58.0], [40.0, 46.0]])
    within = np.array([[400.0, 300.0], [300.0, 400.0]])
    value, error = flat_contrast(y, np.zeros(2, dtype=np.int64), 1, within, np.array([-1.0, 1.0]))
    assert value[0] == pytest.approx(7.0, abs=1e-4)
    assert error[0] == pytest.approx(np.sqrt(2 * 400 * (1 - 0.75) / 2), rel=1e-6)


def test_a_flat_contrast_knows_nothing_where_one_wave_is_silent() -> None:
    y = np.array([[50.0, np.nan], [60.0, np.nan]])
    within = np.eye(2) * 400.0
    value, error = flat_contrast(y, np.zeros(2, dtype=np.int64), 1, within, np.array([-1.0, 1.0]))
    assert (value[0], error[0]) == (0.0, np.inf)
