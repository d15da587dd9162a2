"""What a programme's first page says: what runs, what waits for somebody, what comes next."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Relationship, Stakeholder
from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import access, turnout, wave_people, waves

_RUNNING = (WaveState.OPEN, WaveState.PAUSED, WaveState.LAUNCHING, WaveState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Answered:
    """Questionnaires of a wave: asked, and sent back."""

    asked: int = 0
    sent: int | None = 0
    """None: too few were asked for the contract to let them be counted."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Plain counts of what the asker may see."""

    relationships: int
    people: int
    waves: list[Wave]
    """Newest first."""
    answered: Mapping[uuid.UUID, Answered]
    """As far as each wave's contract lets answers be counted."""
    failed_jobs: int
    uncertain_mail: int

    @property
    def newest(self) -> Wave:
        """Return the wave to speak of first: the newest that runs, else the newest of all."""
        running = (wave for wave in self.waves if wave.state in _RUNNING)
        return next(running, self.waves[0])

    def answers(self, wave: Wave) -> Answered:
        """Return a wave's counts."""
        return self.answered.get(wave.id, Answered())


def look(session: Session, programme: Programme, *, actor: access.Actor) -> Overview:
    """Count what the asker sees, with as many queries for a large programme as for a small one."""
    found = waves.listed(session, programme)
    return Overview(
        relationships=_count(session, _own(programme, actor)),
        people=_people(session, programme, actor),
        waves=found,
        answered=_as_promised(found, _answered(session, programme, actor, found)),
        failed_jobs=session.scalar(
            select(func.count()).where(
                Job.programme_id == programme.id, Job.state == JobState.FAILED
            )
        )
        or 0,
        uncertain_mail=session.scalar(
            select(func.count()).where(
                OutgoingMail.programme_id == programme.id,
                OutgoingMail.state == MailState.UNCERTAIN,
            )
        )
        or 0,
    )


def _own(programme: Programme, actor: access.Actor) -> Select[uuid.UUID]:
    return select(Relationship.id).where(
        Relationship.programme_id == programme.id, access.own_relationships(actor)
    )


def _count(session: Session, query: Select[uuid.UUID]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _people(session: Session, programme: Programme, actor: access.Actor) -> int:
    query = select(Contact.id).where(Contact.programme_id == programme.id)
    if not actor.sees_all:
        query = query.where(
            exists().where(
                Stakeholder.contact_id == Contact.id,
                Stakeholder.relationship_id.in_(_own(programme, actor)),
            )
        )
    return _count(session, query)


def _answered(
    session: Session, programme: Programme, actor: access.Actor, found: list[Wave]
) -> dict[uuid.UUID, Answered]:
    query = (
        select(Assignment.wave_id, func.count(), func.count(Assignment.submitted_at))
        # by wave and not by programme: an index of waves holds all that is counted
        .where(Assignment.wave_id.in_([wave.id for wave in found]))
        .group_by(Assignment.wave_id)
    )
    if not actor.sees_all:
        query = query.where(Assignment.relationship_id.in_(_own(programme, actor)))
    counted = {wave_id: Answered(*counts) for wave_id, *counts in session.execute(query)}
    own = None if actor.sees_all else access.own_relationships(actor)
    severed = turnout.by_wave(session, found, among=own)
    return counted | {
        wave_id: Answered(counted[wave_id].asked, sent)
        for wave_id, sent in severed.items()
        if wave_id in counted
    }


def _as_promised(
    found: list[Wave], answered: Mapping[uuid.UUID, Answered]
) -> dict[uuid.UUID, Answered]:
    """Leave out how many answered where fewer were asked than the contract lets be counted."""
    return {
        wave.id: counts
        if wave_people.tells_counts(wave, counts.asked)
        else Answered(counts.asked, None)
        for wave in found
        if (counts := answered.get(wave.id)) is not None
    }
