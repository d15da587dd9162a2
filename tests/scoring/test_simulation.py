import numpy as np
import pytest

from surveyapp.scoring.simulation import simulate


def test_the_method_beats_plain_means_in_a_world_it_was_not_made_for() -> None:
    found = simulate(10_000, np.random.default_rng(1))
    rows = {(row.method, row.respondents): row for row in found.table}
    assert rows["plain mean", "3"].rmse > 0.8
    assert rows["model", "3"].rmse <= 0.66
    assert rows["model with facts", "3"].rmse <= 0.58
    assert rows["model with facts", "all"].wrong_level <= 0.355
    for method in ("model", "model with facts"):
        assert 0.88 <= rows[method, "all"].coverage <= 0.92
        assert rows[method, "3"].width < rows["plain mean", "3"].width / 2
    assert np.abs(found.shares[0] - found.shares[1]).max() < 0.06
    predicted, observed, n = found.at_risk.T
    assert n.sum() == 10_000
    assert np.abs(predicted - observed).max() < 0.09


def test_portfolio_shares_are_within_two_points_in_a_clean_world() -> None:
    found = simulate(10_000, np.random.default_rng(1), is_hostile=False)
    assert np.abs(found.shares[0] - found.shares[1]).max() < 0.02
    assert found.flagged < 0.001


def test_a_seed_repeats_its_programme() -> None:
    first, again = (simulate(200, np.random.default_rng(7)) for _ in range(2))
    assert repr(first) == repr(again)


def test_a_programme_too_small_to_estimate_is_refused() -> None:
    with pytest.raises(ValueError, match="100 relationships or more"):
        simulate(99, np.random.default_rng(1))
