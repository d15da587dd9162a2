"""A reminder to some of a wave: whom it would reach now, and who would not get it and why."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid, NotFound
from surveyapp.models.accounts import Contact, Function
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.waves import Wave
from surveyapp.services import coverage_figures, coverage_relationships, positions
from surveyapp.services.coverage_figures import Cut
from surveyapp.services.coverage_promise import Sight, is_enough
from surveyapp.services.coverage_relationships import Covered
from surveyapp.services.reminders import EVERYBODY, Only
from surveyapp.services.wave_jobs import INVITATION
from surveyapp.services.wave_reminder_lists import is_anybody_mailed_lately, reminds_everybody


class Whom(StrEnum):
    """Which part of a wave a reminder goes to."""

    ALL = "all"
    SILENT = "silent"
    FUNCTION = "function"
    RELATIONSHIP = "relationship"


class Fate(StrEnum):
    """What a reminder means for somebody it names; the first that fits."""

    ANSWERED = "has answered"
    OPTED_OUT = "opted out"
    BOUNCED = "address bounced"
    WAITING = "no mail has gone yet"
    LATELY = "got a mail within the last 24 hours"
    REMINDED = "gets it"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part of a wave that may be reminded."""

    whom: Whom
    function: Function | None = None
    relationship: Covered | None = None
    only: Only = EVERYBODY


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a reminder would reach now."""

    fates: Mapping[Fate, int]
    is_told: bool = True
    """Whether so many people are meant that the numbers may be said."""

    @property
    def people(self) -> int:
        """How many would get it."""
        return self.fates[Fate.REMINDED]


def choose(
    session: Session,
    sight: Sight,
    whom: Whom,
    *,
    function: Function | None = None,
    relationship_id: uuid.UUID | None = None,
) -> Chosen:
    """Return the part of the wave that is named, as it is now.

    Raises
    ------
    NotFound
        There is no such relationship in the wave.
    Invalid
        Nothing is named, nobody is there, or so few that the promise forbids to tell them apart.
    """
    match whom:
        case Whom.ALL:
            return Chosen(whom)
        case Whom.SILENT:
            found = coverage_relationships.silent_ids(session, sight)
            if not found:
                raise Invalid("No relationship of the wave is silent.")
            return Chosen(whom, only=Only(relationships=tuple(found)))
        case Whom.FUNCTION:
            return _of_function(session, sight, function)
        case Whom.RELATIONSHIP:
            return _of_relationship(session, sight, relationship_id)


def preview(session: Session, sight: Sight, chosen: Chosen, *, at: datetime) -> Preview:
    """Count whom a reminder would reach now, and the others by why it would not."""
    wave, only = sight.wave, chosen.only
    is_meant = true() if only == EVERYBODY else _has_part(only)
    is_open = (Assignment.wave_id == wave.id, Assignment.submitted_at.is_(None))
    has_answered: ColumnElement[bool] = ~_has_part(only, *is_open)
    has_link: ColumnElement[bool] = Invitation.started_at.is_not(None)
    if reminds_everybody(wave):
        has_answered = has_link = false()
    fate = case(
        (has_answered, Fate.ANSWERED.value),
        (_has_opted_out(wave), Fate.OPTED_OUT.value),
        (and_(~has_link, _is_bounced(wave)), Fate.BOUNCED.value),
        (and_(~has_link, ~_has_mail(MailState.SENT)), Fate.WAITING.value),
        (is_anybody_mailed_lately(wave, at=at), Fate.LATELY.value),
        else_=Fate.REMINDED.value,
    )
    people = select(fate.label("fate")).where(sight.people(), is_meant).subquery()
    rows = session.execute(select(people.c.fate, func.count()).group_by(people.c.fate))
    fates = dict.fromkeys(Fate, 0) | {Fate(row[0]): row[1] for row in rows}
    return Preview(fates, is_told=is_enough(sum(fates.values()), sight.minimum))


def _of_function(session: Session, sight: Sight, function: Function | None) -> Chosen:
    groups = coverage_figures.groups(session, sight)[Cut.FUNCTION]
    if not any(group.keys == (function,) for group in groups) or function is None:
        raise Invalid(
            "Choose a function that coverage shows by itself. Where too few people are asked, a"
            " reminder to them alone would tell who has not answered."
        )
    return Chosen(Whom.FUNCTION, function=function, only=Only(functions=(function,)))


def _of_relationship(session: Session, sight: Sight, relationship_id: uuid.UUID | None) -> Chosen:
    found = None
    if relationship_id is not None:
        found = coverage_relationships.find(session, sight, relationship_id)
    if found is None:
        raise NotFound("The wave does not ask about this relationship.")
    if found.answered is None:
        raise Invalid(
            f"{found.name}: too few people are asked there. The questionnaire promises not to tell"
            " who has answered, and a reminder to them alone would."
        )
    only = Only(relationships=(found.relationship_id,))
    return Chosen(Whom.RELATIONSHIP, relationship=found, only=only)


def _has_part(only: Only, *also: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say who has a part that the filter names."""
    query = select(Assignment.invitation_id).where(*also)
    if only.functions:
        query = query.where(Assignment.function.in_(only.functions))
    if only.relationships:
        # looked up once: asked person by person, SQLite tries thousands of relationships each time
        return Invitation.id.in_(query.where(Assignment.relationship_id.in_(only.relationships)))
    return query.where(Assignment.invitation_id == Invitation.id).correlate(Invitation).exists()


def _has_opted_out(wave: Wave) -> ColumnElement[bool]:
    # the few are found once: looking each person up costs more than all else
    gone = select(Contact.id).where(
        Contact.programme_id == wave.programme_id, Contact.opted_out_at.is_not(None)
    )
    return Invitation.contact_id.in_(gone)


def _is_bounced(wave: Wave) -> ColumnElement[bool]:
    """Say whose address does not work; who started has the link, whatever became of the mail."""
    back = select(OutgoingMail.invitation_id).where(
        OutgoingMail.wave_id == wave.id,
        OutgoingMail.step == INVITATION,
        OutgoingMail.state == MailState.BOUNCED,
    )
    return or_(positions.is_refused(wave), Invitation.id.in_(back))


def _has_mail(state: MailState) -> ColumnElement[bool]:
    """Say whose invitation is in that state."""
    mail = select(OutgoingMail.id).where(
        OutgoingMail.invitation_id == Invitation.id,
        OutgoingMail.step == INVITATION,
        OutgoingMail.state == state,
    )
    return mail.correlate(Invitation).exists()
