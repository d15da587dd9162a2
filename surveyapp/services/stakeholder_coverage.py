"""Who stands where over all relationships: each function of each side, and where one is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select, true
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Function, Influence, Relationship, Side, Stakeholder
from surveyapp.models.programmes import Programme
from surveyapp.services import access, relationships, stakeholders
from surveyapp.services.programme_rules import expected_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLine:
    """One function on one side."""

    function: Function
    people: int
    deciders: int
    relationships: int
    """That have somebody in it."""
    is_expected: bool
    missing: int
    """Relationships that have nobody in it, though somebody is expected; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLines:
    """All functions of one side."""

    functions: Sequence[FunctionLine]
    people: int
    deciders: int
    relationships: int
    """That have anybody on this side."""


@dataclass(frozen=True, slots=True)
class StakeholderCoverage:
    """Both sides of the relationships that the asker sees."""

    relationships: int
    sides: Mapping[Side, SideLines]

    @property
    def is_expecting(self) -> bool:
        """Whether the programme's rules expect anybody anywhere."""
        return any(line.is_expected for side in self.sides.values() for line in side.functions)


Counts = tuple[int, int, int]
"""People, deciders, relationships."""
_NOBODY: Counts = (0, 0, 0)


def look(
    session: Session, programme: Programme, *, actor: access.Actor, on: date
) -> StakeholderCoverage:
    """Count everybody whose part runs today, with as many queries for many as for few."""
    total = session.scalar(
        select(func.count(Relationship.id)).where(relationships.visible(programme, actor))
    )
    by_function = _counts(
        session, programme, actor, on, by=(Stakeholder.side, Stakeholder.function)
    )
    by_side = _counts(session, programme, actor, on, by=(Stakeholder.side,))
    expected = expected_of(programme)
    sides = {}
    for side in Side:
        lines = [
            _line(each, by_function.get((side, each), _NOBODY), total or 0, each in expected[side])
            for each in Function
        ]
        people, deciders, standing = by_side.get((side,), _NOBODY)
        sides[side] = SideLines(
            functions=lines, people=people, deciders=deciders, relationships=standing
        )
    return StakeholderCoverage(total or 0, sides)


def _line(function: Function, counts: Counts, total: int, is_expected: bool) -> FunctionLine:  # noqa: FBT001 one call, beside
    people, deciders, standing = counts
    return FunctionLine(
        function=function,
        people=people,
        deciders=deciders,
        relationships=standing,
        is_expected=is_expected,
        missing=total - standing if is_expected else 0,
    )


def _counts(
    session: Session, programme: Programme, actor: access.Actor, on: date, *, by: tuple[Any, ...]
) -> dict[tuple[Any, ...], Counts]:
    """Count people and relationships once each, however many parts they have.

    In two steps: a sum over groups is faster than counting distinct values.
    """
    decides = func.max(case((Stakeholder.influence == Influence.DECIDES, 1), else_=0))
    people = _grouped(programme, actor, on, *by, Stakeholder.contact_id, decides.label("decides"))
    relations = _grouped(programme, actor, on, *by, Stakeholder.relationship_id)
    found: dict[tuple[Any, ...], Counts] = {}
    keys = [column.key for column in by]
    each = people.subquery()
    grouped = [each.c[key] for key in keys]
    for *key, count, deciders in session.execute(
        select(*grouped, func.count(), func.sum(each.c.decides)).group_by(*grouped)
    ):
        found[tuple(key)] = (count, deciders, 0)
    each = relations.subquery()
    grouped = [each.c[key] for key in keys]
    for *key, count in session.execute(select(*grouped, func.count()).group_by(*grouped)):
        found[tuple(key)] = (*found[tuple(key)][:2], count)
    return found


def _grouped(
    programme: Programme,
    actor: access.Actor,
    on: date,
    *columns: Any,  # noqa: ANN401 columns and sums
) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(*columns).where(
        Stakeholder.programme_id == programme.id, stakeholders.runs(on), true()
    )
    if not actor.sees_all:
        query = query.join(Relationship, Relationship.id == Stakeholder.relationship_id).where(
            relationships.visible(programme, actor)
        )
    groups = [column for column in columns if column.key != "decides"]
    return query.group_by(*groups)
