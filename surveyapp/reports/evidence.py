"""What a PDF carries so that its numbers can be made again: estimates and counts, never answers.

Numbers only, no names. What disclosure rules hide from the page is not in here either.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import fsum, sqrt
from typing import Final, Literal, Self

from pydantic import TypeAdapter, ValidationError

from surveyapp.errors import Invalid
from surveyapp.reports.context.parts import require, strict

FORMAT: Final = "surveyapp-evidence/1"


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The curve a number is read on: T = 50 + 10 (value - mean) / sd."""

    mean: float
    sd: float
    groups: int | None = None
    """Relationships the reference was estimated from; None for assumed constants."""
    reliability: float | None = None
    """ICC(1,n) of those relationships."""
    is_difference: bool = False
    """A difference of two numbers: T = 10 value / sd."""

    def __post_init__(self) -> None:
        require(when=self.sd > 0, message="a reference needs a positive spread")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A number made from the posterior: weights times its entries."""

    weights: Mapping[str, float]
    scale: Scale
    n: int = 0
    """People whose answers count in it."""

    @property
    def is_plain(self) -> bool:
        """Whether it is one entry as it is."""
        return [*self.weights.values()] == [1.0]


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A number with its error, where a file carries that instead of the posterior."""

    value: float
    standard_error: float
    scale: Scale
    n: int = 0


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far people lie apart, which no posterior says: a statistic of their answers."""

    found: float
    """Standard deviation, in points."""
    usual: float
    n: int


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class DriversEvidence:
    """What the shares of a portfolio's drivers are made from."""

    covariance: tuple[float, ...]
    """Of true scores over relationships, lower triangle row by row: dimensions as told, then SEQ."""
    bars: tuple[tuple[float, float], ...]
    """Of each share, from resamples of relationships, which no file carries."""


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One relationship's posterior and the contrasts a card prints; or the numbers of a portfolio."""

    format: Literal["surveyapp-evidence/1"] = FORMAT
    kind: Literal["scorecard", "portfolio"]
    run: str
    bundle_sha256: str
    """Content address of what went into the run."""
    cuts: tuple[float, ...]
    """Between levels, on the reference's z."""
    level_names: tuple[str, ...]
    confidence: float
    """Of every bar."""
    entries: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    covariance: tuple[float, ...] = ()
    """Lower triangle, row by row."""
    contrasts: Mapping[str, Contrast] = field(default_factory=dict)
    estimates: Mapping[str, Estimated] = field(default_factory=dict)
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    """By dimension."""
    p_values: Mapping[str, float] = field(default_factory=dict)
    """Of changes, adjusted over all relationships of the run (Benjamini-Hochberg)."""
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """People asked and answered, deciders asked and answered, by function; or by relationship."""
    drivers: DriversEvidence | None = None
    """None for a scorecard, and where a portfolio says no shares."""

    def __post_init__(self) -> None:
        size = len(self.entries)
        fits = len(self.mean) == size and len(self.covariance) == size * (size + 1) // 2
        require(when=fits, message="mean and covariance need one number for each entry and pair")
        require(when=len(set(self.entries)) == size, message="an entry stands twice")
        used = {entry for contrast in self.contrasts.values() for entry in contrast.weights}
        unknown = sorted(used.difference(self.entries))
        require(when=not unknown, message=f"a contrast uses what is not there: {unknown}")
        require(
            when=len(self.level_names) == len(self.cuts) + 1, message="n cuts make n + 1 levels"
        )

    def contrast(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Return c'm and sqrt(c'Vc)."""
        places = {self.entries.index(entry): weight for entry, weight in weights.items()}
        value = fsum(weight * self.mean[place] for place, weight in places.items())
        variance = fsum(
            one * other * self._covariance(place, beside)
            for place, one in places.items()
            for beside, other in places.items()
        )
        return value, sqrt(max(variance, 0.0))

    def _covariance(self, row: int, column: int) -> float:
        low, high = sorted((row, column))
        return self.covariance[high * (high + 1) // 2 + low]

    def to_json(self) -> bytes:
        """Write it in the one way there is: keys in order, no spaces."""
        said = asdict(self)
        return json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read what ``to_json`` wrote. Raises Invalid."""
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise Invalid(f"evidence.json cannot be read: {place} {problem['msg']}.") from error
