"""Every question of a wave: its dimension's estimate, and how far the question lies from it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from surveyapp.scoring import norms
from surveyapp.scoring.moments import Moments
from surveyapp.scoring.state import posterior
from surveyapp.services import score_details
from surveyapp.services.score_contrasts import Read
from surveyapp.services.score_details import Estimates
from surveyapp.services.score_entries import NOW, Entry, Item, Layer
from surveyapp.services.score_references import Reference
from surveyapp.services.score_state import Floats, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Estimates of questions, and the curve each is read against."""

    estimates: Estimates
    scale: Floats
    """(questions, 2): mean and spread of the reference, points."""


def estimate(state: State, layer: Layer, dimensions: Mapping[str, Read]) -> Questions:
    """Estimate every question of a layer.

    A person's answer is the dimension they show and what is particular to the question. The second
    part has a small state of its own; both together are the question. So the questions of a
    dimension lie around it, and a question is read against what people usually answer to it.
    """
    columns, answers = _by_column(state, layer)
    names = [item.id for item in layer.items]
    made = score_details.empty((state.size, len(names)), names)
    scale = np.full((len(names), 2), np.nan)
    frozen = state.references.get(layer.view)
    for number, item in enumerate(layer.items):
        read = dimensions.get(item.dimension)
        if read is None:
            continue
        apart = columns[:, number] - answers[:, _place(state, layer, item)]
        usual = _usual(item, frozen)
        told = ~np.isnan(apart)
        made.n[:, number] = state.people(told)
        own = usual
        if told.any():
            own, _ = norms.prior(
                apart[:, None], state.group, state.size, _before(state, usual, frozen)
            )
            made.is_alike[:, number] = score_details.is_unanimous(
                columns[:, number], state.group, state.size
            )
            found = posterior(apart[:, None], state.group, state.size, own)
            value, error = found.contrast(np.ones(1))
            whole = read.value + value, np.sqrt(read.standard_error**2 + error**2)
        centre = usual if frozen and item.id in frozen.questions else own
        scale[number] = (
            read.contrast.reference_mean + float(centre.mean[0]),
            np.sqrt(read.contrast.reference_sd**2 + float(centre.between[0, 0])),
        )
        if told.any():
            score_details.fill(made, number, whole, *scale[number])
    return Questions(estimates=made, scale=scale)


def _by_column(state: State, layer: Layer) -> tuple[Floats, Floats]:
    """Return a layer's questions and the answers of all entries, each column in one piece.

    They are gone through question by question; row by row each question would touch all memory.
    """
    columns = np.asfortranarray(state.items[:, state.bundle.columns(layer)])
    return columns, np.asfortranarray(state.answers)


def _place(state: State, layer: Layer, item: Item) -> int:
    """Return the entry that holds a question's dimension."""
    wanted = (layer.view, NOW, item.dimension, False)
    return next(
        number for number, entry in enumerate(state.bundle.entries) if _key(entry) == wanted
    )


def _key(entry: Entry) -> tuple[str, str, str, bool]:
    return entry.view, entry.when, entry.dimension, entry.is_shared


def _usual(item: Item, frozen: Reference | None) -> Moments:
    """Return how far answers to a question usually lie from its dimension."""
    if frozen and item.id in frozen.questions:
        mean, between, within, error = frozen.questions[item.id]
        return _moments(mean, between, within, error)
    return norms.assumed_question()


def _before(state: State, usual: Moments, frozen: Reference | None) -> Moments:
    """Return what was known before this wave: nothing of a set frozen from it."""
    is_own = frozen is not None and frozen.wave == state.bundle.slug
    return norms.assumed_question() if is_own else usual


def moments_of(state: State, layer: Layer) -> dict[str, list[float]]:
    """Return what a set keeps of each question: mean, between, within, error of the mean."""
    columns, answers = _by_column(state, layer)
    found = {}
    for number, item in enumerate(layer.items):
        apart = (columns[:, number] - answers[:, _place(state, layer, item)])[:, None]
        if np.isnan(apart).all():
            continue
        own, _ = norms.prior(apart, state.group, state.size, norms.assumed_question())
        parts = (own.mean[0], own.between[0, 0], own.within[0, 0], own.mean_covariance[0, 0])
        found[item.id] = [float(part) for part in parts]
    return found


def _moments(mean: float, between: float, within: float, error: float) -> Moments:
    return Moments(
        mean=np.array([mean]),
        between=np.array([[between]]),
        within=np.array([[within]]),
        mean_covariance=np.array([[error]]),
        n_groups=0,
        identified=True,
    )
