"""Means over relationships, from a run's arrays: what roll-ups and the movement of a portfolio rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from surveyapp.reports import context as said
from surveyapp.scoring import levels, norms
from surveyapp.services.results import CONFIDENCE
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_contrasts import Contrast

_HALF_WIDTH: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_MEAN: Final = 50.0
_SPREAD: Final = 10.0


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of one number over some relationships, with the error they share."""

    value: float
    """In points."""
    standard_error: float
    contrast: Contrast
    relationships: int

    @property
    def z(self) -> tuple[float, float]:
        """The same on the reference's curve, with its error."""
        z, error = norms.standardise(
            np.array([self.value]),
            np.array([self.standard_error]),
            reference_mean=self.contrast.reference_mean,
            reference_sd=self.contrast.reference_sd,
            reference_groups=self.contrast.reference_groups,
            reference_reliability=self.contrast.reference_reliability,
        )
        return float(z[0]), float(error[0])

    @property
    def interval(self) -> said.Interval:
        """A T score with its bar; a difference in T where it is one."""
        z, error = self.z
        value = (0.0 if self.contrast.is_difference else _MEAN) + _SPREAD * z
        width = _SPREAD * _HALF_WIDTH * error
        return said.Interval(value=value, low=value - width, high=value + width)

    @property
    def p(self) -> float:
        """Two-sided chance of a difference as large, were there none."""
        if self.standard_error == 0.0:
            return float(self.value == 0.0)
        return 2.0 * NormalDist().cdf(-abs(self.value / self.standard_error))


def mean(file: RunFile, positions: Sequence[int], name: str = "seq") -> Mean:
    """Return the mean of SEQ, or of its change, over relationships that each count the same."""
    value, error = file.rollup(positions, name=name)
    return Mean(value, error, file.contrasts[name], len(positions))


def before(now: Mean, change: Mean) -> Mean:
    """Return where a group stood: its mean now less its change, on the same curve."""
    step = change.value * now.contrast.reference_sd / change.contrast.reference_sd
    return Mean(now.value - step, now.standard_error, now.contrast, now.relationships)


def former_mix(file: RunFile, positions: Sequence[int], cuts: Sequence[float]) -> tuple[float, ...]:
    """Return the mean probability of each level in the last wave, as it is seen now."""
    last = file.numbers("last")[list(positions)]
    chances = levels.probabilities(last[:, 2], last[:, 3], cuts)
    return tuple(float(share) for share in chances.mean(axis=0))
