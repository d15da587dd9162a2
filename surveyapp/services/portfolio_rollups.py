"""Roll-ups of a portfolio: which relationships each group may take together under the contract.

A group is shown when its relationships rest on k people or more and, where k is over 1, are two or
more. Relationships with fewer than k answers enter a group only together with others like them, two or
more with k people; and two groups never take different parts of the same hidden relationships, so that
none follows from their difference.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from surveyapp.models.accounts import Relationship
from surveyapp.reports import context as said
from surveyapp.scoring import change
from surveyapp.services import portfolio_numbers
from surveyapp.services.portfolio_numbers import Mean
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_details import FALSE_DISCOVERIES

OTHERS: Final = "smaller groups together"
"""The name of what small groups make in the evidence of a document."""
_MOST: Final = 8
"""Groups of a kind; the smaller ones beyond stand together."""
_PAIR: Final = 2
_KINDS: Final[Sequence[tuple[said.RollupKind, Callable[[Relationship], str]]]] = (
    ("segment", lambda each: each.segment),
    ("product line", lambda each: each.product_line),
    ("service team", lambda each: each.service_team),
    ("region", lambda each: each.region),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One relationship as roll-ups see it."""

    relationship: Relationship
    position: int
    """In the run's arrays."""
    n: int
    """People whose answers count in SEQ."""
    people: frozenset[uuid.UUID]
    """Who answered; empty where nobody can be told from another."""
    standing: said.Standing
    is_compared: bool
    """Its change since the last wave may be shown."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group and what it may say."""

    kind: said.RollupKind
    name: str
    groups: int
    asked: int
    standing: said.Standing
    taken: Sequence[Member]
    """Relationships in the number."""
    score: Mean | None
    change: Mean | None


@dataclass(frozen=True, slots=True)
class _Shared:
    """Relationships that have something in common."""

    name: str
    groups: int
    members: Sequence[Member]


def groups(file: RunFile, members: Sequence[Member], *, minimum: int) -> list[Group]:
    """Return every group of every kind that tells relationships apart, coldest first in its kind."""
    released: list[frozenset[int]] = []
    found = []
    for kind, of in _KINDS:
        shared = _shared(members, of)
        if len(shared) < _PAIR:
            continue
        made = [_group(file, kind, each, minimum=minimum, released=released) for each in shared]
        found += sorted(made, key=_order)
    return found


def rollups(found: Sequence[Group]) -> tuple[said.Rollup, ...]:
    """Say the groups as a report does; which changes are real is tested over all of them."""
    adjusted = p_values(found)
    rows: defaultdict[said.RollupKind, list[said.RollupRow]] = defaultdict(list)
    for group in found:
        rows[group.kind].append(_row(group, adjusted.get(key(group), 1.0)))
    return tuple(said.Rollup(kind=kind, rows=tuple(told)) for kind, told in rows.items())


def key(group: Group) -> str:
    """Return the name of a group's number in the evidence of a document."""
    return f"rollup:{group.kind}:{group.name}"


def p_values(found: Sequence[Group]) -> Mapping[str, float]:
    """Return the adjusted p of every group's change, by the group's key."""
    moved = [(key(group), group.change.p) for group in found if group.change is not None]
    if not moved:
        return {}
    tested = np.array([p for _, p in moved])
    _, adjusted = change.benjamini_hochberg(tested, rate=FALSE_DISCOVERIES)
    return {name: float(p) for (name, _), p in zip(moved, adjusted, strict=True)}


def _shared(members: Sequence[Member], of: Callable[[Relationship], str]) -> list[_Shared]:
    """Group the members by what they share: the largest groups, the small ones together, the unstated."""
    named: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        named[of(member.relationship).strip()].append(member)
    unstated = named.pop("", [])
    if not named:
        return []
    by_size = sorted(named.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    kept, small = by_size, by_size[:0]
    if len(by_size) > _MOST:
        kept, small = by_size[: _MOST - 1], by_size[_MOST - 1 :]
    shared = [_Shared(name, 1, together) for name, together in kept]
    if small:
        everyone = [each for _, together in small for each in together]
        shared.append(_Shared(OTHERS, len(small), everyone))
    if unstated:
        shared.append(_Shared("", 1, unstated))
    return shared


def _group(
    file: RunFile,
    kind: said.RollupKind,
    shared: _Shared,
    *,
    minimum: int,
    released: list[frozenset[int]],
) -> Group:
    """Say what a group may say; the hidden relationships it takes in are noted as released."""
    together = shared.members
    taken = [each for each in together if each.standing == "shown"]
    hidden = [each for each in together if each.standing == "suppressed" and each.n > 0]
    if _may_join(hidden, minimum, released):
        released.append(_positions(hidden))
        taken += hidden
    compared = [each.position for each in taken if each.is_compared]
    is_shown = bool(taken) and (minimum == 1 or (len(taken) >= _PAIR and _people(taken) >= minimum))
    has_change = is_shown and len(compared) >= (1 if minimum == 1 else _PAIR)
    mean = portfolio_numbers.mean
    return Group(
        kind=kind,
        name=shared.name,
        groups=shared.groups,
        asked=len(together),
        standing="shown" if is_shown else _why_not(together, minimum),
        taken=taken if is_shown else (),
        score=mean(file, [each.position for each in taken]) if is_shown else None,
        change=mean(file, compared, "change") if has_change else None,
    )


def _may_join(hidden: Sequence[Member], minimum: int, released: Sequence[frozenset[int]]) -> bool:
    """Tell whether hidden relationships may enter a group's number, all of them together.

    Sets that are equal or have nothing in common leave nothing to subtract.
    """
    if len(hidden) < _PAIR or _people(hidden) < minimum:
        return False
    these = _positions(hidden)
    return all(these == other or not (these & other) for other in released)


def _positions(members: Sequence[Member]) -> frozenset[int]:
    return frozenset(each.position for each in members)


def _people(members: Sequence[Member]) -> int:
    """Count people who are certainly different: by who they are, else those of the largest."""
    known = len(frozenset().union(*(each.people for each in members)))
    return max(known, *(each.n for each in members))


def _why_not(together: Sequence[Member], minimum: int) -> said.Standing:
    standings = {each.standing for each in together}
    if standings <= {"silent"}:
        return "silent"
    return "suppressed" if minimum > 1 else "unscored"


def _order(group: Group) -> tuple[bool, bool, bool, float, str]:
    """Coldest first; then those without a number, the small ones together, the unstated."""
    value = group.score.value if group.score else 0.0
    return group.name == "", group.groups > 1, group.score is None, value, group.name


def _row(group: Group, p: float) -> said.RollupRow:
    moved = None
    if group.score is not None and group.change is not None:
        moved = said.Change(
            before=portfolio_numbers.before(group.score, group.change).interval.value,
            size=group.change.interval.value,
            is_beyond_chance=p <= FALSE_DISCOVERIES,
        )
    return said.RollupRow(
        name=group.name,
        standing=group.standing,
        asked=group.asked,
        measured=len(group.taken),
        score=group.score.interval if group.score else None,
        change=moved,
        groups=group.groups,
    )


def estimates(found: Sequence[Group]) -> Iterator[tuple[str, Mean]]:
    """Name every number that the rows of roll-ups print, for the evidence of a document."""
    for group in found:
        if group.score is None:
            continue
        yield key(group), group.score
        if group.change is not None:
            yield f"change:{key(group)}", group.change
            yield f"before:{key(group)}", portfolio_numbers.before(group.score, group.change)
