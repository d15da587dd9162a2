"""From a run's input to its numbers: nothing but the bundle goes in, so a replay is the same."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from surveyapp.questionnaires.encoding import PARTS_A_POINT
from surveyapp.scoring import levels, norms
from surveyapp.scoring.moments import Moments
from surveyapp.scoring.state import Posterior, posterior
from surveyapp.services.score_bundles import Bundle

Floats = NDArray[np.float64]
LEVELS: Final = ("Antagonistic", "Transactional", "Predisposed", "Trusted Advisor")
_NOBODY: Final = norms.Basis(
    is_assumed=True, is_split_assumed=True, n_groups=0, reason="nobody has answered"
)
_MIDPOINT: Final = 50.0
"""Middle of every answer scale on 0..100: the absolute anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measure over all relationships, in the bundle's order."""

    measure: str
    dimension: str
    n: list[int]
    value: Floats
    standard_error: Floats
    z: Floats
    z_standard_error: Floats
    reference_mean: float
    reference_sd: float
    probabilities: Floats | None = None
    calls: list[str] | None = None
    labels: list[str] | None = None
    below_midpoint: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Everything a run finds."""

    measures: list[Measured]
    is_assumed: bool
    summary: dict[str, Any]
    """Printed with the results: level names, cuts, why assumed, the model's parameters."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What every measure of one run shares."""

    bundle: Bundle
    state: Posterior
    reference: Moments
    group: NDArray[np.int64]
    answered: NDArray[np.bool_]

    def people(self, counted: NDArray[np.bool_]) -> list[int]:
        """Count respondents by relationship."""
        n = np.bincount(self.group[counted], minlength=len(self.bundle.relationships))
        return [int(count) for count in n]


def compute(bundle: Bundle) -> Computed:
    """Score every relationship of a bundle by method ``state/1``."""
    size, groups = len(bundle.dimensions), len(bundle.relationships)
    group = np.array([row[0] for row in bundle.vectors], dtype=np.int64)
    y = _points(bundle, size)
    reference = norms.assumed_reference(size)
    moments, basis = reference, _NOBODY
    state = _silence(reference, groups)
    if bundle.vectors:
        moments, basis = norms.prior(y, group, groups, reference)
        state = posterior(y, group, groups, moments)
    run = _Run(bundle, state, reference, group, ~np.isnan(y))
    cut_set = norms.CUT_SETS[bundle.cut_set]
    measures = [_seq(run, cut_set), *(_dimension(run, position) for position in range(size))]
    return Computed(
        measures=measures,
        is_assumed=basis.is_assumed,
        summary={
            "level_names": list(LEVELS),
            "cuts": list(cut_set.cuts),
            "cut_set": f"{cut_set.name} {cut_set.version}",
            "reason": basis.reason,
            "model": _described(moments),
            "reference": {
                f"{each.measure}:{each.dimension}": [each.reference_mean, each.reference_sd]
                for each in measures
            },
        },
    )


def _silence(reference: Moments, groups: int) -> Posterior:
    """What is known when nobody answered: the reference, its mean not quite sure either."""
    covariance = reference.between + reference.mean_covariance
    return Posterior(
        np.tile(reference.mean, (groups, 1)), covariance[np.newaxis], np.zeros(groups, np.int64)
    )


def _points(bundle: Bundle, size: int) -> Floats:
    rows = [[np.nan if entry is None else entry for entry in row[1:]] for row in bundle.vectors]
    return np.array(rows, dtype=np.float64).reshape(len(rows), size) / PARTS_A_POINT


def _seq(run: _Run, cut_set: norms.CutSet) -> Measured:
    weights = np.array([run.bundle.seq.get(each["id"], 0.0) for each in run.bundle.dimensions])
    # climate answers inform SEQ through the covariances, so whoever answered anything counts
    spoke: NDArray[np.bool_] = np.any(run.answered, axis=1)
    n = run.people(spoke)
    plain = _measure(run, weights, measure="seq", dimension="", n=n)
    probabilities = levels.probabilities(plain.z, plain.z_standard_error, cut_set.cuts)
    return replace(
        plain,
        probabilities=probabilities,
        calls=list(levels.call(probabilities)),
        labels=levels.label(probabilities, LEVELS),
        below_midpoint=_below_midpoint(run.bundle, run.state),
    )


def _dimension(run: _Run, position: int) -> Measured:
    described = run.bundle.dimensions[position]
    unit = np.zeros(len(run.bundle.dimensions))
    unit[position] = 1.0
    n = run.people(run.answered[:, position])
    return _measure(run, unit, measure=described["kind"], dimension=described["id"], n=n)


def _below_midpoint(bundle: Bundle, state: Posterior) -> Floats:
    """P(true attitude below the middle of the answer scale), per relationship."""
    engagement = [each["id"] for each in bundle.dimensions if each["kind"] == "engagement"]
    wanted = "attitude" if "attitude" in engagement else engagement[0]
    unit = np.array([1.0 if each["id"] == wanted else 0.0 for each in bundle.dimensions])
    value, error = state.contrast(unit)
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


def _measure(
    run: _Run, contrast: Floats, *, measure: str, dimension: str, n: list[int]
) -> Measured:
    value, error = run.state.contrast(contrast)
    mean, spread = norms.reference_spread(run.reference, contrast)
    z, z_error = norms.standardise(value, error, reference_mean=mean, reference_sd=spread)
    return Measured(
        measure=measure,
        dimension=dimension,
        n=n,
        value=value,
        standard_error=error,
        z=z,
        z_standard_error=z_error,
        reference_mean=mean,
        reference_sd=spread,
    )


def _described(moments: Moments) -> dict[str, Any]:
    return {
        "mean": moments.mean.tolist(),
        "between": moments.between.tolist(),
        "within": moments.within.tolist(),
        "relationships": moments.n_groups,
    }
