"""Whom a wave that is not launched yet would ask, and whom it leaves off: counted in few passes.

A pass over a hundred thousand people costs a tenth of a second, so each of these walks their parts once, in
the order of an index that holds all it asks. Which waves asked lately is found before anything else: most
often there are none, and then nobody's invitations are looked at.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from surveyapp.models.accounts import Contact, Relationship, Side, Stakeholder
from surveyapp.models.invitations import Invitation, OmissionReason
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave
from surveyapp.services import stakeholders, wave_lists
from surveyapp.services.wave_lists import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A wave as it would be launched at a moment."""

    wave: Wave
    rule: Rule
    side: Side
    on: date
    lately: tuple[uuid.UUID, ...]
    """Other waves, within the guard's days: whom they asked is left off."""

    at: datetime
    """When it would be launched."""
    is_sqlite: bool
    """Which of two databases counts: each finds the same people fastest in another way."""

    @property
    def parts(self) -> ColumnElement[bool]:
        """Say which stakeholders' parts the rule names."""
        return wave_lists.parts_named(self.wave.programme_id, self.rule, side=self.side, on=self.on)

    @property
    def names_contact(self) -> ColumnElement[bool]:
        """Say which contacts the rule names."""
        theirs = exists().where(Stakeholder.contact_id == Contact.id, self.parts)
        return and_(Contact.programme_id == self.wave.programme_id, theirs.correlate(Contact))

    @property
    def asks_contact(self) -> ColumnElement[bool]:
        """Say which of these contacts are not left off."""
        return wave_lists.would_be_asked(self.wave, launched_at=self.at, at=self.at)

    @property
    def omission(self) -> ColumnElement[Any]:
        """Say why one of these contacts is left off; null: asked."""
        return wave_lists.omission_of(self.wave, launched_at=self.at, at=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many a launch would ask, and about how many relationships."""

    people: int
    relationships: int
    left_off: dict[OmissionReason, int]
    """Whom the rule names and the launch leaves off; every reason is there."""
    why_nobody: str
    """What to do when nobody would be asked; else empty."""


def of(session: Session, wave: Wave, *, at: datetime) -> Audience:
    """Return whom a wave would ask now, or when a scheduled one opens."""
    at = max(at, wave.opens_at) if wave.opens_at else at
    other = aliased(Wave)
    asked_lately = wave_lists.counts_as_asked(other, wave, launched_at=at, at=at)
    return Audience(
        wave=wave,
        rule=Rule.from_json(wave.list_rule),
        side=wave_lists.side_of(wave.view),
        on=at.date(),
        at=at,
        is_sqlite=session.get_bind().dialect.name == "sqlite",
        lately=tuple(session.scalars(select(other.id).where(asked_lately))),
    )


def count(session: Session, wave: Wave, *, at: datetime) -> Count:
    """Count whom a launch would ask and whom it would leave off, without looking for thin places."""
    audience = of(session, wave, at=at)
    people, relationships = session.execute(
        # both at once: it is the walk that takes long, not the counting
        parts_asked(
            audience,
            func.count(Stakeholder.contact_id.distinct()),
            func.count(Stakeholder.relationship_id.distinct()),
        )
    ).one()
    omissions = _left_off(session, audience, people)
    return Count(
        people=people,
        relationships=relationships,
        left_off=omissions,
        why_nobody="" if people else why_nobody(session, wave, omissions),
    )


def people_asked(session: Session, audience: Audience) -> tuple[int, dict[OmissionReason, int]]:
    """Count the people a launch would ask, and those whom the rule names and it leaves off by reason."""
    if audience.lately:
        people = _people(session, parts_asked(audience, Stakeholder.contact_id))
        return people, _left_off(session, audience, people)
    omissions = _refusals(session, audience)
    return _people_named(session, audience) - sum(omissions.values()), omissions


def by_function(session: Session, audience: Audience) -> Counter[str]:
    """Count the people a launch would ask in each function; one may stand in several."""
    rows = session.execute(
        parts_asked(
            audience, Stakeholder.function, func.count(Stakeholder.contact_id.distinct())
        ).group_by(Stakeholder.function)
    )
    return Counter({function.value: people for function, people in rows})


def parts_asked(audience: Audience, *columns: Any) -> Select[Any]:  # noqa: ANN401 whatever a query selects
    """Select from the parts that are asked: the rule names them, and their people are not left off."""
    of_programme = Contact.programme_id == audience.wave.programme_id
    if audience.is_sqlite:
        # a list, written once into an index of its own
        refused = select(Contact.id).where(of_programme, _refuses())
        is_refused: ColumnElement[bool] = Stakeholder.contact_id.in_(refused)
    else:
        # a join: PostgreSQL walks a list that is too long for its memory once for each part
        refused_one = exists().where(Contact.id == Stakeholder.contact_id, of_programme, _refuses())
        is_refused = refused_one.correlate(Stakeholder)
    query = select(*columns).select_from(Stakeholder).where(audience.parts, ~is_refused)
    if not audience.lately:
        return query
    return query.where(
        ~exists().where(
            Invitation.contact_id == Stakeholder.contact_id,
            Invitation.wave_id.in_(audience.lately),
        )
    )


def parts_of_relationship(audience: Audience) -> tuple[Select[Any], Select[Any]]:
    """Select the parts of the relationship a query is at: who stands there, and whom the rule names.

    The side is compared as text, so that SQLite looks at one relationship's parts, not through one side's.
    """
    standing = select(Stakeholder.id).where(
        Stakeholder.programme_id == Relationship.programme_id,
        Stakeholder.relationship_id == Relationship.id,
        cast(Stakeholder.side, String) == audience.side.value,
        stakeholders.runs(audience.on),
    )
    return standing, standing.where(wave_lists.plays_named_part(audience.rule))


def why_nobody(session: Session, wave: Wave, omissions: dict[OmissionReason, int]) -> str:
    """Say why a wave would ask nobody, and what to do."""
    return wave_lists.why_nobody(
        wave,
        session.get_one(Programme, wave.programme_id).name,
        is_everybody_left_off=any(omissions.values()),
    )


def _people(session: Session, parts: Select[Any]) -> int:
    """Count each person once: a sum over groups is faster than counting distinct values."""
    people = parts.group_by(Stakeholder.contact_id).subquery()
    return session.scalar(select(func.count()).select_from(people)) or 0


def _people_named(session: Session, audience: Audience) -> int:
    return _people(session, select(Stakeholder.contact_id).where(audience.parts))


def _left_off(session: Session, audience: Audience, people: int) -> dict[OmissionReason, int]:
    """Count by reason those whom the rule names beside the people who are asked."""
    omissions = _refusals(session, audience)
    if audience.lately:
        rest = _people_named(session, audience) - people - sum(omissions.values())
        # who is named may change between two looks: never fewer than none
        omissions[OmissionReason.ASKED_LATELY] = max(0, rest)
    return omissions


def _refusals(session: Session, audience: Audience) -> dict[OmissionReason, int]:
    counts = dict.fromkeys(OmissionReason, 0)
    has_opted_out = Contact.opted_out_at.is_not(None).label("has_opted_out")
    for is_opt_out, number in session.execute(
        select(has_opted_out, func.count())
        .where(audience.names_contact, _refuses())
        .group_by(has_opted_out)
    ):
        counts[OmissionReason.OPTED_OUT if is_opt_out else OmissionReason.BOUNCED] = number
    return counts


def _refuses() -> ColumnElement[bool]:
    """Say who is left off whatever other waves asked: opted out, or with an address that bounced."""
    return or_(Contact.opted_out_at.is_not(None), Contact.bounced_at.is_not(None))
