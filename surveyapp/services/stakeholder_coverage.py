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
    """Count everybody whose part runs today, with two queries."""
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
    """Count people and relationships once each, however many parts they have, in one walk over the parts."""
    place = (Stakeholder.side, Stakeholder.function)
    decider = case((Stakeholder.influence == Influence.DECIDES, Stakeholder.contact_id))
    rows = session.execute(
        select(
            *place,
            func.count(Stakeholder.contact_id.distinct()),
            func.count(decider.distinct()),
            func.count(Stakeholder.relationship_id.distinct()),
        )
        .where(relationships.parts_seen(programme, actor), stakeholders.runs(on))
        .group_by(*place)
    )
    return {
        (side, function): (people, deciders, standing)
        for side, function, people, deciders, standing in rows
    }
