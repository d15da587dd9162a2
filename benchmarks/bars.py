"""What ``make bench`` measures: programs, how long each may take, the figures to reach. The one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final

POSTGRESQL, SQLITE = "postgresql", "sqlite"
BOTH: Final = (POSTGRESQL, SQLITE)
WHOLE_SECONDS: Final = 900
"""All programs together, on two cores with nothing else to do."""
FLAT: Final = 1.3
"""Cost of one unit may grow so many times while the amount grows a hundredfold, and counts as flat."""


class Kind(StrEnum):
    """What a figure is a figure of; decides how much of a difference is noise."""

    CLOCK = "clock"
    TAIL = "tail"
    """The slowest requests, by the clock: a few of them decide."""
    RATIO = "ratio"
    """Of two figures of the same run."""
    PROCESSOR = "processor"
    MEMORY = "memory"
    COUNT = "count"


NOISE: Final[Mapping[Kind, float]] = {
    Kind.CLOCK: 1.25,
    Kind.TAIL: 1.5,
    Kind.RATIO: 1.25,
    Kind.PROCESSOR: 1.15,
    Kind.MEMORY: 1.1,
    Kind.COUNT: 1.0,
}
"""Times that a figure may be worse than last without anything having changed."""
NOISE_WHEN_BUSY: Final[Mapping[Kind, float]] = {
    Kind.CLOCK: inf,
    Kind.TAIL: inf,
    Kind.RATIO: inf,
    Kind.PROCESSOR: 2.0,
    Kind.MEMORY: 1.1,
    Kind.COUNT: 1.0,
}
"""The same beside other programs: they take the clock's time, and with the caches some of the processor's."""


TOO_SMALL: Final[Mapping[str, float]] = {"MB": 5, "ms": 0.5, "s": 0.02, "times": 0.2}
"""By unit: differences that mean nothing, however many times as much they are."""
NEEDS_QUIET: Final = frozenset(kind for kind, noise in NOISE_WHEN_BUSY.items() if noise == inf)
"""Beside other programs these say nothing of ours."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a program tells in ``detail``, on each of these databases."""

    name: str
    key: str
    """In ``detail``; ``{database}`` stands for either, where both are told apart."""
    unit: str
    kind: Kind
    reach: float | Mapping[str, float] | None = None
    """The bar; without one the figure is only compared with the last."""
    is_more_better: bool = False
    databases: tuple[str, ...] = BOTH

    def bar_on(self, database: str) -> float | None:
        """Return the bar on this database."""
        return self.reach.get(database) if isinstance(self.reach, Mapping) else self.reach

    def key_on(self, database: str) -> str:
        """Return the name of the number in ``detail``."""
        return self.key.format(database=database)


@dataclass(frozen=True, slots=True)
class Program:
    """A program under ``benchmarks/``, how it is started, how long it takes on two quiet cores."""

    bar: str
    module: str
    seconds: int
    figures: tuple[Figure, ...]
    arguments: tuple[str, ...] = ()
    size: str = field(default="", kw_only=True)
    """Said beside its figures when it runs smaller than the bar asks; then no bar is held against it."""


GROWTH: Final = (
    *("import", "launch", "answer", "relationships", "people", "wave"),
    *("coverage", "results", "scoring", "scorecard", "export"),
)
"""Operations whose cost for one unit is followed from 1x to 100x."""
