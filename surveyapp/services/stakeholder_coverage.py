"""Who stands where over all relationships: each function of each side, and where one is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
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


@dataclass(frozen=True, slots=True)
class StakeholderCoverage:
    """Both sides of the relationships that the asker sees."""

    relationships: int
    sides: Mapping[Side, Sequence[FunctionLine]]
    """Every function of each side. A person may stand in several: nothing adds up to all people."""

    @property
    def is_expecting(self) -> bool:
        """Whether the programme's rules expect anybody anywhere."""
        return any(line.is_expected for lines in self.sides.values() for line in lines)


Counts = tuple[int, int, int]
"""People, deciders, relationships."""
_NOBODY: Counts = (0, 0, 0)


def look(
    session: Session, programme: Programme, *, actor: access.Actor, on: date
) -> StakeholderCoverage:
    """Count everybody whose part runs today, with three queries."""
    total = session.scalar(
        select(func.count(Relationship.id)).where(relationships.visible(programme, actor))
    )
    counts = _counts(session, programme, actor, on)
    expected = expected_of(programme)
    sides = {
        side: [
            _line(each, counts.get((side, each), _NOBODY), total or 0, each in expected[side])
            for each in Function
        ]
        for side in Side
    }
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
    session: Session, programme: Programme, actor: access.Actor, on: date
) -> dict[tuple[Side, Function], Counts]:
    """Count people and relationships once each, however many parts they have.

    In two steps each: a sum over groups is faster than counting distinct values.
    """
    where = (relationships.parts_seen(programme, actor), stakeholders.runs(on))
    place = (Stakeholder.side, Stakeholder.function)
    decides = func.max(case((Stakeholder.influence == Influence.DECIDES, 1), else_=0))
    people = (
        select(*place, decides.label("decides"))
        .where(*where)
        .group_by(*place, Stakeholder.contact_id)
        .subquery()
    )
    standing = select(*place).where(*where).group_by(*place, Stakeholder.relationship_id).subquery()
    relations = {
        (side, function): count
        for side, function, count in session.execute(
            select(standing.c.side, standing.c.function, func.count()).group_by(
                standing.c.side, standing.c.function
            )
        )
    }
    rows = session.execute(
        select(people.c.side, people.c.function, func.count(), func.sum(people.c.decides)).group_by(
            people.c.side, people.c.function
        )
    )
    return {
        (side, function): (count, deciders, relations[side, function])
        for side, function, count, deciders in rows
    }
