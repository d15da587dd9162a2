"""Counts by group such that, under a promise, no shown number rests on fewer people than promised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from surveyapp.models.accounts import Function, Influence
from surveyapp.services.coverage_promise import is_enough

_ORDER: Final[dict[Function | Influence, int]] = {
    key: place for place, key in enumerate([*Function, *Influence])
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of one function or influence, or of several that are too small to be told alone."""

    keys: tuple[Function | Influence, ...]
    people: int
    """Different people, which a promise counts; the other counts are parts."""
    deciding_people: int
    other_people: int
    asked: int
    answered: int
    part_way: int | None
    """A section saved and not sent; None where the contract does not tell."""
    deciders_asked: int
    deciders_answered: int
    tells_deciders: bool

    @property
    def share(self) -> float:
        """How much of what was asked is answered."""
        return self.answered / self.asked if self.asked else 0.0

    @property
    def needs_decider(self) -> bool:
        """Whether deciders were asked and none has answered, as far as told."""
        return self.tells_deciders and self.deciders_asked > 0 and not self.deciders_answered

    def without_deciders(self) -> "Group":
        """Leave out who decides."""
        return replace(self, tells_deciders=False)

    def joined(self, other: "Group") -> "Group":
        """Count both as one group; of the people only as many as the larger has: never too many."""
        return replace(
            self,
            keys=self.keys + other.keys,
            people=max(self.people, other.people),
            deciding_people=max(self.deciding_people, other.deciding_people),
            other_people=max(self.other_people, other.other_people),
            asked=self.asked + other.asked,
            answered=self.answered + other.answered,
            part_way=_sum(self.part_way, other.part_way),
            deciders_asked=self.deciders_asked + other.deciders_asked,
            deciders_answered=self.deciders_answered + other.deciders_answered,
        )


def summed(cells: Sequence[Group], *, place: int) -> list[Group]:
    """Add cells up by one of their keys, largest first."""
    found: dict[Function | Influence, Group] = {}
    for cell in cells:
        key = cell.keys[place]
        found[key] = replace(found[key].joined(cell) if key in found else cell, keys=(key,))
    return sorted(found.values(), key=lambda group: (-group.asked, _ORDER[group.keys[0]]))


def pooled(groups: Sequence[Group], minimum: int) -> list[Group]:
    """Join groups under the minimum into one, and the next smallest while that is still too small.

    So the groups sum to the whole and none can be worked out from the others.
    """
    kept = sorted(groups, key=lambda group: (group.people, _ORDER[group.keys[0]]))
    small = [group for group in kept if group.people < minimum]
    kept = [group for group in kept if group.people >= minimum]
    if not small:
        return list(groups)
    pool = small[0]
    for group in small[1:]:
        pool = pool.joined(group)
    while pool.people < minimum and kept:
        pool = pool.joined(kept.pop(0))
    kept.sort(key=lambda group: -group.asked)
    return [*kept, pool]


def with_safe_deciders(groups: Sequence[Group], minimum: int) -> list[Group]:
    """Leave deciders out where they or the others are too few, and where the rest would tell them.

    Where they are left out for some groups, those together must be enough: they follow from the sum.
    """
    hidden = {
        place
        for place, group in enumerate(groups)
        if not (
            is_enough(group.deciding_people, minimum) and is_enough(group.other_people, minimum)
        )
    }
    shown = sorted(set(range(len(groups))) - hidden, key=lambda place: groups[place].people)
    while hidden and shown and not _is_safe([groups[place] for place in hidden], minimum):
        hidden.add(shown.pop(0))
    return [
        group.without_deciders() if place in hidden else group for place, group in enumerate(groups)
    ]


def _sum(some: int | None, more: int | None) -> int | None:
    return None if some is None or more is None else some + more


def _is_safe(groups: Sequence[Group], minimum: int) -> bool:
    deciding = max(group.deciding_people for group in groups)
    others = max(group.other_people for group in groups)
    return is_enough(deciding, minimum) and is_enough(others, minimum)
