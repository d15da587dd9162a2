from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.discrete.discrete_model import Logit

from surveyapp.scoring.intent import calibration, fit
from surveyapp.scoring.tiers import acceptability, calibrate


def housing(case: Any) -> tuple[Any, Any, Any]:
    data, expected = case("polr_housing")
    times = np.array(data["freq"]).astype(int)
    return np.repeat(data["X"], times, axis=0), np.repeat(data["sat"], times), expected


def test_proportional_odds_of_the_copenhagen_housing(case: Any) -> None:
    criteria, tier, expected = housing(case)
    model = calibrate(criteria, tier, non_negative=False)
    assert model.coefficients == expected["beta"]
    assert model.cut_points == expected["thresholds"]
    assert -2 * model.log_likelihood == expected["deviance"]


def test_no_criterion_counts_against_a_partner_unless_allowed(case: Any) -> None:
    criteria, tier, _ = housing(case)
    model = calibrate(criteria, tier)
    assert (model.coefficients >= 0).all()
    assert model.weights.sum() == pytest.approx(1.0)
    free = calibrate(criteria, tier, non_negative=False)
    assert model.log_likelihood < free.log_likelihood


def decided(seed: int, n: int = 60) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    criteria = rng.normal(size=(n, 3))
    value = criteria @ np.array([2.0, 1.0, 0.0]) + rng.logistic(size=n)
    return criteria, np.digitize(value, [-1.0, 1.0])


def test_a_larger_penalty_draws_the_weights_to_the_workshops() -> None:
    criteria, tier = decided(1)
    workshop = np.array([1.0, 2.0, 1.0])
    gaps = [
        np.abs(
            calibrate(criteria, tier, prior_weights=workshop, penalty=penalty).weights
            - workshop / 4
        ).sum()
        for penalty in (0.0, 3.0, 1e5)
    ]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.02


def test_cases_told_apart_without_error_need_a_penalty() -> None:
    criteria = np.linspace(-1, 1, 12)[:, None]
    tier = np.repeat([0, 1, 2], 4)
    with pytest.raises(ValueError, match="give a penalty"):
        calibrate(criteria, tier)
    for prior in (None, np.ones(1)):
        model = calibrate(criteria, tier, prior_weights=prior, penalty=3.0)
        assert np.isfinite(model.coefficients).all()
        assert (np.diff(model.cut_points) > 0).all()


def test_criteria_that_tell_nothing_leave_the_prior_weights() -> None:
    model = calibrate(np.zeros((6, 2)), np.array([0, 1] * 3), prior_weights=np.array([3.0, 1.0]))
    np.testing.assert_allclose(model.weights, [0.75, 0.25])
    np.testing.assert_allclose(model.cut_points, [0.0], atol=1e-9)


def test_acceptabilities_and_central_weights_of_the_closed_form(case: Any) -> None:
    data, _ = case("smaa_analytic_2")
    values = np.array(data["V"])
    found = acceptability(
        values, np.zeros_like(values), weights=None, draws=200_000, rng=np.random.default_rng(1)
    )
    np.testing.assert_allclose(
        found.rank, [[0.4, 0.1, 0.5], [0.4, 0.1, 0.5], [0.2, 0.8, 0.0]], atol=0.004
    )
    np.testing.assert_allclose(
        found.central_weights, [[0.8, 0.2], [0.2, 0.8], [0.5, 0.5]], atol=0.004
    )
    np.testing.assert_allclose(found.confidence, 1.0)
    assert found.tier is None


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_acceptabilities_are_shares_of_the_draws(seed: int, partners: int) -> None:
    rng = np.random.default_rng(seed)
    mean, sd = rng.normal(size=(partners, 3)), rng.uniform(0, 1, (partners, 3))
    found = acceptability(
        mean, sd, weights=np.array([2.0, 1.0, 0.0]), thresholds=[-0.5, 0.5], draws=500, rng=rng
    )
    np.testing.assert_allclose(found.rank.sum(axis=0), 1)
    np.testing.assert_allclose(found.rank.sum(axis=1), 1)
    assert found.tier is not None
    np.testing.assert_allclose(found.tier.sum(axis=1), 1)
    first = found.rank[:, 0] > 0
    assert np.isfinite(found.central_weights[first]).all()
    assert np.isnan(found.central_weights[~first]).all()
    assert np.isnan(found.confidence[~first]).all()
    assert (found.central_weights[first, 2] == 0).all()


def test_uncertain_criteria_spread_the_ranks_as_the_normal_says() -> None:
    found = acceptability(
        np.array([[1.0], [0.0]]),
        np.array([[1.0], [1.0]]),
        weights=np.array([1.0]),
        draws=100_000,
        rng=np.random.default_rng(3),
    )
    assert found.rank[0, 0] == pytest.approx(0.7602, abs=0.005)
    assert found.confidence[0] == pytest.approx(0.7602, abs=0.005)


def test_partners_of_equal_value_share_their_ranks() -> None:
    found = acceptability(
        np.ones((2, 2)),
        np.zeros((2, 2)),
        weights=None,
        draws=4000,
        rng=np.random.default_rng(4),
    )
    assert found.rank[0, 0] == pytest.approx(0.5, abs=0.05)


def test_firth_regression_of_heinze_and_schemper(case: Any) -> None:
    data, expected = case("firth_sex2")
    names = ("age", "oc", "vic", "vicl", "vis", "dia")
    x = np.repeat(np.array([data[name] for name in names], float).T, data["COUNT"], axis=0)
    y = np.repeat(data["case"], data["COUNT"])
    model = fit(x, y, firth=True)
    (key,) = expected
    assert model.coefficients == expected[key]
    with pytest.raises(ValueError, match="use firth=True or a penalty"):
        fit(x, y)
    assert np.isfinite(fit(x, y, penalty=1.0).coefficients).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_regression_agrees_with_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(200, 2))
    y = (rng.random(200) < 1 / (1 + np.exp(-(x @ [1.0, -0.5] - 0.3)))).astype(int)
    model, theirs = fit(x, y), Logit(y, np.c_[np.ones(200), x]).fit(disp=0)
    np.testing.assert_allclose(model.coefficients, theirs.params, rtol=1e-6)
    np.testing.assert_allclose(model.standard_errors, theirs.bse, rtol=1e-6)
    assert model.log_likelihood == pytest.approx(theirs.llf)
    np.testing.assert_allclose(model.predict(x), theirs.predict(), rtol=1e-6)
    bare = fit(x, y, intercept=False)
    np.testing.assert_allclose(bare.coefficients, Logit(y, x).fit(disp=0).params, rtol=1e-6)
    np.testing.assert_allclose(bare.predict(x), 1 / (1 + np.exp(-x @ bare.coefficients)))


def test_a_penalty_shrinks_the_slopes_and_leaves_the_base_rate() -> None:
    x = np.array([[-1.0], [-0.5], [0.5], [1.0]])
    y = np.array([0, 0, 1, 1])
    with pytest.raises(ValueError, match="use firth=True or a penalty"):
        fit(x, y)
    weak, strong = fit(x, y, penalty=0.1), fit(x, y, penalty=10.0)
    assert weak.coefficients[1] > strong.coefficients[1] > 0
    assert strong.predict(x).mean() == pytest.approx(0.5)
    assert fit(x, np.array([1, 1, 1, 0]), firth=True).coefficients[1] < 0


def test_calibration_table_averages_to_the_base_rate() -> None:
    p = np.array([0.0, 0.05, 0.1, 0.55, 0.99, 1.0])
    y = np.array([0, 1, 0, 1, 1, 1])
    table = calibration(p, y)
    assert table.shape == (10, 3)
    assert table[:, 2].tolist() == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]
    np.testing.assert_allclose(table[0], [0.025, 0.5, 2])
    assert np.isnan(table[2, :2]).all()
    used = table[:, 2] > 0
    assert table[used, 2] @ table[used, 1] / 6 == pytest.approx(y.mean())


def test_what_cannot_be_told_is_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="partners in every tier"):
        calibrate(np.ones((2, 1)), np.array([0, 2]))
    with pytest.raises(ValueError, match="integer codes"):
        calibrate(np.ones((2, 1)), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="penalty must be"):
        calibrate(np.ones((2, 1)), np.array([0, 1]), penalty=-1)
    with pytest.raises(ValueError, match="prior_weights must be 1"):
        calibrate(np.ones((2, 1)), np.array([0, 1]), prior_weights=np.ones(2))
    with pytest.raises(ValueError, match="shape of mean"):
        acceptability(np.ones((2, 2)), np.ones((2, 1)), weights=None, rng=rng)
    with pytest.raises(ValueError, match="thresholds must rise"):
        acceptability(np.eye(2), np.eye(2), weights=None, thresholds=[1.0, 1.0], rng=rng)
    with pytest.raises(ValueError, match="draws must be"):
        acceptability(np.eye(2), np.eye(2), weights=None, draws=0, rng=rng)
    with pytest.raises(ValueError, match="outcomes of 0 or 1"):
        fit(np.ones((2, 1)), np.array([0, 2]))
    with pytest.raises(ValueError, match="linearly dependent"):
        fit(np.ones((3, 1)), np.array([0, 1, 1]))
    with pytest.raises(ValueError, match="coefficients"):
        fit(rng.normal(size=(9, 1)), np.array([0, 1, 0] * 3), penalty=1).predict(np.ones((1, 3)))
    with pytest.raises(ValueError, match="outside"):
        calibration(np.array([1.5]), np.array([1]))
    with pytest.raises(ValueError, match="bins must be"):
        calibration(np.array([0.5]), np.array([1]), bins=0)
