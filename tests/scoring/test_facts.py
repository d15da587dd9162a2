"""KPIs on one scale: hand-computed values, and what must hold whatever the values are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.scoring import facts

CASES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (min(pair), max(pair))),
    min_size=2,
    max_size=12,
)


def test_the_reference_rate_and_its_spread_by_hand() -> None:
    # rates 1, .5, 0 of 10 each: p0 = .5, Var = .25, chance .25/10 = .025, tau^2 = .225
    reference = facts.rate_reference(np.array([10.0, 5, 0]), np.array([10.0, 10, 10]))
    assert reference is not None
    assert reference.rate == 0.5
    assert reference.spread == pytest.approx(math.sqrt(0.225))
    noise = facts.rate_noise(reference, np.array([10.0, 1]))
    assert noise == pytest.approx([0.25 / 10 / 0.225, 0.25 / 0.225])


def test_a_spread_that_chance_explains_is_the_floor() -> None:
    reference = facts.rate_reference(np.array([1.0, 2, 1]), np.array([2.0, 3, 2]))
    assert reference is not None
    assert reference.spread == pytest.approx(math.sqrt(0.05))


@pytest.mark.parametrize("above", [[4.0, 9.0, 1.0], [0.0, 0.0, 0.0]])
def test_rates_that_are_all_alike_are_shown_not_scored(above: list[float]) -> None:
    below = np.array(above) if any(above) else np.array([3.0, 9.0, 1.0])
    assert facts.rate_reference(np.array(above), below) is None


def test_one_rate_alone_has_no_reference() -> None:
    assert facts.rate_reference(np.array([1.0]), np.array([2.0])) is None


def test_median_and_mad_by_hand_and_the_quartiles_when_most_are_alike() -> None:
    reference = facts.value_reference(np.array([1.0, 2, 3, 4, 100]))
    assert reference == facts.ValueReference(3.0, pytest.approx(1.4826), "mad", 5)
    # quartiles of 1 1 1 1 1 5 9 are 1 and 3
    mostly = facts.value_reference(np.array([1.0, 1, 1, 1, 1, 5, 9]))
    assert mostly == facts.ValueReference(1.0, pytest.approx(2 / 1.349), "iqr", 7)
    assert facts.value_reference(np.array([2.0, 2, 2, 2, 2, 2, 2, 9])) is None


def test_values_are_turned_so_that_higher_is_better_and_clipped() -> None:
    values = np.array([1.0, 3.0, 100.0])
    better = facts.standardise(values, 3.0, 2.0, is_high_better=True)
    assert better.tolist() == [-1.0, 0.0, 4.0]
    assert facts.standardise(values, 3.0, 2.0, is_high_better=False).tolist() == [1.0, 0.0, -4.0]


def test_noise_doubles_every_half_life() -> None:
    found = facts.aged(np.array([0.3, 0.3, 0.3]), np.array([0.0, 90, 180]), 90)
    assert found == pytest.approx([0.3, 0.6, 1.2])


def test_noise_is_rounded_up_on_the_grid() -> None:
    step = facts.grid_step(np.array([1.0, 1.01, 1.25, 0.8, 0.5, 1.25**7]))
    assert step.tolist() == [0, 1, 1, -1, -3, 7]
    assert facts.grid_noise(np.array([0, 1, -1])) == pytest.approx([1.0, 1.25, 0.8])


def test_periods_tell_how_much_is_chance() -> None:
    values, subject = np.array([1.0, 3.0, 10.0, 10.0, 13.0]), np.array([0, 0, 1, 2, 2])
    # squares 2 and 4.5 over one degree of freedom each
    assert facts.period_variance(values, subject) == pytest.approx(3.25)
    assert facts.period_variance(values[:1], subject[:1]) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: facts.rate_reference(np.array([3.0, 1]), np.array([2.0, 2])),
        lambda: facts.rate_reference(np.array([1.0, 1]), np.array([2.0, 0])),
        lambda: facts.rate_noise(facts.RateReference(0.5, 0.3, 9), np.array([0.0])),
        lambda: facts.value_reference(np.array([1.0, np.nan])),
        lambda: facts.standardise(np.array([1.0]), 0.0, 0.0, is_high_better=True),
        lambda: facts.aged(np.array([1.0]), np.array([-1.0]), 90),
        lambda: facts.grid_step(np.array([0.0])),
        lambda: facts.period_variance(np.array([1.0]), np.array([0, 1])),
    ],
)
def test_nonsense_is_refused(call) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 a lambda
    with pytest.raises(ValueError, match=r"\.$"):
        call()


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_subjects_changes_nothing(cases, random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 given
    shuffled = list(cases)
    random.shuffle(shuffled)
    found = [
        facts.rate_reference(*(np.array(column, dtype=float) for column in zip(*each, strict=True)))
        for each in (cases, shuffled)
    ]
    assert found[0] == found[1]


@given(CASES)
def test_one_perfect_delivery_is_never_certain(cases) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 given
    above, below = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    reference = facts.rate_reference(above, below)
    if reference is None:
        return
    one, many = facts.rate_noise(reference, np.array([1.0, 10_000.0]))
    assert one > many > 0
    # with one case the noise is at least that of the reference's own rate
    assert one == pytest.approx(reference.rate * (1 - reference.rate) / reference.spread**2)


@given(st.floats(1e-6, 1e6))
def test_the_grid_never_promises_more_than_is_known(noise: float) -> None:
    told = float(facts.grid_noise(facts.grid_step(np.array([noise])))[0])
    assert noise * (1 - 1e-8) <= told <= noise * 1.25
