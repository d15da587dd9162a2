from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.mixed_linear_model import MixedLM

from surveyapp.scoring.norms import assumed_reference
from surveyapp.scoring.state import Moments, estimate_moments, pool, posterior


def world(
    seed: int, *, groups: int = 30, rows: int = 90, entries: int = 3, missing: float = 0.2
) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    truth = assumed_reference(entries)
    group = rng.integers(0, groups, rows)
    x = rng.multivariate_normal(truth.mean, truth.between, size=groups)
    y = x[group] + rng.multivariate_normal(np.zeros(entries), truth.within, size=rows)
    y[rng.random(y.shape) < missing] = np.nan
    return y, group


def same(a: Moments, b: Moments, tolerance: float = 1e-9) -> None:
    for part in ("mean", "between", "within", "mean_covariance"):
        np.testing.assert_allclose(
            getattr(a, part), getattr(b, part), rtol=tolerance, atol=tolerance, err_msg=part
        )


def test_balanced_one_way_data_give_the_reml_variances_exactly(rng: Any) -> None:
    groups, each = 40, 4
    table = 70 + rng.normal(0, 12, (groups, 1)) + rng.normal(0, 18, (groups, each))
    moments = estimate_moments(table.reshape(-1, 1), np.repeat(np.arange(groups), each), groups)
    between_ms = each * table.mean(axis=1).var(ddof=1)
    within_ms = table.var(axis=1, ddof=1).mean()
    assert moments.within[0, 0] == pytest.approx(within_ms, rel=1e-12)
    assert moments.between[0, 0] == pytest.approx((between_ms - within_ms) / each, rel=1e-12)
    assert moments.mean_covariance[0, 0] == pytest.approx(between_ms / (groups * each), rel=1e-12)
    assert moments.mean[0] == pytest.approx(table.mean(), rel=1e-12)


def test_balanced_data_of_several_entries_give_the_manova_estimates(rng: Any) -> None:
    groups, each, entries = 60, 3, 2
    truth = assumed_reference(entries)
    x = rng.multivariate_normal(truth.mean, truth.between, size=groups)
    table = x[:, None, :] + rng.multivariate_normal([0, 0], truth.within, size=(groups, each))
    moments = estimate_moments(
        table.reshape(-1, entries), np.repeat(np.arange(groups), each), groups
    )
    apart = (table - table.mean(axis=1, keepdims=True)).reshape(-1, entries)
    within = apart.T @ apart / (groups * (each - 1))
    between = np.cov(table.mean(axis=1).T) - within / each
    np.testing.assert_allclose(moments.within, within, rtol=1e-12)
    np.testing.assert_allclose(moments.between, between, rtol=1e-10)


def test_no_differences_between_groups_is_zero_and_every_score_is_the_mean(case: Any) -> None:
    data, expected = case("dyestuff2_boundary")
    table = np.array(data["X"])
    group = np.repeat(np.arange(6), 5)
    moments = estimate_moments(table.reshape(-1, 1), group, 6)
    assert moments.between[0, 0] == expected["var_batch"]
    found = posterior(table.reshape(-1, 1), group, 6, moments)
    np.testing.assert_allclose(found.mean, table.mean(), atol=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_posterior_agrees_with_a_reml_mixed_model(seed: int) -> None:
    y, group = world(seed, groups=80, rows=400, entries=1, missing=0.0)
    fitted = MixedLM(y[:, 0], np.ones((400, 1)), groups=group).fit(reml=True)
    seen = np.unique(group)
    effects = np.array([fitted.random_effects[a].iloc[0] for a in seen])
    moments = estimate_moments(y, group, 80)
    value, _ = posterior(y, group, 80, moments).contrast(np.ones(1))
    assert np.corrcoef(value[seen], effects)[0, 1] > 0.9999
    given_reml = Moments(
        mean=fitted.fe_params,
        between=np.atleast_2d(fitted.cov_re),
        within=np.array([[fitted.scale]]),
        mean_covariance=np.atleast_2d(fitted.cov_params())[:1, :1],
        n_groups=80,
        identified=True,
    )
    exact, _ = posterior(y, group, 80, given_reml).contrast(np.ones(1))
    np.testing.assert_allclose(exact[seen], fitted.fe_params[0] + effects, atol=1e-8)


def dense(y: Any, group: Any, n_groups: int, moments: Moments, noise: Any) -> tuple[Any, Any]:
    """The same posterior from the joint normal of each group's answers, one group at a time."""
    means, covariances = [], []
    size = y.shape[1]
    for a in range(n_groups):
        rows = np.flatnonzero(group == a)
        pick = [(j, p) for j in rows for p in range(size) if not np.isnan(y[j, p])]
        h = np.zeros((len(pick), size))
        errors = np.zeros((len(pick), len(pick)))
        for i, (j, p) in enumerate(pick):
            h[i, p] = 1
            for k, (j2, p2) in enumerate(pick):
                known = [not np.isnan(noise[j, p]), not np.isnan(noise[j2, p2])]
                if (j, p) == (j2, p2) and known[0]:
                    errors[i, k] = noise[j, p]
                elif j == j2 and not any(known):
                    errors[i, k] = moments.within[p, p2]
        gain = moments.between @ h.T @ np.linalg.inv(h @ moments.between @ h.T + errors)
        seen = np.array([y[j, p] for j, p in pick])
        covariance = moments.between - gain @ h @ moments.between
        keep = np.eye(size) - gain @ h
        means.append(moments.mean + gain @ (seen - h @ moments.mean))
        covariances.append(covariance + keep @ moments.mean_covariance @ keep.T)
    return np.array(means), np.array(covariances)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), known=st.floats(0, 1), missing=st.floats(0, 0.9))
def test_posterior_is_the_conditional_normal_for_any_pattern_and_noise(
    seed: int, known: float, missing: float
) -> None:
    y, group = world(seed, groups=6, rows=15, missing=missing)
    rng = np.random.default_rng(seed)
    noise = np.where(rng.random(y.shape) < known, rng.choice([50.0, 80.0], y.shape), np.nan)
    moments = assumed_reference(3)
    found = posterior(y, group, 6, moments, noise=noise)
    mean, covariance = dense(y, group, 6, moments, noise)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-9)
    for a in range(6):
        np.testing.assert_allclose(found.covariance(a), covariance[a], rtol=1e-8, atol=1e-8)
    c = np.array([0.6, 0.4, -0.3])
    value, error = found.contrast(c)
    np.testing.assert_allclose(value, mean @ c, rtol=1e-9)
    np.testing.assert_allclose(error**2, np.einsum("p,apq,q->a", c, covariance, c), rtol=1e-8)


def test_known_noise_is_taken_off_the_spread_between_groups(rng: Any) -> None:
    groups = 4000
    truth = rng.normal(0, 1, groups)
    variance = rng.choice([0.3, 0.6], groups)
    rating = 70 + 12 * truth + rng.normal(0, 18, groups)
    second = 70 + 12 * truth + rng.normal(0, 18, groups)
    fact = truth + rng.normal(0, np.sqrt(variance))
    empty = np.full(groups, np.nan)
    y = np.vstack([np.c_[rating, empty], np.c_[second, empty], np.c_[empty, fact]])
    noise = np.full(y.shape, np.nan)
    noise[2 * groups :, 1] = variance
    moments = estimate_moments(y, np.tile(np.arange(groups), 3), groups, noise=noise)
    assert moments.identified
    assert moments.between[1, 1] == pytest.approx(1.0, abs=0.1)
    assert moments.between[0, 0] == pytest.approx(144, rel=0.2)
    assert moments.between[0, 1] == pytest.approx(12, rel=0.15)
    assert moments.within[0, 0] == pytest.approx(324, rel=0.1)
    assert moments.within[1, 1] == 0.0
    with pytest.raises(ValueError, match="no within variance; give its noise"):
        posterior(y, np.tile(np.arange(groups), 3), groups, moments)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_permuting_respondents_changes_no_bit_of_whole_number_answers(seed: int) -> None:
    y, group = world(seed)
    y = np.rint(y * 1e4)
    order = np.random.default_rng(seed).permutation(len(y))
    moments = estimate_moments(y, group, 30)
    shuffled = estimate_moments(y[order], group[order], 30)
    for part in ("mean", "between", "within", "mean_covariance"):
        assert np.array_equal(getattr(moments, part), getattr(shuffled, part), equal_nan=True)
    if moments.identified:
        a = posterior(y, group, 30, moments)
        b = posterior(y[order], group[order], 30, shuffled)
        assert np.array_equal(a.mean, b.mean)
        assert np.array_equal(a.covariance(3), b.covariance(3))


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), shift=st.floats(-1e4, 1e4))
def test_units_of_an_entry_change_its_moments_and_nothing_else(
    seed: int, scale: float, shift: float
) -> None:
    y, group = world(seed)
    factor, offset = np.array([1.0, scale, 1.0]), np.array([0.0, shift, 0.0])
    plain = estimate_moments(y, group, 30)
    other = estimate_moments(y * factor + offset, group, 30)
    both = np.outer(factor, factor)
    expected = Moments(
        plain.mean * factor + offset,
        plain.between * both,
        plain.within * both,
        plain.mean_covariance * both,
        plain.n_groups,
        plain.identified,
    )
    np.testing.assert_allclose(other.mean, expected.mean, rtol=1e-9, atol=1e-8)
    for part in ("between", "within", "mean_covariance"):
        np.testing.assert_allclose(
            getattr(other, part) / both, getattr(plain, part), rtol=1e-5, atol=1e-4
        )


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), step=st.floats(0.1, 50))
def test_a_score_rises_with_an_answer_and_one_more_answer_never_widens_it(
    seed: int, step: float
) -> None:
    y, group = world(seed, missing=0.0)
    moments = assumed_reference(3)
    c = np.array([0.0, 1.0, 0.0])
    value, error = posterior(y, group, 30, moments).contrast(c)
    raised = y.copy()
    raised[5, 1] += step
    better, _ = posterior(raised, group, 30, moments).contrast(c)
    assert better[group[5]] > value[group[5]]
    _, narrower = posterior(
        np.vstack([y, y[:1]]), np.append(group, group[0]), 30, moments
    ).contrast(c)
    assert narrower[group[0]] < error[group[0]]
    assert (narrower <= error + 1e-12).all()


def test_covariances_are_never_negative(rng: Any) -> None:
    for seed in range(20):
        y, group = world(seed, groups=12, rows=25, entries=8, missing=0.5)
        moments = estimate_moments(y, group, 12)
        told = np.isfinite(np.diag(moments.between)) & np.isfinite(np.diag(moments.within))
        for matrix in (moments.between, moments.within, moments.mean_covariance):
            part = matrix[np.ix_(told, told)]
            assert np.linalg.eigvalsh(part).min() >= -1e-9 * np.abs(part).max()


def test_groups_without_answers_get_the_prior() -> None:
    y, group = world(1)
    prior = pool(estimate_moments(y, group, 31), assumed_reference(3))
    found = posterior(y, group, 31, prior)
    np.testing.assert_allclose(found.mean[30], prior.mean)
    np.testing.assert_allclose(found.covariance(30), prior.between + prior.mean_covariance)
    plain = posterior(y, group, 31, prior, correct_mean=False)
    np.testing.assert_allclose(plain.covariance(30), prior.between)
    nobody = posterior(np.full((2, 3), np.nan), np.array([0, 1]), 2, prior)
    np.testing.assert_allclose(nobody.mean, np.tile(prior.mean, (2, 1)))


def test_one_answer_a_group_identifies_nothing_until_a_reference_is_pooled() -> None:
    y, _ = world(2, missing=0.0)
    group = np.arange(len(y))
    moments = estimate_moments(y, group, len(y))
    assert not moments.identified
    assert np.isnan(moments.between).all()
    assert np.isfinite(moments.mean).all()
    # the error of the mean needs no split: it is the plain one
    np.testing.assert_allclose(moments.mean_covariance, np.cov(y.T) / len(y), rtol=1e-9)
    with pytest.raises(ValueError, match="pool the moments with a reference"):
        posterior(y, group, len(y), moments)
    pooled = pool(moments, assumed_reference(3))
    assert pooled.identified
    np.testing.assert_allclose(pooled.between, assumed_reference(3).between)
    assert np.isfinite(posterior(y, group, len(y), pooled).mean).all()


def test_pool_counts_the_reference_as_100_groups_and_its_mean_as_5() -> None:
    y, group = world(3, groups=25, rows=200)
    own, reference = estimate_moments(y, group, 25), assumed_reference(3)
    pooled = pool(own, reference)
    np.testing.assert_allclose(pooled.between, (25 * own.between + 100 * reference.between) / 125)
    np.testing.assert_allclose(pooled.within, (25 * own.within + 100 * reference.within) / 125)
    k = 25 / 30
    np.testing.assert_allclose(pooled.mean, k * own.mean + (1 - k) * reference.mean)
    np.testing.assert_allclose(
        pooled.mean_covariance,
        k**2 * own.mean_covariance + (1 - k) ** 2 * reference.mean_covariance,
    )
    same(pool(own, reference, nu=0, kappa=0), own)


def test_pool_keeps_what_is_told_and_stays_positive_when_an_entry_is_untold() -> None:
    y, group = world(4, groups=40, rows=400)
    y[:, 2] = np.nan
    y[:, 1] = y[:, 0]
    own = estimate_moments(y, group, 40)
    pooled = pool(own, assumed_reference(3), nu=10)
    assert not own.identified
    assert np.isnan(own.mean[2])
    assert pooled.mean[2] == 70.0
    assert np.linalg.eigvalsh(pooled.between).min() > 0
    assert np.linalg.eigvalsh(pooled.within).min() > 0
    assert np.isfinite(posterior(y, group, 40, pooled).mean).all()


@pytest.mark.parametrize(
    ("y", "group", "n_groups"),
    [
        pytest.param([[50.0, 60.0]], [0], 1, id="one respondent"),
        pytest.param([[50.0, 60.0], [70.0, np.nan]], [0, 0], 1, id="one group"),
        pytest.param([[50.0, 60.0], [70.0, 80.0]], [0, 1], 2, id="two groups"),
        pytest.param([[80.0, 80.0]] * 6, [0, 0, 1, 1, 2, 2], 3, id="constant answers"),
        pytest.param([[np.nan, np.nan]] * 3, [0, 1, 2], 3, id="all missing"),
        pytest.param([[50.0, np.nan], [60.0, np.nan]] * 2, [0, 0, 1, 1], 2, id="missing column"),
        pytest.param(
            [[5.0, 5.0], [60.0, 60.0], [30.0, 30.0], [31.0, 31.0]], [0, 0, 1, 1], 2, id="singular"
        ),
        pytest.param([[50.0, 1.0], [50.0, 1.0], [70.0, 9.0]], [0, 0, 1], 2, id="no noise"),
    ],
)
def test_degenerate_answers_pool_to_finite_scores(y: Any, group: Any, n_groups: int) -> None:
    table, code = np.array(y), np.array(group)
    moments = estimate_moments(table, code, n_groups)
    found = posterior(table, code, n_groups, pool(moments, assumed_reference(2)))
    value, error = found.contrast(np.array([0.5, 0.5]))
    assert np.isfinite(value).all()
    assert (error > 0).all()
    assert ((value >= 0) & (value <= 100)).all()
    if moments.identified:
        value, error = posterior(table, code, n_groups, moments).contrast(np.array([0.5, 0.5]))
        assert np.isfinite(value).all()
        assert np.isfinite(error).all()


def test_many_entries_are_told_apart() -> None:
    y, group = world(5, entries=60, rows=40, groups=10)
    moments = assumed_reference(60)
    mean, _ = dense(y, group, 10, moments, np.full(y.shape, np.nan))
    np.testing.assert_allclose(posterior(y, group, 10, moments).mean, mean, rtol=1e-8)


@pytest.mark.parametrize(
    ("y", "group", "n_groups", "noise", "sentence"),
    [
        ([1.0, 2.0], [0, 1], 2, None, "y must have 2 dimension"),
        (np.empty((0, 2)), [], 1, None, "y is empty"),
        ([[np.inf]], [0], 1, None, "infinite"),
        ([["a"]], [0], 1, None, "must hold numbers"),
        ([[1.0]], [1], 1, None, r"group must lie in 0\.\.0"),
        ([[1.0]], [-1], 1, None, r"group must lie in 0\.\.0"),
        ([[1.0]], [0.0], 1, None, "integer codes"),
        ([[1.0]], [0, 0], 1, None, "shape"),
        ([[1.0]], [0], 0, None, "n_groups must be 1 or more"),
        ([[1.0]], [0], 1, [[0.0]], "not positive"),
        ([[1.0]], [0], 1, [[1.0, 1.0]], "shape of y"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(
    y: Any, group: Any, n_groups: int, noise: Any, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        estimate_moments(y, np.asarray(group), n_groups, noise=noise)


def test_wrong_moments_contrasts_and_groups_are_refused() -> None:
    y, group = world(1)
    two, three = assumed_reference(2), assumed_reference(3)
    found = posterior(y, group, 30, three)
    with pytest.raises(ValueError, match="y has 3 entries but the moments have 2"):
        posterior(y, group, 30, two)
    with pytest.raises(ValueError, match=r"c must have shape \(3,\)"):
        found.contrast(np.ones(2))
    with pytest.raises(ValueError, match="There is no group 30"):
        found.covariance(30)
    with pytest.raises(ValueError, match="3 entries but the reference has 2"):
        pool(three, two)
    with pytest.raises(ValueError, match="0 or more"):
        pool(three, three, nu=-1)
    with pytest.raises(ValueError, match="cannot fill any gap"):
        pool(three, estimate_moments(y[:1], group[:1], 30))
