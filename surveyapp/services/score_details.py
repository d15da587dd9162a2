"""What a card says beside contrasts: questions, functions, agreement, and which changes are real."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from surveyapp.scoring import agreement, change
from surveyapp.services.score_bundles import NOBODY, Bundle
from surveyapp.services.score_contrasts import Read
from surveyapp.services.score_entries import NOW, Layer
from surveyapp.services.score_state import Bools, Floats, Ints, State

CHANGE: Final = "change"
FALSE_DISCOVERIES: Final = 0.10
"""Share of changes called real that may be chance, over all relationships of a run."""
FUNCTION_SHARE: Final = 0.25
"""Assumed share of the variance within a relationship that lies between functions."""
SPLIT: Final = 0.95
"""Probability above which people of a relationship are called split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Whether a change is beyond chance, for every relationship."""

    p: Floats
    """Two-sided, from the answers alone (flat prior); 1 where a wave has none."""
    adjusted: Floats
    is_real: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Estimates of several things about every relationship, each (relationships, things)."""

    names: list[str]
    n: Ints
    value: Floats
    standard_error: Floats
    z: Floats
    z_standard_error: Floats
    is_alike: Bools
    """Everybody said the same: under a promise that tells what each of them said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far people of a relationship lie apart, dimension by dimension."""

    names: list[str]
    n: Ints
    found: Floats
    """Standard deviation in points, (relationships, dimensions); NaN under two people."""
    usual: Floats
    """(dimensions,)"""
    split: Floats
    """Probability of a split; NaN under three people."""


def tested(state: State, reads: Mapping[str, Read]) -> dict[str, Tested]:
    """Test every change over all relationships together.

    The test rests on the answers of both waves alone: generalised least squares under a flat prior;
    the size shown comes from the posterior (Model, change). SEQ is one family of tests, all the
    dimensions together another: each holds its own rate of false discoveries over the whole run.
    """
    found = {name: _p(state, each) for name, each in reads.items() if _is_change(name)}
    whole = {name: each for name, each in found.items() if name == CHANGE}
    parts = {name: each for name, each in found.items() if name != CHANGE}
    return _family(whole) | _family(parts)


def _is_change(name: str) -> bool:
    return name.partition(":")[0] == CHANGE


def _p(state: State, read: Read) -> Floats:
    """Return p of a change, two-sided; NaN for relationships that one of the waves did not hear."""
    c = state.weights(read.contrast.weights)[: len(state.bundle.entries)]
    used = np.flatnonzero(c)
    value, error = change.flat_contrast(
        levelled(state)[:, used],
        state.group,
        state.size,
        state.moments.within[np.ix_(used, used)],
        c[used],
    )
    p = 2.0 * ndtr(-np.abs(np.where(np.isfinite(error), value / error, 0.0)))
    return np.where((read.n > 0) & (read.beside > 0), p, np.nan)


def _family(found: Mapping[str, Floats]) -> dict[str, Tested]:
    """Control the rate of false discoveries over all tests of a family that could be made."""
    if not found:
        return {}
    p = np.stack(list(found.values()))
    told = ~np.isnan(p)
    is_real, adjusted = np.zeros(p.shape, dtype=np.bool_), np.ones(p.shape)
    if told.any():
        is_real[told], adjusted[told] = change.benjamini_hochberg(p[told], rate=FALSE_DISCOVERIES)
    return {
        name: Tested(p=np.where(told[n], p[n], 1.0), adjusted=adjusted[n], is_real=is_real[n])
        for n, name in enumerate(found)
    }


def levelled(state: State) -> Floats:
    """Return the answers with what functions give in general taken off."""
    known = state.bundle.function != NOBODY
    y = state.answers.copy()
    y[known] -= state.offsets[state.bundle.function[known]]
    return y


def functions(state: State, seq: Read) -> Estimates:
    """Estimate SEQ as each function sees it: the relationship's, and how far the function is from it.

    A deviation is shrunk to none as far as its few answers leave open: lambda d, with lambda =
    f / (f + (1 - f) / n), f the share of a person's variance that lies between functions (assumed).
    So functions lie around the SEQ they make up together.
    """
    bundle, c = state.bundle, state.weights(seq.contrast.weights)
    used = np.flatnonzero(c)  # climate has no weight: not answered, it must not hide SEQ
    composite = state.answers[:, used] @ c[used]
    variance = float(c @ state.moments.within @ c)
    whole = _mean(composite, state.group, state.size)
    made = empty((state.size, len(bundle.functions)), bundle.functions)
    spoke = ~np.isnan(composite)
    for number in range(len(bundle.functions)):
        rows = spoke & (bundle.function == number)
        if not rows.any():
            continue
        n = made.n[:, number] = state.people(rows)
        made.is_alike[:, number] = _is_alike(state.answers[rows], state.group[rows], state.size)
        own = _mean(np.where(rows, composite, np.nan), state.group, state.size)
        kept = FUNCTION_SHARE / (FUNCTION_SHARE + (1 - FUNCTION_SHARE) / np.maximum(n, 1))
        value = seq.value + kept * np.where(n > 0, own - whole, 0.0)
        error = np.sqrt(seq.standard_error**2 + FUNCTION_SHARE * variance * (1 - kept))
        scale = seq.contrast.reference_mean, seq.contrast.reference_sd
        fill(made, number, (value, error), *scale)
    return made


def _mean(y: Floats, group: Ints, size: int) -> Floats:
    told = ~np.isnan(y)
    n = np.bincount(group[told], minlength=size)
    total = np.bincount(group[told], y[told], minlength=size)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def spread(state: State, layer: Layer) -> Spread:
    """Say how far people of each relationship lie apart, beside what is usual."""
    of_layer = _of_layer(state, layer)
    shape = (state.size, len(of_layer))
    n, found, split = np.zeros(shape, np.int64), np.full(shape, np.nan), np.full(shape, np.nan)
    usual = np.sqrt(np.diag(state.moments.within)[of_layer])
    for place, number in enumerate(of_layer):
        y = state.answers[:, number]
        told = ~np.isnan(y)
        n[:, place] = state.people(told)
        found[:, place] = _deviation(y[told], state.group[told], state.size)
        if told.any():
            split[:, place] = agreement.split_probability(
                y, state.group, state.size, usual_variance=float(usual[place] ** 2)
            )
    names = [state.bundle.entries[number].dimension for number in of_layer]
    return Spread(names=names, n=n, found=found, usual=usual, split=split)


def _deviation(y: Floats, group: Ints, size: int) -> Floats:
    n = np.bincount(group, minlength=size)
    mean = np.bincount(group, y, minlength=size) / np.maximum(n, 1)
    squares = np.bincount(group, (y - mean[group]) ** 2, minlength=size)
    return np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)


def is_unanimous(y: Floats, group: Ints, size: int) -> Bools:
    """Tell where two people or more of a relationship said the same."""
    told = ~np.isnan(y)
    alike: Bools = _deviation(y[told], group[told], size) == 0
    return alike


def _is_alike(y: Floats, group: Ints, size: int) -> Bools:
    """Tell where two people or more of a relationship gave the same in every entry."""
    alike = np.ones(size, dtype=np.bool_)
    for column in y.T:
        told = ~np.isnan(column)
        deviation = _deviation(column[told], group[told], size)
        alike &= np.isnan(deviation) | (deviation == 0)
    return alike & (np.bincount(group, minlength=size) > 1)


def heard(state: State, layer: Layer) -> Ints:
    """Count people by relationship, function and dimension of a layer."""
    of_layer = _of_layer(state, layer)
    counts = np.zeros((state.size, len(state.bundle.functions), len(of_layer)), dtype=np.int64)
    known = state.bundle.function != NOBODY
    function = state.bundle.function.astype(np.int64)
    for place, number in enumerate(of_layer):
        rows = known & ~np.isnan(state.answers[:, number])
        np.add.at(counts[:, :, place], (state.group[rows], function[rows]), 1)
    return counts


def _of_layer(state: State, layer: Layer) -> list[int]:
    return [
        number
        for number, entry in enumerate(state.bundle.entries)
        if (entry.view, entry.when, entry.is_shared) == (layer.view, NOW, False)
    ]


def _of(bundle: Bundle, read: Read) -> list[int]:
    return [
        number for number, entry in enumerate(bundle.entries) if entry.id in read.contrast.entries
    ]


def empty(shape: tuple[int, int], names: list[str]) -> Estimates:
    """Return estimates of which nothing is known yet."""
    nan = [np.full(shape, np.nan) for _ in range(4)]
    return Estimates(
        names=names,
        n=np.zeros(shape, dtype=np.int64),
        value=nan[0],
        standard_error=nan[1],
        z=nan[2],
        z_standard_error=nan[3],
        is_alike=np.zeros(shape, dtype=np.bool_),
    )


def fill(
    made: Estimates, number: int, found: tuple[Floats, Floats], mean: float, sd: float
) -> None:
    """Keep what is known of the relationships that anybody spoke of."""
    heard = made.n[:, number] > 0
    value, error = found
    made.value[heard, number] = value[heard]
    made.standard_error[heard, number] = error[heard]
    made.z[heard, number] = (value[heard] - mean) / sd
    made.z_standard_error[heard, number] = error[heard] / sd
