"""SEQ among the people a relationship really has, where their number is known (Model, 10)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.scoring import norms, reliability, sampling
from surveyapp.services.score_contrasts import Read
from surveyapp.services.score_state import Floats, Ints, State

ENOUGH: Final = 100
"""People beside others of their relationship, from whom reliability is estimated."""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """SEQ among the known stakeholders of every relationship; NaN where it cannot be told."""

    people: Ints
    """Stakeholders known; 0 where they are not."""
    n: Ints
    value: Floats
    standard_error: Floats
    z: Floats
    z_standard_error: Floats


def known(state: State, seq: Read) -> Known:
    """Narrow SEQ to the people there are: of nine known people five are more than a sample.

    What people differ in is split from what one person would say differently another day by the
    agreement of the questions (alpha). Without two questions in each dimension of SEQ, or with
    fewer than a hundred people to tell it from, nothing is narrowed.
    """
    nan = np.full(state.size, np.nan)
    people = np.array(state.bundle.known_people, dtype=np.int64)
    c = state.weights(seq.contrast.weights)
    used = np.flatnonzero(c)
    composite = state.answers[:, used] @ c[used]
    told = ~np.isnan(composite)
    n = state.people(told)
    alpha = _alpha(state, used, c[used])
    usable = (people >= n) & (n > 0)
    if alpha is None or not usable.any():
        return Known(people=people, n=n, value=nan, standard_error=nan, z=nan, z_standard_error=nan)
    total = np.bincount(state.group[told], composite[told], minlength=state.size)
    variance = float(c @ state.moments.within @ c)
    value, error = nan.copy(), nan.copy()
    value[usable], squared = sampling.finite_population(
        seq.value[usable],
        seq.standard_error[usable] ** 2,
        total[usable] / n[usable],
        n[usable],
        people[usable],
        person_variance=alpha * variance,
        measurement_variance=(1 - alpha) * variance,
    )
    error[usable] = np.sqrt(squared)
    z, z_error = nan.copy(), nan.copy()
    z[usable], z_error[usable] = norms.standardise(
        value[usable],
        error[usable],
        reference_mean=seq.contrast.reference_mean,
        reference_sd=seq.contrast.reference_sd,
        reference_groups=seq.contrast.reference_groups,
        reference_reliability=seq.contrast.reference_reliability,
    )
    return Known(
        people=people, n=n, value=value, standard_error=error, z=z, z_standard_error=z_error
    )


def _alpha(state: State, entries: Ints, weights: Floats) -> float | None:
    """Return the reliability of one person's SEQ; None where the answers cannot tell it."""
    layer = state.bundle.layers[0]
    columns = state.items[:, state.bundle.columns(layer)]
    alphas = []
    for entry in entries:
        dimension = state.bundle.entries[entry].dimension
        of = [number for number, item in enumerate(layer.items) if item.dimension == dimension]
        within = _within(columns[:, of], state.group)
        if len(of) < _PAIR or len(within) < ENOUGH or bool((within.std(axis=0) == 0).any()):
            return None
        alphas.append(reliability.cronbach_alpha(within).value)
    block = state.moments.within[np.ix_(entries, entries)]
    found = reliability.composite(weights, block, np.array(alphas))
    return found if 0 < found <= 1 else None


def _within(answers: Floats, group: Ints) -> Floats:
    """Return complete answers of people beside others, less the mean of their relationship."""
    whole = ~np.isnan(answers).any(axis=1)
    answers, group = answers[whole], group[whole]
    n = np.bincount(group)
    mean = (
        np.column_stack([np.bincount(group, column) for column in answers.T])
        / np.maximum(n, 1)[:, None]
    )
    beside = n[group] >= _PAIR
    return answers[beside] - mean[group[beside]]
