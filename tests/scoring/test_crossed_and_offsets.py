from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from surveyapp.scoring.state import function_offsets, posterior_crossed


def ratings(seed: int, groups: int = 12, raters: int = 9, n: int = 80) -> Any:
    rng = np.random.default_rng(seed)
    group, rater = rng.integers(0, groups, n), rng.integers(0, raters, n)
    y = 60 + rng.normal(0, 10, groups)[group] + rng.normal(0, 6, raters)[rater]
    return y + rng.normal(0, 8, n), group, rater


def test_crossed_effects_are_those_of_a_dense_reml_fit() -> None:
    y, group, rater = ratings(1)
    found = posterior_crossed(y, group, rater, 12, 9)
    z1, z2, one = np.eye(12)[group], np.eye(9)[rater], np.ones((80, 1))

    def inverse(variances: Any) -> Any:
        a, b, c = variances
        return np.linalg.inv(a * z1 @ z1.T + b * z2 @ z2.T + c * np.eye(80))

    def criterion(logs: Any) -> float:
        v = inverse(np.exp(logs))
        fixed = float((one.T @ v @ one).item())
        rest = y - float((one.T @ v @ y).item()) / fixed
        return float(rest @ v @ rest + np.log(fixed) - np.linalg.slogdet(v)[1])

    best = np.exp(minimize(criterion, np.log([100.0, 36.0, 64.0]), method="BFGS").x)
    ours = np.array([found.group_variance, found.rater_variance, found.residual_variance])
    np.testing.assert_allclose(ours, best, rtol=1e-4)
    assert criterion(np.log(ours)) <= criterion(np.log(best)) + 1e-8
    v = inverse(ours)
    fixed = float((one.T @ v @ one).item())
    mean = float((one.T @ v @ y).item()) / fixed
    projection = v - v @ one @ one.T @ v / fixed
    error = ours[0] * np.eye(12) - ours[0] ** 2 * z1.T @ projection @ z1
    assert found.mean == pytest.approx(mean)
    assert found.mean_standard_error == pytest.approx(fixed**-0.5)
    np.testing.assert_allclose(found.group_effect, ours[0] * z1.T @ v @ (y - mean), rtol=1e-6)
    np.testing.assert_allclose(found.group_standard_error, np.sqrt(np.diag(error)), rtol=1e-6)


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_groups_and_raters_are_treated_alike_and_order_does_not_matter(seed: int) -> None:
    y, group, rater = ratings(seed)
    found, turned = (
        posterior_crossed(y, group, rater, 12, 9),
        posterior_crossed(y[::-1], rater[::-1], group[::-1], 9, 12),
    )
    assert turned.rater_variance == pytest.approx(found.group_variance, rel=1e-4, abs=1e-4)
    np.testing.assert_allclose(turned.rater_effect, found.group_effect, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        turned.group_standard_error, found.rater_standard_error, rtol=1e-3, atol=1e-3
    )


def test_batches_that_do_not_differ_give_the_residual_in_print(case: Any) -> None:
    data, expected = case("dyestuff2_boundary")
    y, group = np.array(data["X"]).ravel(), np.repeat(np.arange(6), 5)
    for rater, raters in ((np.zeros(30, dtype=int), 1), (np.arange(30), 30)):
        found = posterior_crossed(y, group, rater, 6, raters)
        assert found.group_variance == expected["var_batch"]
        assert found.residual_variance == expected["var_resid_when_pooled"]
        np.testing.assert_array_equal(found.group_effect, 0.0)
        assert found.rater_variance == 0.0
        assert found.mean == pytest.approx(y.mean())


def test_groups_and_raters_without_ratings_keep_the_full_spread() -> None:
    y, group, rater = ratings(2)
    found = posterior_crossed(
        np.append(y, np.nan), np.append(group, 12), np.append(rater, 9), 13, 10
    )
    assert found.group_effect[12] == pytest.approx(0.0)
    assert found.group_standard_error[12] == pytest.approx(np.sqrt(found.group_variance))
    assert found.rater_standard_error[9] == pytest.approx(np.sqrt(found.rater_variance))


def test_balanced_offsets_are_differences_of_means() -> None:
    rng = np.random.default_rng(3)
    level, offset = rng.normal(60, 10, 20), np.array([5.0, -2.0, 0.0])
    y = (level[:, None] + offset).reshape(-1, 1)
    group, function = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    mix = np.array([0.5, 0.25, 0.25])
    found = function_offsets(y, group, function, 20, mix)
    np.testing.assert_allclose(found[:, 0], offset - mix @ offset)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_offsets_are_least_squares_within_relationships(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group, function = rng.integers(0, 8, 60), rng.integers(0, 3, 60)
    y = rng.normal(60, 20, (60, 2))
    y[rng.random(y.shape) < 0.2] = np.nan
    mix = np.array([3.0, 1.0, 1.0])
    found = function_offsets(y, group, function, 8, mix)
    for entry in range(2):
        rows = ~np.isnan(y[:, entry])
        design = np.hstack([np.eye(8)[group[rows]], np.eye(3)[function[rows]]])
        solved = np.linalg.lstsq(design, y[rows, entry], rcond=None)[0][8:]
        np.testing.assert_allclose(found[:, entry], solved - mix @ solved / 5, atol=1e-8)
    assert np.allclose(mix @ found, 0)


def test_functions_that_never_answered_or_never_met_are_told_as_the_page_says() -> None:
    y = np.array([[10.0], [20.0], [50.0], [90.0]])
    found = function_offsets(y, np.array([0, 0, 1, 2]), np.array([0, 1, 2, 2]), 3, np.ones(4))
    np.testing.assert_allclose(found[:, 0], [-5.0, 5.0, 0.0, 0.0])
    np.testing.assert_array_equal(
        function_offsets(
            np.full((2, 1), np.nan), np.array([0, 0]), np.array([0, 1]), 1, np.ones(2)
        ),
        0.0,
    )


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    code = np.zeros(3, dtype=int)
    with pytest.raises(ValueError, match="do not vary"):
        posterior_crossed(np.ones(3), code, code, 1, 1)
    with pytest.raises(ValueError, match="rater must lie"):
        posterior_crossed(np.arange(3.0), code, code + 1, 1, 1)
    with pytest.raises(ValueError, match="mix must be 0 or more"):
        function_offsets(np.ones((3, 1)), code, code, 1, np.zeros(1))
    with pytest.raises(ValueError, match="function must lie"):
        function_offsets(np.ones((3, 1)), code, code + 1, 1, np.ones(1))
