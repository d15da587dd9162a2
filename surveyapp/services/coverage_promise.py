"""What of a wave's coverage somebody may be told: their relationships, and counts the promise allows."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Influence, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.waves import Wave
from surveyapp.services import access, contract, disclosure_rules, turnout

_NOBODY_APART: Final = 1


@dataclass(frozen=True, slots=True)
class Hiding:
    """What a promise hides beyond the small numbers themselves, so that nobody can work them out."""

    extra: uuid.UUID | None = None
    """A relationship not told although it is large enough: else a smaller one could be worked out."""
    has_safe_split: bool = True
    """Whether deciders may be counted apart over all relationships together."""
    parts: int = 0
    """Parts that were looked through to find out."""


NOTHING: Final = Hiding()


@dataclass(frozen=True, slots=True)
class Sight:
    """One wave as one person sees it."""

    wave: Wave
    own: ColumnElement[bool]
    """Which relationships, as ``access.own_relationships`` says."""
    sees_all: bool
    minimum: int
    """The contract's k: a count rests on so many people asked, or it is not told."""
    hiding: Hiding = NOTHING

    @property
    def tells_people(self) -> bool:
        """Whether the contract lets a page say who is where; otherwise counts only."""
        return self.minimum == _NOBODY_APART

    @property
    def contract(self) -> str:
        """The promise by its name."""
        return contract.of_wave(self.wave).value

    @property
    def is_severed(self) -> bool:
        """Whether it is no longer known who answered, only how many."""
        return contract.is_severed(self.wave)

    def parts(self) -> ColumnElement[bool]:
        """Say which assignments are in sight."""
        clause = Assignment.wave_id == self.wave.id
        if self.sees_all:
            return clause
        return and_(clause, Assignment.relationship_id.in_(self._relationships()))

    def people(self) -> ColumnElement[bool]:
        """Say which invitations are in sight: of those with a part in a relationship that is."""
        clause = Invitation.wave_id == self.wave.id
        if self.sees_all:
            return clause
        # found once: looked for in each invitation, SQLite walks all of the manager's parts each time
        return and_(clause, Invitation.id.in_(select(Assignment.invitation_id).where(self.parts())))

    def tally(self, among: Iterable[uuid.UUID] | None = None) -> Subquery:
        """Count parts by relationship: asked, answered, and the deciders among both."""
        decides = Assignment.influence == Influence.DECIDES
        has_answered = and_(decides, Assignment.submitted_at.is_not(None))
        answered: ColumnElement[int] = func.count(Assignment.submitted_at)
        filed = turnout.by_relationship(self.wave) if self.is_severed else None
        if filed is not None:
            answered = func.coalesce(func.max(filed.c.answered), 0)
        query = select(
            Assignment.relationship_id,
            func.count().label("asked"),
            answered.label("answered"),
            func.sum(case((decides, 1), else_=0)).label("deciders_asked"),
            func.sum(case((has_answered, 1), else_=0)).label("deciders_answered"),
        ).where(self.parts())
        if filed is not None:
            query = query.outerjoin(filed, filed.c.relationship_id == Assignment.relationship_id)
        if among is not None:
            query = query.where(Assignment.relationship_id.in_(list(among)))
        return query.group_by(Assignment.relationship_id).subquery("tally")

    def is_told(self, tally: Subquery) -> ColumnElement[bool]:
        """Say of which relationships the count of answers is told."""
        if self.tells_people:
            return true()
        hidden = {self.hiding.extra, turnout.spared(self.wave)} - {None}
        enough = tally.c.asked >= self.minimum
        return and_(enough, tally.c.relationship_id.not_in(hidden)) if hidden else enough

    def is_split_told(self, tally: Subquery) -> ColumnElement[bool]:
        """Say of which relationships deciders are counted apart from the others."""
        if self.tells_people:
            return true()
        if self.is_severed:
            return false()
        deciders, others = tally.c.deciders_asked, tally.c.asked - tally.c.deciders_asked
        return and_(
            self.is_told(tally),
            or_(deciders == 0, deciders >= self.minimum),
            or_(others == 0, others >= self.minimum),
        )

    def has_no_decider(self, tally: Subquery) -> ColumnElement[bool]:
        """Say in which relationships deciders were asked and none has answered, as far as told."""
        return and_(
            tally.c.deciders_asked > 0,
            tally.c.deciders_answered == 0,
            # where nobody answered no decider did: that follows from a count that is told
            or_(self.is_split_told(tally), self.is_still(tally)),
        )

    def is_still(self, tally: Subquery) -> ColumnElement[bool]:
        """Say in which relationships nobody has answered, as far as told."""
        return and_(tally.c.answered == 0, self.is_told(tally))

    def is_silent(self, tally: Subquery) -> ColumnElement[bool]:
        """Say from which relationships nobody, or nobody who decides, has been heard."""
        return or_(self.is_still(tally), self.has_no_decider(tally))

    def _relationships(self) -> Select[uuid.UUID]:
        return select(Relationship.id).where(
            Relationship.programme_id == self.wave.programme_id, self.own
        )


def sight_of(wave: Wave, actor: access.Actor) -> Sight:
    """Return the wave as the asker may see it, before ``hiding``. Its questionnaire must be loaded."""
    return Sight(
        wave=wave,
        own=access.own_relationships(actor),
        sees_all=actor.sees_all,
        minimum=disclosure_rules.people(wave),
    )


def whole_sight(session: Session, wave: Wave, actor: access.Actor) -> Sight:
    """Return the wave as the asker may see it, with all that its promise hides."""
    return with_hiding(session, sight_of(wave, actor))


def with_hiding(session: Session, sight: Sight) -> Sight:
    """Return the same with all that the promise hides."""
    return replace(sight, hiding=hiding(session, sight))


def hiding(session: Session, sight: Sight) -> Hiding:
    """Return what the promise hides; it follows from who was asked, so answers never change it."""
    if sight.tells_people:
        return NOTHING
    found = Hiding(
        extra=_extra(session, sight),
        parts=session.scalar(select(func.count()).where(sight.parts())) or 0,
    )
    return replace(found, has_safe_split=_has_safe_split(session, replace(sight, hiding=found)))


def is_enough(people: int, minimum: int) -> bool:
    """Tell whether a group may be counted: it is large enough, or nobody is in it."""
    return people == 0 or people >= minimum


def _extra(session: Session, sight: Sight) -> uuid.UUID | None:
    """Return the relationship to hide so that those too small, taken together, are not too small."""
    tally = sight.tally()
    hidden = session.scalar(
        select(func.count(Assignment.invitation_id.distinct()))
        .join(tally, tally.c.relationship_id == Assignment.relationship_id)
        .where(sight.parts(), tally.c.asked < sight.minimum)
    )
    if is_enough(hidden or 0, sight.minimum):
        return None
    return session.scalars(
        select(tally.c.relationship_id)
        .where(tally.c.asked >= sight.minimum)
        .order_by(tally.c.asked, tally.c.relationship_id)
        .limit(1)
    ).first()


def _has_safe_split(session: Session, sight: Sight) -> bool:
    """Tell whether deciders, and the others, are enough in all and where they are not told apart.

    What is not told of single relationships follows, taken together, from the sum over all.
    """
    tally = sight.tally()
    is_hidden = ~sight.is_split_told(tally)
    decides = Assignment.influence == Influence.DECIDES
    groups = (decides, ~decides, and_(is_hidden, decides), and_(is_hidden, ~decides))
    counts = session.execute(
        select(
            *(func.count(case((group, Assignment.invitation_id)).distinct()) for group in groups)
        )
        .join(tally, tally.c.relationship_id == Assignment.relationship_id)
        .where(sight.parts())
    ).one()
    return all(is_enough(count, sight.minimum) for count in counts)
