"""Covariances that pages check without NumPy say what NumPy says."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from surveyapp.services import covariances


@given(
    size=st.integers(1, 12),
    rank=st.integers(1, 12),
    lowered=st.floats(-1.0, 1.0),
    scale=st.sampled_from((1e-3, 1.0, 1e4)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_matrix_is_semidefinite_where_its_eigenvalues_say_so(
    size: int, rank: int, lowered: float, scale: float, seed: int
) -> None:
    drawn = np.random.default_rng(seed).normal(size=(size, rank))
    made = scale * (drawn @ drawn.T - lowered * np.eye(size))
    made = (made + made.T) / 2
    allowing = 1e-6 * float(np.abs(made).max())
    lowest = float(np.linalg.eigvalsh(made)[0])
    # as near to the edge as two ways of counting may differ
    assume(abs(lowest + allowing) > 1e-9 * scale)
    found = covariances.is_semidefinite(made.tolist(), allowing=allowing)
    assert found == (lowest > -allowing)


def test_a_matrix_of_less_than_full_rank_is_semidefinite_and_one_just_below_it_is_not() -> None:
    alike = np.ones((60, 60))
    assert covariances.is_semidefinite(alike.tolist(), allowing=1e-6)
    below = alike - 1e-4 * np.eye(60)
    assert not covariances.is_semidefinite(below.tolist(), allowing=1e-6)


def test_a_mean_is_as_uncertain_as_its_relationships_and_their_people_make_it() -> None:
    between, within = [[8.0, 2.0], [2.0, 4.0]], [[30.0, 6.0], [6.0, 18.0]]
    found = covariances.of_mean(between, within, relationships=4, answers_each=1.5)
    assert found == pytest.approx(np.array(between) / 4 + np.array(within) / 6)
