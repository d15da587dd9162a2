"""Where an anonymous answer may be filed: under its relationship and function only among enough people."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from surveyapp.models.accounts import Function


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who was asked: in which relationship, in which function."""

    person: uuid.UUID
    relationship_id: uuid.UUID
    function: Function


@dataclass(frozen=True, slots=True)
class Place:
    """What stays with an answer."""

    relationship_id: uuid.UUID | None
    function: Function | None


NOWHERE = Place(None, None)


@dataclass(frozen=True, slots=True)
class Places:
    """Which relationships and functions stay with answers, such that nothing left over is too small."""

    kept: Mapping[uuid.UUID, frozenset[Function]]
    """Functions that stay, by the relationships that do."""
    spared: uuid.UUID | None
    """A relationship large enough that does not stay: without its people the rest would be too few."""
    has_enough: bool
    """Whether those without a relationship are enough; else their answers cannot be kept at all."""

    @classmethod
    def among(cls, seats: Iterable[Seat], *, minimum: int) -> Self:
        """Work out where the answers of these people may be filed.

        Where people of fewer than ``minimum`` are left over, the smallest group that is large enough
        is left out too, as ``coverage_promise`` does for the counts it tells.
        """
        people: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        functions: defaultdict[uuid.UUID, Counter[Function]] = defaultdict(Counter)
        for seat in seats:
            people[seat.relationship_id].add(seat.person)
            functions[seat.relationship_id][seat.function] += 1
        large = sorted(
            (each for each, there in people.items() if len(there) >= minimum),
            key=lambda each: (len(people[each]), each),
        )
        left = set[uuid.UUID]().union(*(people[each] for each in people.keys() - large))
        spared = large.pop(0) if large and 0 < len(left) < minimum else None
        if spared is not None:
            left |= people[spared]
        return cls(
            {each: _kept(functions[each], minimum) for each in large},
            spared,
            len(left) >= minimum,
        )

    def of(self, seat: Seat) -> Place | None:
        """Say where an answer of somebody goes; None: nowhere, it would name them."""
        functions = self.kept.get(seat.relationship_id)
        if functions is None:
            return NOWHERE if self.has_enough else None
        return Place(seat.relationship_id, seat.function if seat.function in functions else None)


def _kept(asked: Counter[Function], minimum: int) -> frozenset[Function]:
    """Keep functions with enough people, as long as those without one are enough as well."""
    large = sorted(
        (each for each, count in asked.items() if count >= minimum),
        key=lambda each: (asked[each], each.value),
    )
    left = asked.total() - sum(asked[each] for each in large)
    if 0 < left < minimum and large:
        large.pop(0)
    return frozenset(large)
