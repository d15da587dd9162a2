from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.scoring.reliability import composite, cronbach_alpha, mcdonald_omega


def sample_with(covariance: Any, n: int = 200) -> Any:
    """Rows whose sample covariance is exactly the one given."""
    z = np.random.default_rng(1).normal(size=(n, len(covariance)))
    z -= z.mean(axis=0)
    whitened = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T)).T)
    return whitened @ np.linalg.cholesky(covariance).T


def test_alpha_and_its_interval_are_those_in_print(case: Any) -> None:
    data, expected = case("alpha_pingouin")
    found = cronbach_alpha(np.array(data["X"], dtype=float))
    assert found.value == expected["alpha"]
    assert np.array([found.low, found.high]) == expected["ci95_feldt"]
    assert found.n == 15


def test_alpha_of_the_law_school_test(case: Any) -> None:
    data, expected = case("alpha_lsat6")
    rows = [[int(bit) for bit in key] for key, n in data["patterns"].items() for _ in range(n)]
    assert cronbach_alpha(np.array(rows)).value == expected["alpha"]


def test_omega_of_a_factor_with_known_loadings(case: Any) -> None:
    data, expected = case("omega_hs_3f_from_estimates")
    loadings = np.array(data["loadings"])
    covariance = data["factor_var"] * np.outer(loadings, loadings) + np.diag(data["theta"])
    assert mcdonald_omega(sample_with(covariance)).value == expected["omega_visual"]


@settings(max_examples=25)
@given(
    st.lists(st.floats(0.3, 0.9), min_size=4, max_size=7),
    st.lists(st.floats(0.5, 20), min_size=7, max_size=7),
)
def test_omega_finds_the_loadings_of_more_than_three_items(
    loadings: list[float], scale: list[float]
) -> None:
    size = np.array(loadings) * np.array(scale[: len(loadings)])
    unique = np.array(scale[: len(loadings)]) ** 2 - size**2
    omega = size.sum() ** 2 / (size.sum() ** 2 + unique.sum())
    found = mcdonald_omega(sample_with(np.outer(size, size) + np.diag(unique)))
    assert found.value == pytest.approx(omega, abs=1e-4)


def test_omega_without_a_closed_solution_stays_within_its_bounds() -> None:
    heywood = np.array([[1, 0.8, 0.8], [0.8, 1, 0.45], [0.8, 0.45, 1.0]])
    assert 0 < mcdonald_omega(sample_with(heywood)).value < 1
    unrelated = mcdonald_omega(np.random.default_rng(2).normal(size=(50, 3)))
    assert 0 <= unrelated.value < 0.7


def test_equal_items_of_equal_correlation_have_alpha_equal_to_omega() -> None:
    x = sample_with(0.5 * np.eye(5) + 0.5)
    alpha = 5 * 0.5 / (1 + 4 * 0.5)
    assert cronbach_alpha(x).value == pytest.approx(alpha)
    assert mcdonald_omega(x).value == pytest.approx(alpha, abs=1e-6)


def test_rows_with_gaps_are_left_out() -> None:
    x = sample_with(0.5 * np.eye(3) + 0.5, n=40)
    gappy = np.vstack([x, [[np.nan, 1.0, 2.0]]])
    assert repr(cronbach_alpha(gappy)) == repr(cronbach_alpha(x))
    assert repr(mcdonald_omega(gappy)) == repr(mcdonald_omega(x))


def test_parallel_parts_give_spearman_brown() -> None:
    covariance = 9 * (0.3 * np.eye(4) + 0.7)
    found = composite(np.ones(4), covariance, np.full(4, 0.7))
    assert found == pytest.approx(4 * 0.7 / (1 + 3 * 0.7))
    assert composite(np.array([1.0, 0, 0, 0]), covariance, np.full(4, 0.7)) == pytest.approx(0.7)


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="does not vary"):
        cronbach_alpha(np.full((5, 3), 4.0))
    with pytest.raises(ValueError, match="at least 2 items"):
        cronbach_alpha(np.ones((5, 1)))
    with pytest.raises(ValueError, match="answered every item"):
        cronbach_alpha(np.array([[1.0, 2.0], [np.nan, 1.0]]))
    with pytest.raises(ValueError, match="confidence"):
        cronbach_alpha(np.eye(3), confidence=1.0)
    with pytest.raises(ValueError, match="at least 3 items"):
        mcdonald_omega(np.ones((5, 2)))
    with pytest.raises(ValueError, match="Item 1 is constant"):
        mcdonald_omega(np.c_[sample_with(np.eye(2)), np.ones(200)][:, [0, 2, 1]])
    with pytest.raises(ValueError, match="copy"):
        mcdonald_omega(sample_with(np.eye(2))[:, [0, 1, 0]])
    with pytest.raises(ValueError, match="need at least 4"):
        mcdonald_omega(np.eye(3))
    with pytest.raises(ValueError, match="over 1"):
        composite(np.ones(2), np.eye(2), np.array([0.5, 1.5]))
    with pytest.raises(ValueError, match="does not vary"):
        composite(np.array([1.0, -1.0]), np.ones((2, 2)), np.ones(2))
    with pytest.raises(ValueError, match="symmetric"):
        composite(np.ones(2), np.array([[1.0, 0.5], [0.1, 1.0]]), np.ones(2))
