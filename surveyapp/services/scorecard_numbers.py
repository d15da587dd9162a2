"""Numbers of a run as a card prints them: T scores and points with their 90% bar."""

from statistics import NormalDist
from typing import Final

from surveyapp.reports import context as said
from surveyapp.services.results import CONFIDENCE
from surveyapp.services.run_files import Number

_HALF_WIDTH: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_MEAN: Final = 50.0
_SPREAD: Final = 10.0


def score(number: Number) -> said.Score:
    """Return an estimate on the reference's scale."""
    width, width_z = _HALF_WIDTH * number.standard_error, _HALF_WIDTH * number.z_standard_error
    return said.Score(
        value=_MEAN + _SPREAD * number.z,
        low=_MEAN + _SPREAD * (number.z - width_z),
        high=_MEAN + _SPREAD * (number.z + width_z),
        points=number.value,
        points_low=number.value - width,
        points_high=number.value + width,
        n=number.n,
    )


def interval(number: Number) -> said.Interval:
    """Return an estimate's T score with its bar only."""
    whole = score(number)
    return said.Interval(value=whole.value, low=whole.low, high=whole.high)


def size(number: Number) -> float:
    """Return a difference in T: 0 is none."""
    return _SPREAD * number.z


def difference(number: Number) -> said.Interval:
    """Return a difference in T with its bar."""
    width = _SPREAD * _HALF_WIDTH * number.z_standard_error
    value = size(number)
    return said.Interval(value=value, low=value - width, high=value + width)
