"""The probability that two rules give one relationship two levels."""

import numpy as np
import pytest

from surveyapp.scoring.level_moves import move_probability

CUTS = (-1.3, -0.4, 0.8)
OTHER = (-1.0, 0.0, 1.0)


@pytest.mark.parametrize("correlation", [0.3, 0.9, 0.995])
def test_it_agrees_with_draws_of_the_two_scores(correlation: float) -> None:
    rng = np.random.default_rng(5)
    z, s, z2, s2 = 0.2, 0.5, 0.35, 0.6
    spread = [[s * s, correlation * s * s2], [correlation * s * s2, s2 * s2]]
    drawn = rng.multivariate_normal([z, z2], spread, 400_000)
    seen = np.mean(np.digitize(drawn[:, 0], CUTS) != np.digitize(drawn[:, 1], OTHER))
    one = (np.array([z]), np.array([s]))
    other = (np.array([z2]), np.array([s2]))
    found = move_probability(one, other, np.array([correlation]), (CUTS, OTHER))
    assert found[0] == pytest.approx(seen, abs=0.005)


def test_the_same_reading_moves_nobody_and_other_cuts_move_what_lies_between_them() -> None:
    reading = (np.array([-0.5, 0.0, 3.0]), np.array([0.4, 1e-9, 0.4]))
    certain = np.ones(3)
    assert move_probability(reading, reading, certain, (CUTS, CUTS)) == pytest.approx(0.0)
    moved = move_probability(reading, reading, certain, (CUTS, (-1.3, -0.2, 0.8)))
    # P(-.4 < score < -.2) of N(-.5, .4); nothing for one surely at 0, nor for one far away
    assert moved == pytest.approx([0.17466, 0.0, 0.0], abs=1e-4)


def test_what_does_not_fit_together_is_refused() -> None:
    one = (np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match="one shape"):
        move_probability(one, (np.zeros(3), np.ones(3)), np.ones(2), (CUTS, CUTS))
    with pytest.raises(ValueError, match="positive"):
        move_probability(one, (np.zeros(2), np.zeros(2)), np.ones(2), (CUTS, CUTS))
