"""What a portfolio report says beside its relationships: movement, roll-ups, deciders."""

from dataclasses import dataclass
from typing import Literal

from surveyapp.reports.context.detail import Change, Interval
from surveyapp.reports.context.parts import Standing, require, require_distribution, strict

RollupKind = Literal["segment", "product line", "service team", "region"]


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The portfolio beside its last comparable wave."""

    since: str
    """Name of the last wave."""
    compared: int
    """Relationships measured in both waves."""
    change: Interval
    """Mean change of SEQ over these, in T."""
    is_beyond_chance: bool
    mix: tuple[float, ...]
    """Mean probability of each level in the last wave, as it is seen now."""

    def __post_init__(self) -> None:
        require_distribution(self.mix, "the mix of the last wave")
        require(when=self.compared >= 1, message="a movement compares one relationship or more")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class RollupRow:
    """Relationships that share a segment, product line, service team or region, as one number."""

    name: str
    """Empty: the relationships of which it is not stated, or the small groups together."""
    standing: Standing
    asked: int
    """Relationships asked about."""
    measured: int
    """Relationships that entered the number; each counts the same."""
    score: Interval | None = None
    """Mean SEQ, in T; its bar holds what the groups' relationships have in common."""
    change: Change | None = None
    groups: int = 1
    """More than one: so many small groups together."""

    def __post_init__(self) -> None:
        consistent = (self.score is not None) == (self.standing == "shown")
        require(when=consistent, message=f"{self.name}: a score belongs to a shown group only")
        possible = 0 <= self.measured <= self.asked and self.groups >= 1
        require(when=possible, message=f"{self.name}: more measured than asked")
        counted = (self.measured > 0) == (self.score is not None)
        require(when=counted, message=f"{self.name}: a score rests on a relationship")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Every group of one kind, in the order of the table."""

    kind: RollupKind
    rows: tuple[RollupRow, ...]


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """People who decide, counted over the programme."""

    asked: int
    answered: int
    silent_relationships: int
    """Relationships with answers in which deciders were asked and none has answered."""

    def __post_init__(self) -> None:
        possible = 0 <= self.answered <= self.asked and self.silent_relationships >= 0
        require(when=possible, message="more deciders answered than were asked")


@strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Partnership:
    """The partnership index over all relationships: what suppliers say of working with the buyer."""

    score: Interval
    """On a reference of its own."""
    people: int
    suppliers: int

    def __post_init__(self) -> None:
        require(when=0 < self.suppliers <= self.people, message="suppliers answer through people")
