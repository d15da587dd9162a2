"""The one posterior of a run: answers of all views and waves, and facts, under one prior."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surveyapp.questionnaires.encoding import PARTS_A_POINT
from surveyapp.scoring import items, norms
from surveyapp.scoring.state import (
    Moments,
    Posterior,
    function_offsets,
    posterior,
    posterior_crossed,
)
from surveyapp.services import score_references
from surveyapp.services.score_bundles import MISSING, NOBODY, Bundle, Table
from surveyapp.services.score_entries import NOW, Layer
from surveyapp.services.score_references import Reference

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENOUGH_FOR_OFFSETS: Final = 30
"""Relationships in which people of a function answered beside another one's, from which its offset is
estimated: from fewer it would be chance."""
ENOUGH_RATERS: Final = 10
"""Raters of several relationships from which their leniency is estimated."""
_MOST_RATERS: Final = 1000
"""The crossed model costs the cube of their number."""
_NOBODY: Final = norms.Basis(
    is_assumed=True, is_split_assumed=False, n_groups=0, reason="nobody has answered"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the numbers of a run are read from."""

    bundle: Bundle
    entries: list[str]
    """Names: perceptions, then facts."""
    answers: Floats
    """(rows, perception entries), points, careless answers out; as given, no offset taken off."""
    items: Floats
    """(rows, questions), points, careless answers out."""
    group: Ints
    """(rows,)"""
    careless: dict[str, Ints]
    """Rows left out as careless, by layer."""
    offsets: Floats
    """(functions, perception entries)"""
    raters: int
    """Raters whose leniency was taken off."""
    has_fact: Bools
    """(relationships, facts)"""
    reference: Moments
    references: dict[str, Reference]
    moments: Moments
    basis: norms.Basis
    posterior: Posterior

    @property
    def size(self) -> int:
        """Count the relationships."""
        return len(self.bundle.relationships)

    def weights(self, weights: Mapping[str, float]) -> Floats:
        """Turn weights by entry into a contrast."""
        return np.array([weights.get(entry, 0.0) for entry in self.entries])

    def spoke(self, entries: list[int]) -> Bools:
        """Tell which rows hold an answer to any of these entries."""
        told: Bools = np.any(~np.isnan(self.answers[:, entries]), axis=1)
        return told

    def people(self, spoke: Bools) -> Ints:
        """Count the rows of each relationship for which something holds."""
        return np.bincount(self.group[spoke], minlength=self.size).astype(np.int64)


def build(bundle: Bundle) -> State:
    """Make the posterior of a bundle."""
    group = bundle.relationship.astype(np.int64)
    answers, asked, careless = _without_careless(bundle)
    offsets = _offsets(bundle, answers, group)
    y, raters = _levelled(bundle, answers, offsets, group)
    facts = bundle.state_facts()
    names = [each.id for each in bundle.entries]
    kpis = [f"kpi/{each.kpi}" for each in facts.entries] if facts else []
    stacked, groups, noise = y, group, None
    has_fact = np.zeros((len(bundle.relationships), len(kpis)), dtype=np.bool_)
    if facts and kpis:
        values, of, known = facts.arrays()
        stacked = np.block(
            [
                [y, np.full((len(y), len(kpis)), np.nan)],
                [np.full((len(of), len(names)), np.nan), values],
            ]
        )
        noise = np.full_like(stacked, np.nan)
        noise[len(y) :, len(names) :] = known
        groups = np.concatenate([group, of])
        has_fact[of] = ~np.isnan(values)
    size = len(bundle.relationships)
    # a set frozen from this very wave is what it is read against, but no prior knowledge of it
    before = {view: each for view, each in bundle.references.items() if each.wave != bundle.slug}
    start = score_references.of_state(bundle.entries, kpis, before)
    moments, basis = _prior(stacked, groups, size, start, noise)
    return State(
        bundle=bundle,
        entries=[*names, *kpis],
        answers=answers,
        items=asked,
        group=group,
        careless=careless,
        offsets=offsets,
        raters=raters,
        has_fact=has_fact,
        reference=score_references.of_state(bundle.entries, kpis, bundle.references),
        references=bundle.references,
        moments=moments,
        basis=basis,
        posterior=_posterior(stacked, groups, size, moments, noise),
    )


def _without_careless(bundle: Bundle) -> tuple[Floats, Floats, dict[str, Ints]]:
    """Return answers and items in points, those of careless people missing, and whose these are."""
    answers = np.where(bundle.vectors == MISSING, np.nan, bundle.vectors / PARTS_A_POINT)
    asked = np.where(bundle.items == MISSING, np.nan, bundle.items / PARTS_A_POINT)
    left_out = {}
    for layer in bundle.layers:
        columns = bundle.columns(layer)
        flagged = np.flatnonzero(_careless(layer, asked[:, columns]))
        asked[flagged, columns] = np.nan
        of_layer = [
            number
            for number, entry in enumerate(bundle.entries)
            if (entry.view, entry.when) == (layer.view, layer.when)
        ]
        answers[flagged[:, None], of_layer] = np.nan
        left_out[f"{layer.view}/{layer.when}"] = flagged.astype(np.int64)
    return answers, asked, left_out


def _careless(layer: Layer, scores: Floats) -> Bools:
    rating = np.array([item.is_rating for item in layer.items], dtype=np.bool_)
    reverse = np.array([item.reverse for item in layer.items], dtype=np.bool_)[rating]
    if not len(scores) or not rating.any():
        return np.zeros(len(scores), dtype=np.bool_)
    keyed = scores[:, rating]
    # to the parts they are stored in: 100 - 16.6667 is not quite 83.3333, and the same point must be
    printed = np.where(reverse, 100.0 - keyed, keyed).round(4)
    return items.careless(printed, reversed_items=reverse)


def _offsets(bundle: Bundle, answers: Floats, group: Ints) -> Floats:
    """Return what each function gives more or less; 0 for those that too few relationships tell."""
    none = np.zeros((len(bundle.functions), len(bundle.entries)))
    known = (bundle.function != NOBODY) & ~np.isnan(answers).all(axis=1)
    told = _told_functions(group[known], bundle.function[known], len(bundle.functions))
    known &= np.isin(bundle.function, np.flatnonzero(told))
    if told.sum() < 2:  # noqa: PLR2004 a difference takes two
        return none
    function = bundle.function[known].astype(np.int64)
    # the published mix: the functions as they answered, one row each
    mix = np.bincount(function, minlength=len(bundle.functions)).astype(np.float64)
    return function_offsets(answers[known], group[known], function, len(bundle.relationships), mix)


def _told_functions(group: Ints, function: Table, count: int) -> Bools:
    """Tell which functions meet another one in enough relationships."""
    pairs = np.unique(np.column_stack([group, function]), axis=0)
    beside = np.bincount(pairs[:, 0])[pairs[:, 0]] > 1
    met: Bools = np.bincount(pairs[beside, 1], minlength=count) >= ENOUGH_FOR_OFFSETS
    return met


def _levelled(bundle: Bundle, answers: Floats, offsets: Floats, group: Ints) -> tuple[Floats, int]:
    """Take off what functions and much-asked raters give in general."""
    y = answers.copy()
    known = bundle.function != NOBODY
    y[known] -= offsets[bundle.function[known]]
    raters = int(bundle.rater.max(initial=NOBODY)) + 1
    if not ENOUGH_RATERS <= raters <= _MOST_RATERS:
        return y, 0
    rows = bundle.rater != NOBODY
    rater = bundle.rater[rows].astype(np.int64)
    places, code = np.unique(group[rows], return_inverse=True)
    for number, entry in enumerate(bundle.entries):
        values = y[rows, number]
        told = values[~np.isnan(values)]
        if entry.when == NOW and told.size > raters and float(np.ptp(told)) > 0:
            found = posterior_crossed(values, code.astype(np.int64), rater, places.size, raters)
            y[rows, number] -= found.rater_effect[rater]
    return y, raters


def _prior(
    y: Floats, group: Ints, size: int, reference: Moments, noise: Floats | None
) -> tuple[Moments, norms.Basis]:
    if np.isnan(y).all():
        return reference, _NOBODY
    return norms.prior(y, group, size, reference, noise=noise)


def _posterior(
    y: Floats, group: Ints, size: int, moments: Moments, noise: Floats | None
) -> Posterior:
    if not np.isnan(y).all():
        return posterior(y, group, size, moments, noise=noise)
    # nobody answered: the reference is known, its mean not quite surely either
    covariance = moments.between + moments.mean_covariance
    entries = moments.mean.size
    return Posterior(
        np.tile(moments.mean, (size, 1)),
        covariance[np.newaxis],
        np.zeros(size, np.int64),
        np.eye(entries)[np.newaxis],
    )
