"""Drivers on latent correlations: many resamples at once are each resample by itself."""

import numpy as np
import pytest

from surveyapp.scoring.arrays import Floats, Ints
from surveyapp.scoring.drivers import MOST_FOR_LMG, latent_shares, lmg
from surveyapp.scoring.resampled_moments import resampled_between
from surveyapp.scoring.state import estimate_moments

RNG = np.random.default_rng(3)
CORRELATIONS = np.array([[1.0, 0.5, 0.7], [0.5, 1.0, 0.4], [0.7, 0.4, 1.0]])


def answers(groups: int, people: int, *, gaps: float = 0.0) -> tuple[Floats, Ints]:
    group = np.repeat(np.arange(groups), people)
    true = RNG.multivariate_normal(np.full(3, 60.0), 150 * CORRELATIONS, groups)
    y = true[group] + RNG.normal(scale=12.0, size=(group.size, 3))
    y[RNG.random(y.shape) < gaps] = np.nan
    return y, group


def repeated(y: Floats, group: Ints, counts: Ints) -> tuple[Floats, Ints]:
    """Write out a resample: a relationship drawn twice is two."""
    drawn = np.repeat(np.arange(counts.size), counts)
    rows = [y[group == each] for each in drawn]
    of = np.repeat(np.arange(drawn.size), [len(each) for each in rows])
    return np.vstack(rows), of


def test_each_of_many_resamples_comes_out_as_it_does_by_itself() -> None:
    y, group = answers(300, 3, gaps=0.15)
    counts = np.vstack(
        [
            np.ones(300, dtype=np.int64),
            *(np.bincount(RNG.integers(0, 300, 300), minlength=300) for _ in range(3)),
        ]
    )
    together = resampled_between(y, group, 300, counts.astype(np.float64))
    for of, found in zip(counts, together, strict=True):
        rows, code = repeated(y, group, of)
        alone = estimate_moments(rows, code, int(of.sum())).between
        np.testing.assert_allclose(found, alone, rtol=0, atol=1e-9)


def test_nothing_is_told_where_every_relationship_has_one_person() -> None:
    y, group = answers(40, 1)
    assert np.isnan(resampled_between(y, group, 40, np.ones((1, 40)))).all()


@pytest.mark.parametrize("counts", [np.ones((2, 39)), -np.ones((2, 40))])
def test_counts_that_fit_no_relationships_are_refused(counts: Floats) -> None:
    y, group = answers(40, 2)
    with pytest.raises(ValueError, match="40 columns"):
        resampled_between(y, group, 40, counts)


def test_shares_of_known_covariances_are_lmg_over_what_they_explain() -> None:
    shares, explained = latent_shares(150 * CORRELATIONS[np.newaxis])
    plain = lmg(CORRELATIONS[:2, :2], CORRELATIONS[:2, 2])
    assert explained[0] == pytest.approx(plain.sum())
    assert shares[0] == pytest.approx(plain / plain.sum())


def test_twins_share_alike_whatever_the_last_digit() -> None:
    twins = np.ones((3, 3))
    bent = twins + np.array([[0, 1e-9, -1e-9], [1e-9, 0, 1e-9], [-1e-9, 1e-9, 0]])
    shares, _ = latent_shares(np.stack([twins, bent]))
    assert shares == pytest.approx(0.5, abs=1e-6)


def test_more_predictors_than_lmg_takes_get_relative_weights() -> None:
    size = MOST_FOR_LMG + 2
    alike = np.full((size, size), 0.5) + 0.5 * np.eye(size)
    shares, _ = latent_shares(alike[np.newaxis])
    assert shares[0] == pytest.approx(1 / (size - 1))


def test_a_spread_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        latent_shares(np.zeros((1, 3, 3)))
    with pytest.raises(ValueError, match="square"):
        latent_shares(np.ones((1, 3, 4)))
