"""Sets that a programme freezes from its own first waves, to read later ones against."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from surveyapp.services import score_questions, score_references
from surveyapp.services.score_entries import NOW, Layer
from surveyapp.services.score_references import ENOUGH_FOR_MEANS, Reference
from surveyapp.services.score_state import State

_LONGEST_NAME: Final = 64


def with_own_sets(
    state: State, *, ever_frozen: Collection[tuple[str, str]] = ()
) -> tuple[State, dict[str, Reference]]:
    """Read a state against sets made of its own wave, for views that have none; return these too.

    They change what it is read against, and nothing it knows. A set that was frozen before, by view
    and name, is not made again.
    """
    made = {
        view: each
        for view, each in _freezable(state).items()
        if (view, each.name) not in ever_frozen
    }
    if not made:
        return state, made
    bundle = replace(state.bundle, references=state.bundle.references | made)
    facts = state.entries[len(bundle.entries) :]
    reference = score_references.of_state(bundle.entries, facts, bundle.references)
    return replace(state, bundle=bundle, references=bundle.references, reference=reference), made


def _freezable(state: State) -> dict[str, Reference]:
    """Return a set of each view that has none, where enough relationships tell it."""
    if state.basis.is_split_assumed:
        return {}
    now = [layer for layer in state.bundle.layers if layer.when == NOW]
    sets = {each.view: _own_set(state, each) for each in now if each.view not in state.references}
    return {view: each for view, each in sets.items() if each is not None}


def _own_set(state: State, layer: Layer) -> Reference | None:
    bundle, moments = state.bundle, state.moments
    of_view = [
        number
        for number, entry in enumerate(bundle.entries)
        if (entry.view, entry.when, entry.is_shared) == (layer.view, NOW, False)
    ]
    people = state.people(state.spoke(of_view))
    people = people[people > 0]
    if people.size < ENOUGH_FOR_MEANS or int(people.max()) == 1:
        return None
    block = np.ix_(of_view, of_view)
    return Reference(
        name=f"own-{bundle.slug}"[:_LONGEST_NAME],
        origin="own",
        wave=bundle.slug,
        wave_name=bundle.wave,
        frozen_on=bundle.on,
        relationships=int(people.size),
        answers_each=float(people.size / (1 / people).sum()),
        dimensions=[bundle.entries[number].dimension for number in of_view],
        mean=moments.mean[of_view].tolist(),
        between=moments.between[block].tolist(),
        within=moments.within[block].tolist(),
        mean_covariance=moments.mean_covariance[block].tolist(),
        questions=score_questions.moments_of(state, layer),
    )
