"""From a run's input to its numbers: nothing but the bundle goes in, so a replay is the same."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtr

from surveyapp.scoring import levels
from surveyapp.services import (
    score_contrasts,
    score_details,
    score_drivers,
    score_population,
    score_questions,
    score_references,
)
from surveyapp.services.score_contrasts import Read
from surveyapp.services.score_details import Estimates, Spread, Tested
from surveyapp.services.score_drivers import Drivers
from surveyapp.services.score_entries import BUYER, NOW
from surveyapp.services.score_population import Known
from surveyapp.services.score_questions import Questions
from surveyapp.services.score_state import Floats, Ints, State

LEVELS: Final = ("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor")
_MIDPOINT: Final = 50.0
"""Middle of every answer scale on 0..100: the absolute anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Everything a run finds."""

    state: State
    reads: dict[str, Read]
    """Every named number, SEQ first."""
    tests: dict[str, Tested]
    """Of every change, by its number's name."""
    probabilities: Floats
    """(relationships, levels)"""
    calls: list[str]
    labels: list[str]
    below_midpoint: Floats
    questions: Questions
    functions: Estimates
    spread: Spread
    known: Known
    heard: Ints
    """People, (relationships, functions, dimensions)"""
    drivers: Drivers
    is_assumed: bool
    reference_set: str
    summary: dict[str, Any]
    """Printed with the results: level names, cuts, why assumed, the model's parameters."""


def compute(state: State) -> Computed:
    """Read every number of a state by method ``state/1``."""
    bundle = state.bundle
    reads = {
        contrast.name: score_contrasts.read(state, contrast)
        for contrast in score_contrasts.named(state)
    }
    seq = reads["seq"]
    buyers = bundle.layers[0]
    probabilities = levels.probabilities(seq.z, seq.z_standard_error, bundle.cut_set.cuts)
    return Computed(
        state=state,
        reads=reads,
        tests=score_details.tested(state, reads),
        probabilities=probabilities,
        calls=list(levels.call(probabilities)),
        labels=levels.label(probabilities, LEVELS),
        below_midpoint=_below_midpoint(state),
        questions=score_questions.estimate(state, buyers, _dimensions(reads)),
        functions=score_details.functions(state, seq),
        spread=score_details.spread(state, buyers),
        known=score_population.known(state, seq),
        heard=score_details.heard(state, buyers),
        drivers=score_drivers.drivers(state),
        is_assumed=_is_assumed(state),
        reference_set=score_references.name_of(state.references),
        summary=_summary(state, reads),
    )


def _dimensions(reads: dict[str, Read]) -> dict[str, Read]:
    """Return the numbers of this wave's dimensions, by dimension."""
    kinds = ("engagement", "climate")
    split = {name.partition(":")[::2]: each for name, each in reads.items()}
    return {dimension: each for (kind, dimension), each in split.items() if kind in kinds}


def _is_assumed(state: State) -> bool:
    """A set of the programme's own is no assumption."""
    return state.basis.is_assumed and BUYER not in state.references


def _below_midpoint(state: State) -> Floats:
    """P(true attitude below the middle of the answer scale), per relationship."""
    engagement = [
        entry
        for entry in state.bundle.entries
        if (entry.view, entry.when, entry.is_shared) == (BUYER, NOW, False)
        and entry.kind == "engagement"
    ]
    attitude = [entry for entry in engagement if entry.dimension == "attitude"]
    wanted = (attitude or engagement)[0].id
    value, error = state.posterior.contrast(state.weights({wanted: 1.0}))
    distance = _MIDPOINT - value
    # an error of exactly zero is certainty, on one side or the other
    return np.asarray(
        ndtr(
            np.divide(
                distance,
                error,
                out=np.copysign(np.full_like(value, np.inf), distance),
                where=error > 0,
            )
        )
    )


def _summary(state: State, reads: dict[str, Read]) -> dict[str, Any]:
    bundle, moments = state.bundle, state.moments
    return {
        "level_names": list(LEVELS),
        "cuts": list(bundle.cut_set.cuts),
        "cut_set": f"{bundle.cut_set.name} {bundle.cut_set.version}",
        "weights": dict(bundle.seq),
        **({"rule": bundle.rule} if bundle.rule else {}),
        "reason": state.basis.reason,
        "layers": [
            {
                "view": each.view,
                "when": each.when,
                "wave": each.wave,
                "questionnaire": each.questionnaire,
                "careless": len(state.careless[f"{each.view}/{each.when}"]),
            }
            for each in bundle.layers
        ],
        "references": {
            view: {
                "name": each.name,
                "origin": each.origin,
                "wave": each.wave_name,
                "relationships": each.relationships,
                "frozen_on": each.frozen_on,
            }
            for view, each in state.references.items()
        },
        "facts": [entry for entry in state.entries if entry.startswith("kpi/")],
        "facts_on": bundle.on,
        "raters_levelled": state.raters,
        "offsets": _offsets(state),
        "model": {
            "entries": list(state.entries),
            "mean": moments.mean.tolist(),
            "between": moments.between.tolist(),
            "within": moments.within.tolist(),
            "relationships": moments.n_groups,
        },
        "reference": {
            _key(name): [each.contrast.reference_mean, each.contrast.reference_sd]
            for name, each in reads.items()
        },
    }


def _key(name: str) -> str:
    """Name a number as ``measure:dimension``."""
    return name if ":" in name else f"{name}:"


def _offsets(state: State) -> dict[str, list[float]]:
    """Return what each function gives more or less in SEQ's view, where it was estimated."""
    return {
        function: state.offsets[number].tolist()
        for number, function in enumerate(state.bundle.functions)
        if state.offsets[number].any()
    }
