import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from surveyapp.scoring import norms
from surveyapp.scoring.levels import probabilities
from surveyapp.scoring.state import Moments, posterior


def test_assumed_reference_has_its_published_constants() -> None:
    reference = norms.assumed_reference(4)
    total = reference.between + reference.within
    np.testing.assert_allclose(reference.mean, 70)
    np.testing.assert_allclose(np.sqrt(np.diag(total)), 22)
    np.testing.assert_allclose(np.diag(reference.between) / np.diag(total), 0.33)
    assert reference.between[0, 1] / reference.between[0, 0] == pytest.approx(0.8)
    assert reference.within[0, 1] / reference.within[0, 0] == pytest.approx(0.5)
    assert reference.mean_covariance[0, 0] == pytest.approx(22**2 * (0.33 + 0.67 / 3) / 5)
    assert reference.identified
    with pytest.raises(ValueError, match="at least one entry"):
        norms.assumed_reference(0)


def test_seed_cuts_hold_their_shares_and_words() -> None:
    shares = np.diff(ndtr(np.array([-np.inf, *norms.SEED_SHARES.cuts, np.inf])))
    np.testing.assert_allclose(shares, [0.10, 0.24, 0.46, 0.20], atol=1e-12)
    assert norms.CUT_SETS["seed-words"].cuts == (-1.0, 0.0, 1.0)
    assert {cuts.version for cuts in norms.CUT_SETS.values()} == {1}


def test_the_prior_of_a_group_without_answers_gives_the_shares_of_the_reference() -> None:
    reference = norms.assumed_reference(3)
    c = np.array([0.6, 0.4, 0.0])
    y = np.full((1, 3), np.nan)
    found = posterior(y, np.array([0]), 1, reference, correct_mean=False)
    mean, sd = norms.reference_spread(reference, c)
    value, error = found.contrast(c)
    z, s = norms.standardise(value, error, reference_mean=mean, reference_sd=sd)
    p = probabilities(z, s, norms.SEED_SHARES.cuts)
    np.testing.assert_allclose(p[0], [0.10, 0.24, 0.46, 0.20], atol=1e-9)


def test_fewer_than_100_groups_or_single_answers_are_assumed() -> None:
    few = norms.basis(np.repeat(np.arange(99), 2), 400)
    assert few.is_assumed
    assert not few.is_split_assumed
    assert few.n_groups == 99
    single = norms.basis(np.arange(300), 400)
    assert single.is_assumed
    assert single.is_split_assumed
    enough = norms.basis(np.append(np.arange(100), 0), 400)
    assert not enough.is_assumed
    assert "100 relationships" in enough.reason
    nobody = norms.basis(np.array([], dtype=np.int64), 5)
    assert nobody.is_assumed
    assert nobody.n_groups == 0


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), icc=st.floats(0.05, 0.95))
def test_assumed_split_shares_out_the_observed_covariance(seed: int, icc: float) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(60, 20, (50, 3)) + rng.normal(0, 10, (50, 1))
    split = norms.assumed_split(y, icc)
    np.testing.assert_allclose(split.between, icc * np.cov(y.T), rtol=1e-9)
    np.testing.assert_allclose(split.between + split.within, np.cov(y.T), rtol=1e-9)
    np.testing.assert_allclose(split.mean, y.mean(axis=0))
    np.testing.assert_allclose(split.mean_covariance, np.cov(y.T) / 50, rtol=1e-9)
    assert split.identified


def test_assumed_split_is_positive_definite_for_any_missing_pattern() -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        y = rng.normal(60, 20, (12, 6)) + rng.normal(0, 30, (12, 1))
        y[rng.random(y.shape) < 0.5] = np.nan
        split = norms.assumed_split(y)
        told = np.isfinite(np.diag(split.between))
        part = split.between[np.ix_(told, told)]
        assert np.linalg.eigvalsh(part).min() > 0


def test_prior_uses_the_assumed_split_only_when_every_group_has_one_answer() -> None:
    rng = np.random.default_rng(8)
    reference = norms.assumed_reference(2)
    y = rng.normal(60, 20, (200, 2))
    single, basis = norms.prior(y, np.arange(200), 200, reference)
    assert basis.is_split_assumed
    share = 200 / 300
    np.testing.assert_allclose(
        single.between, share * 0.33 * np.cov(y.T) + (1 - share) * reference.between
    )
    pairs, basis = norms.prior(y, np.repeat(np.arange(100), 2), 100, reference)
    assert not basis.is_assumed
    assert not np.allclose(pairs.between, single.between)


def test_prior_keeps_facts_with_known_noise_out_of_the_assumed_split() -> None:
    rng = np.random.default_rng(9)
    groups = 150
    rating = np.c_[rng.normal(60, 20, groups), np.full(groups, np.nan)]
    fact = np.c_[np.full(groups, np.nan), rng.normal(0, 1.2, groups)]
    y = np.vstack([rating, fact])
    noise = np.full(y.shape, np.nan)
    noise[groups:, 1] = 0.4
    truth = np.array([[160.0, 6.0], [6.0, 1.0]])
    reference = Moments(
        np.array([70.0, 0.0]), truth, np.diag([324.0, 1.0]), truth / 5, n_groups=0, identified=True
    )
    prior, basis = norms.prior(y, np.tile(np.arange(groups), 2), groups, reference, noise=noise)
    assert basis.is_split_assumed
    assert basis.n_groups == groups
    share = groups / (groups + 100)
    ratings, facts = rating[:, 0], fact[:, 1]
    assert prior.between[1, 1] == pytest.approx(share * (facts.var(ddof=1) - 0.4) + (1 - share))
    assert prior.between[0, 0] == pytest.approx(
        share * 0.33 * ratings.var(ddof=1) + (1 - share) * 160
    )
    assert prior.between[0, 1] == pytest.approx(
        share * np.cov(ratings, facts)[0, 1] + (1 - share) * 6
    )
    assert np.linalg.eigvalsh(prior.between).min() > 0


def test_standardise_adds_the_error_of_a_reference_that_has_a_size() -> None:
    value, error = np.array([70.0, 94.0]), np.array([6.0, 6.0])
    z, s = norms.standardise(value, error, reference_mean=70, reference_sd=12)
    np.testing.assert_allclose(z, [0, 2])
    np.testing.assert_allclose(s, 0.5)
    _, wider = norms.standardise(
        value,
        error,
        reference_mean=70,
        reference_sd=12,
        reference_groups=50,
        reference_reliability=0.8,
    )
    added = np.array([1 / 40, 1 / 40 + 4 / (2 * 50 * 0.64)])
    np.testing.assert_allclose(wider**2, 0.25 + added)
    np.testing.assert_allclose(norms.t_score(z), [50, 70])


def test_wrong_references_are_refused() -> None:
    one = np.ones(1)
    with pytest.raises(ValueError, match="positive SD"):
        norms.standardise(one, one, reference_mean=70, reference_sd=0)
    with pytest.raises(ValueError, match="needs its reliability"):
        norms.standardise(one, one, reference_mean=70, reference_sd=1, reference_groups=10)
    with pytest.raises(ValueError, match="1 or more"):
        norms.standardise(
            one,
            one,
            reference_mean=70,
            reference_sd=1,
            reference_groups=0,
            reference_reliability=0.5,
        )
    with pytest.raises(ValueError, match="shape of value"):
        norms.standardise(one, np.ones(2), reference_mean=70, reference_sd=1)
    with pytest.raises(ValueError, match="no spread along this contrast"):
        norms.reference_spread(norms.assumed_reference(2), np.zeros(2))
    with pytest.raises(ValueError, match="icc must lie between"):
        norms.assumed_split(np.ones((3, 2)), 1.0)


def test_one_view_of_one_wave_is_assumed_as_ever() -> None:
    entries = [norms.EntryTraits(dimension=each, view="buyers") for each in ("a", "b", "c")]
    made, plain = norms.assumed_state(entries), norms.assumed_reference(3)
    for name in ("mean", "between", "within", "mean_covariance"):
        np.testing.assert_allclose(getattr(made, name), getattr(plain, name))


def test_an_assumed_state_is_positive_semidefinite_and_facts_are_on_the_z_scale() -> None:
    traits = [
        norms.EntryTraits(dimension=dimension, view=view, wave=wave, part=part)
        for dimension in ("a", "b")
        for view in ("buyers", "suppliers")
        for wave, part in (("now", ""), ("now", "shared"), ("last", ""))
    ]
    traits += [norms.EntryTraits(dimension=each, view=each, is_fact=True) for each in ("k", "l")]
    made = norms.assumed_state(traits)
    for matrix in (made.between, made.within, made.mean_covariance):
        assert np.linalg.eigvalsh(matrix)[0] > -1e-9
    np.testing.assert_allclose(np.diag(made.between)[-2:], 1.0)
    np.testing.assert_allclose(made.within[-2:], 0.0)
    np.testing.assert_allclose(made.mean[-2:], 0.0)


def test_a_frozen_set_replaces_mean_and_spread_of_its_view_in_every_wave() -> None:
    traits = [
        norms.EntryTraits(dimension="a", view=view, wave=wave)
        for view in ("buyers", "suppliers")
        for wave in ("now", "last")
    ]
    own = Moments(
        mean=np.array([55.0]),
        between=np.array([[64.0]]),
        within=np.array([[225.0]]),
        mean_covariance=np.array([[3.0]]),
        n_groups=40,
        identified=True,
    )
    made = norms.assumed_state(traits, {"buyers": norms.KnownView(["a"], own)})
    np.testing.assert_allclose(made.mean, [55, 55, 70, 70])
    np.testing.assert_allclose(np.diag(made.between)[:2], 64.0)
    np.testing.assert_allclose(np.diag(made.within)[:2], 225.0)
    assert np.linalg.eigvalsh(made.between)[0] > -1e-9
    with pytest.raises(ValueError, match="lacks a dimension"):
        norms.assumed_state(traits, {"buyers": norms.KnownView(["else"], own)})
