"""How well the method does in a world it was not made for, and beside plain means.

The world breaks what the model assumes: true scores are skewed, answers are points of a scale with
a ceiling, functions are biased, relationships differ in noise, one answer in ten is missing, six
people in a hundred answer without reading. The method estimates its own reference from the answers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from surveyapp.scoring.arrays import Bools, Floats, Ints
from surveyapp.scoring.intent import calibration
from surveyapp.scoring.items import careless, rescale
from surveyapp.scoring.levels import probabilities
from surveyapp.scoring.norms import SEED_SHARES, reference_spread, standardise
from surveyapp.scoring.state import estimate_moments, posterior

PEOPLE: Final = (1, 2, 3, 5, 10)
"""Respondents of a relationship, equally often each."""
DIMENSIONS: Final = 8
ITEMS: Final = 3
POINTS: Final = 7
_SEQ: Final = np.array([0.6, 0.4, 0, 0, 0, 0, 0, 0])
_REVERSED: Final = np.tile([False, False, True], DIMENSIONS)
_FACT_LOADINGS: Final = np.array([0.65, 0.60])
_FACT_NOISE: Final = 0.25
_LEVEL_OF_INTERVAL: Final = 0.90
_NORMAL_REACH: Final = 1.6448536269514722
_HALO: Final = 0.95
"""SD of what one person adds to every answer, in SD of the relationships' general state. With it a
plain mean of one, three and ten people is about 1.4, .85 and .47 SD off."""
_IDLE: Final = 0.06
"""Share of people who answer without reading."""
_MISSING: Final = 0.10
"""Share of answers not given."""
_CENSUS: Final = 300
"""People asked in a relationship to know the truth of it."""


@dataclass(frozen=True, slots=True)
class Performance:
    """How one method did at one number of respondents; all in SD of the true scores."""

    method: str
    respondents: str
    """A number, or "all"."""
    relationships: int
    rmse: float
    wrong_level: float
    """Share whose likeliest level is not the true one."""
    coverage: float
    """Share of 90% intervals that hold the truth; NaN where there is no interval."""
    width: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a simulated programme showed."""

    table: tuple[Performance, ...]
    """Methods "plain mean", "model" and "model with facts", by respondents and over all."""
    shares: Floats
    """(2, levels): true shares of the levels, and the mean of their probabilities with facts."""
    at_risk: Floats
    """(10, 3): predicted and observed share at risk and n, by tenths of the probability."""
    flagged: float
    """Share of respondents set aside as careless."""


@dataclass(frozen=True, slots=True)
class _World:
    answers: Floats
    """(respondents, items) printed points."""
    group: Ints
    people: Ints
    """(relationships,)"""
    facts: Floats
    """(relationships, facts) observed, on the z scale."""
    truth: Floats
    """(relationships,) true SEQ, 0..100."""


def simulate(
    relationships: int, rng: np.random.Generator, *, is_hostile: bool = True
) -> Simulation:
    """Score a simulated programme whose truth is known.

    Parameters
    ----------
    relationships : int
        At least 100; five equal parts have 1, 2, 3, 5 and 10 respondents.
    rng : numpy.random.Generator
        The only source of chance.
    is_hostile : bool
        False leaves out skew, function bias, unequal noise, gaps and careless answers.

    Returns
    -------
    Simulation

    Raises
    ------
    ValueError
        Fewer than 100 relationships.
    """
    if relationships < 100:  # noqa: PLR2004 - ENOUGH_GROUPS, under which nothing is estimated
        raise ValueError(f"A simulation needs 100 relationships or more, not {relationships}.")
    world = _world(relationships, rng, is_hostile=is_hostile)
    scaled = rescale(world.answers, 1, POINTS)
    keyed = np.where(_REVERSED, 100 - scaled, scaled)
    flags = careless(world.answers, reversed_items=_REVERSED)
    vectors = _vectors(np.where(flags[:, None], np.nan, keyed))
    mean, sd = float(world.truth.mean()), float(world.truth.std())
    true_z = (world.truth - mean) / sd
    table = _rows("plain mean", world, _plain(_vectors(keyed), world, mean, sd), true_z)
    bare = _scored(vectors, world, np.empty((relationships, 0)), mean, sd)
    table += _rows("model", world, bare, true_z)
    informed = _scored(vectors, world, world.facts, mean, sd)
    table += _rows("model with facts", world, informed, true_z)
    level = np.digitize(true_z, SEED_SHARES.cuts)
    true_shares = np.bincount(level, minlength=informed.levels.shape[1]) / relationships
    risk = np.clip(informed.levels[:, :2].sum(axis=1), 0.0, 1.0)
    return Simulation(
        table=tuple(table),
        shares=np.vstack([true_shares, informed.levels.mean(axis=0)]),
        at_risk=calibration(risk, (level < 2).astype(np.int64)),  # noqa: PLR2004 - two levels at risk
        flagged=float(flags.mean()),
    )


def _world(relationships: int, rng: np.random.Generator, *, is_hostile: bool) -> _World:
    people = np.resize(np.array(PEOPLE), relationships)
    general = rng.standard_normal(relationships)
    if is_hostile:
        # mean 0, SD 1, skew -.9: a tail of bad relationships
        general = (4.9 - rng.gamma(4.9, 1.0, relationships)) / np.sqrt(4.9)
    own = rng.standard_normal((relationships, DIMENSIONS))
    state = np.sqrt(0.8) * general[:, None] + np.sqrt(0.2) * own
    noise = (
        np.exp(0.3 * rng.standard_normal(relationships)) if is_hostile else np.ones(relationships)
    )
    group = np.repeat(np.arange(relationships), people)
    answers = _answers(state, noise, group, rng, is_hostile=is_hostile)
    if is_hostile:
        answers = _spoilt(answers, rng)
    facts = general[:, None] * _FACT_LOADINGS
    facts = facts + rng.standard_normal(facts.shape) * np.sqrt(1 - _FACT_LOADINGS**2)
    facts = facts + rng.standard_normal(facts.shape) * np.sqrt(_FACT_NOISE)
    truth = np.empty(relationships)
    for start in range(0, relationships, 100):
        part = np.arange(start, min(start + 100, relationships))
        census = np.repeat(part, _CENSUS)
        seen = rescale(_answers(state, noise, census, rng, is_hostile=is_hostile), 1, POINTS)
        seq = _vectors(np.where(_REVERSED, 100 - seen, seen)) @ _SEQ
        truth[part] = seq.reshape(part.size, _CENSUS).mean(axis=1)
    return _World(answers, group, people.astype(np.int64), facts, truth)


def _answers(
    state: Floats, noise: Floats, group: Ints, rng: np.random.Generator, *, is_hostile: bool
) -> Floats:
    """Points printed on a seven-point scale with a ceiling."""
    n = group.size
    bias = rng.choice([-0.5, 0.0, 0.3], n) if is_hostile else np.zeros(n)
    halo = _HALO * rng.standard_normal((n, 1))
    seen = (
        state[group]
        + bias[:, None]
        + noise[group, None] * (halo + 0.8 * rng.standard_normal((n, DIMENSIONS)))
    )
    felt = np.repeat(seen, ITEMS, axis=1) + 0.9 * rng.standard_normal((n, DIMENSIONS * ITEMS))
    keyed = np.clip(np.rint(5.2 + felt), 1, POINTS)
    printed: Floats = np.where(_REVERSED, POINTS + 1 - keyed, keyed)
    return printed


def _spoilt(answers: Floats, rng: np.random.Generator) -> Floats:
    n, items = answers.shape
    idle = np.less(rng.random(n), _IDLE)
    straight = np.repeat(rng.integers(1, POINTS + 1, (n, 1)), items, axis=1)
    random = rng.integers(1, POINTS + 1, (n, items))
    thoughtless = np.where(rng.integers(0, 2, (n, 1)) == 0, straight, random)
    spoilt = np.where(idle[:, None], thoughtless, answers).astype(np.float64)
    spoilt[rng.random(spoilt.shape) < _MISSING] = np.nan
    return spoilt


def _vectors(keyed: Floats) -> Floats:
    """Respondent vectors: means of answers less their item's mean, from half the items up."""
    told = ~np.isnan(keyed)
    filled = np.where(told, keyed, 0.0)
    item_mean = filled.sum(axis=0) / np.maximum(told.sum(axis=0), 1)
    by_item = np.where(told, keyed - item_mean, 0.0).reshape(-1, DIMENSIONS, ITEMS)
    count = told.reshape(-1, DIMENSIONS, ITEMS).sum(axis=2)
    level = item_mean.reshape(DIMENSIONS, ITEMS).mean(axis=1)
    vectors = by_item.sum(axis=2) / np.maximum(count, 1) + level
    return np.where(2 * count >= ITEMS, vectors, np.nan)


@dataclass(frozen=True, slots=True)
class _Scores:
    z: Floats
    low: Floats
    high: Floats
    levels: Floats


def _plain(vectors: Floats, world: _World, mean: float, sd: float) -> _Scores:
    """Mean of the people's SEQ with its t interval, on the true bell curve."""
    told = ~np.isnan(vectors[:, :2]).any(axis=1)
    seq = np.where(told, np.nan_to_num(vectors) @ _SEQ, 0.0)
    size = world.people.size
    n = np.bincount(world.group, told, minlength=size)
    average = np.bincount(world.group, seq, minlength=size) / np.maximum(n, 1)
    squares = np.bincount(world.group, told * (seq - average[world.group]) ** 2, minlength=size)
    error = np.sqrt(squares / np.maximum(n - 1, 1) / np.maximum(n, 1))
    reach = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.95) * error, np.nan) / sd
    z = np.where(n > 0, (average - mean) / sd, np.nan)
    levels = np.eye(len(SEED_SHARES.cuts) + 1)[np.digitize(np.nan_to_num(z), SEED_SHARES.cuts)]
    return _Scores(z, z - reach, z + reach, levels)


def _scored(vectors: Floats, world: _World, facts: Floats, mean: float, sd: float) -> _Scores:
    """Posterior with an own reference, read on the true bell curve for the comparison of scores."""
    size, extra = facts.shape
    people = np.hstack([vectors, np.full((vectors.shape[0], extra), np.nan)])
    known = np.hstack([np.full((size, DIMENSIONS), np.nan), facts])
    y = np.vstack([people, known])
    noise = np.full(y.shape, np.nan)
    noise[len(people) :, DIMENSIONS:] = _FACT_NOISE
    group = np.concatenate([world.group, np.arange(size)])
    moments = estimate_moments(y, group, size, noise=noise)
    c = np.append(_SEQ, np.zeros(extra))
    value, error = posterior(y, group, size, moments, noise=noise).contrast(c)
    own_mean, own_sd = reference_spread(moments, c)
    z, s = standardise(value, error, reference_mean=own_mean, reference_sd=own_sd)
    true_scale, reach = (value - mean) / sd, _NORMAL_REACH * error / sd
    levels = probabilities(z, s, SEED_SHARES.cuts)
    return _Scores(true_scale, true_scale - reach, true_scale + reach, levels)


def _rows(method: str, world: _World, scores: _Scores, truth: Floats) -> list[Performance]:
    level = np.digitize(truth, SEED_SHARES.cuts)
    rows = []
    for n in (*PEOPLE, None):
        chosen: Bools = np.isfinite(scores.z) & ((world.people == n) if n else world.people > 0)
        bounded = chosen & np.isfinite(scores.low)
        inside = (scores.low <= truth) & (truth <= scores.high)
        nothing = float("nan")
        rows.append(
            Performance(
                method=method,
                respondents=str(n) if n else "all",
                relationships=int(chosen.sum()),
                rmse=float(np.sqrt(((scores.z - truth)[chosen] ** 2).mean())),
                wrong_level=float((scores.levels.argmax(axis=1) != level)[chosen].mean()),
                coverage=float(inside[bounded].mean()) if bounded.any() else nothing,
                width=float((scores.high - scores.low)[bounded].mean())
                if bounded.any()
                else nothing,
            )
        )
    return rows
