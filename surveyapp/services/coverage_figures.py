"""A wave's coverage in figures: from the list to the answer, by function, by influence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from surveyapp.models.accounts import Influence
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.responses import SavedSection
from surveyapp.services import coverage_groups
from surveyapp.services.coverage_days import utc_day
from surveyapp.services.coverage_groups import Group
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.wave_jobs import INVITATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """People from the frozen list to the answer, each counted at every step they have taken."""

    people: int
    sent: int
    """Their invitation went out."""
    bounced: int
    uncertain: int
    not_sent: int
    """Given up after many tries, or dropped: nobody wanted it any more."""
    started: int
    saved: int | None
    """Saved a section, or sent something; None where the contract does not tell."""
    answered: int
    """Sent everything they were asked."""
    parts: int
    """Questionnaires: one for each person and relationship."""

    @property
    def waiting(self) -> int:
        """People whose invitation has not gone yet."""
        return self.people - self.sent - self.bounced - self.uncertain - self.not_sent

    @property
    def has_many_parts(self) -> bool:
        """Whether somebody was asked about more than one relationship."""
        return self.parts > self.people

    @property
    def open(self) -> int:
        """People who have not sent everything."""
        return self.people - self.answered


class Cut(StrEnum):
    """By what the people asked are grouped."""

    FUNCTION = "function"
    INFLUENCE = "influence"


def way(session: Session, sight: Sight) -> Way:
    """Count the people of a wave at each step."""
    people, started = session.execute(
        select(func.count(), func.count(Invitation.started_at)).where(sight.people())
    ).one()
    person = _by_person(sight)
    parts, answered, has_sent_some = session.execute(
        select(
            cast(func.coalesce(func.sum(person.c.asked), 0), Integer),
            func.count().filter(person.c.asked == person.c.answered),
            func.count().filter(person.c.answered > 0),
        )
    ).one()
    mail = _mail(session, sight)
    saved = has_sent_some + _only_saved(session, sight) if sight.tells_people else None
    if sight.is_severed:
        started, answered = _turnout(sight)
    return Way(
        people=people,
        sent=mail.get(MailState.SENT, 0),
        bounced=mail.get(MailState.BOUNCED, 0),
        uncertain=mail.get(MailState.UNCERTAIN, 0),
        not_sent=mail.get(MailState.DROPPED, 0) + mail.get(MailState.FAILED, 0),
        started=started,
        saved=saved,
        answered=answered,
        parts=parts,
    )


def _turnout(sight: Sight) -> tuple[int, int]:
    """Return how many started and answered in all, counted before it was severed; of parts, nobody."""
    known = sight.wave.turnout if sight.sees_all else {}
    return known.get("started", 0), known.get("answered", 0)


def groups(session: Session, sight: Sight) -> dict[Cut, Sequence[Group]]:
    """Count parts by function and by influence, largest first; a promise may join small groups."""
    if sight.is_severed:
        return dict.fromkeys(Cut, ())
    if sight.tells_people:
        cells = _cells(session, sight, Assignment.function, Assignment.influence)
        return {
            Cut.FUNCTION: coverage_groups.summed(cells, place=0),
            Cut.INFLUENCE: coverage_groups.summed(cells, place=1),
        }
    found: dict[Cut, Sequence[Group]] = {}
    for cut, column in ((Cut.FUNCTION, Assignment.function), (Cut.INFLUENCE, Assignment.influence)):
        cells = _cells(session, sight, column)
        safe = coverage_groups.pooled(coverage_groups.summed(cells, place=0), sight.minimum)
        found[cut] = coverage_groups.with_safe_deciders(safe, sight.minimum)
    if not sight.hiding.has_safe_split:
        plain = [group.without_deciders() for group in found[Cut.FUNCTION]]
        return {Cut.FUNCTION: plain, Cut.INFLUENCE: []}
    return found


def answered_by_day(session: Session, sight: Sight, way: Way) -> dict[date, int]:
    """Count the people who sent the last of what they were asked, by day; quiet days are left out."""
    if way.has_many_parts:
        person = _by_person(sight)
        query = select(utc_day(person.c.last_at).label("answered_on"), func.count()).where(
            person.c.asked == person.c.answered
        )
    else:
        query = select(utc_day(Assignment.submitted_at).label("answered_on"), func.count()).where(
            sight.parts(), Assignment.submitted_at.is_not(None)
        )
    found = session.execute(query.group_by("answered_on").order_by("answered_on"))
    return {row[0]: row[1] for row in found}


def _by_person(sight: Sight) -> Subquery:
    return (
        select(
            Assignment.invitation_id,
            func.count().label("asked"),
            func.count(Assignment.submitted_at).label("answered"),
            func.max(Assignment.submitted_at).label("last_at"),
        )
        .where(sight.parts())
        .group_by(Assignment.invitation_id)
        .subquery("person")
    )


def _only_saved(session: Session, sight: Sight) -> int:
    """Count who has saved a section of something and sent nothing yet."""
    theirs = and_(Assignment.invitation_id == Invitation.id, sight.parts())
    has_sent = exists().where(theirs, Assignment.submitted_at.is_not(None)).correlate(Invitation)
    has_saved = exists().where(theirs, _has_section()).correlate(Invitation)
    query = select(func.count()).where(
        # nobody saves before they start; so of who has not, nothing is looked up
        *(sight.people(), Invitation.started_at.is_not(None), ~has_sent, has_saved)
    )
    return session.scalar(query) or 0


def _has_section() -> ColumnElement[bool]:
    section = select(SavedSection.section_id).where(SavedSection.assignment_id == Assignment.id)
    return section.correlate(Assignment).exists()


def _mail(session: Session, sight: Sight) -> dict[MailState, int]:
    """Count the invitations' mails by state."""
    query = select(OutgoingMail.state, func.count()).where(
        OutgoingMail.wave_id == sight.wave.id, OutgoingMail.step == INVITATION
    )
    if not sight.sees_all:
        query = query.join(Invitation, Invitation.id == OutgoingMail.invitation_id).where(
            sight.people()
        )
    return {row[0]: row[1] for row in session.execute(query.group_by(OutgoingMail.state))}


def _cells(session: Session, sight: Sight, *keys: InstrumentedAttribute[Any]) -> list[Group]:
    decides = Assignment.influence == Influence.DECIDES
    is_sent = Assignment.submitted_at.is_not(None)
    part_way = and_(~is_sent, _has_section()) if sight.tells_people else None
    rows = session.execute(
        select(
            *keys,
            _people(sight, None),
            _people(sight, decides),
            _people(sight, ~decides),
            func.count(),
            func.count(Assignment.submitted_at),
            literal(0) if part_way is None else _count(part_way),
            _count(decides),
            _count(decides & is_sent),
        )
        .where(sight.parts())
        .group_by(*keys)
    )
    return [_group(tuple(row), len(keys), sight) for row in rows]


def _people(sight: Sight, which: ColumnElement[bool] | None) -> ColumnElement[int]:
    """Count people, not parts: under a promise somebody with three parts is still one person."""
    if sight.tells_people:
        return func.count()
    person = Assignment.invitation_id if which is None else case((which, Assignment.invitation_id))
    return func.count(person.distinct())


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)


def _group(row: tuple[Any, ...], keys: int, sight: Sight) -> Group:
    people, deciding, others, asked, answered, part_way, deciders, heard = row[keys:]
    return Group(
        keys=row[:keys],
        people=people,
        deciding_people=deciding,
        other_people=others,
        asked=asked,
        answered=answered,
        part_way=part_way if sight.tells_people else None,
        deciders_asked=deciders,
        deciders_answered=heard,
        tells_deciders=True,
    )
