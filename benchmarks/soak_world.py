"""The programme that is soaked: accounts, one wave after another, and the days that pass meanwhile."""

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from benchmarks import journey_wave
from benchmarks.journey_wave import Person
from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.services import definitions, links, programmes, waves
from tests import factories

PROGRAMME: Final = "kestrin"
RELATIONSHIPS: Final = 12


def make(people: int) -> None:
    """Write a programme whose contacts may be asked again at once."""
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, PROGRAMME, at=at)
        programme.guard_days = 0
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        pairs = []
        for number in range(RELATIONSHIPS):
            buyer = factories.make_organisation(session, programme, f"Buyer {number}", at=at)
            pairs.append((buyer, factories.make_relationship(session, buyer, supplier, at=at)))
        for number in range(people):
            buyer, relationship = pairs[number % RELATIONSHIPS]
            contact = factories.make_contact(session, buyer, f"Person {number}", at=at)
            factories.make_part(session, contact, relationship, at=at)
        definitions.publish(session, programme, journey_wave.QUESTIONNAIRE, by="benchmark", at=at)


def draft(number: int) -> str:
    """Make a wave to everybody; return its name in addresses."""
    at, slug = utcnow(), f"wave-{number}"
    with transaction() as session:
        version = session.scalars(select(QuestionnaireVersion)).one()
        waves.create(
            session,
            programmes.find(session, PROGRAMME),
            slug=slug,
            name=f"Wave {number}",
            view=View.BUYER_ON_SUPPLIER,
            version=version,
            closes_at=at + timedelta(days=20),
            by="benchmark",
            at=at,
        )
    return slug


def is_open(slug: str) -> bool:
    """Tell whether everybody is invited."""
    with reading() as session:
        return _wave(session, slug).state == WaveState.OPEN


def people_of(slug: str, first_variant: int) -> list[Person]:
    """Return everybody's way in, each with a sheet of answers."""
    key = state().settings.link_key
    with reading() as session:
        rows = session.execute(
            select(Invitation.id, Invitation.generation, Assignment.slug)
            .join(Assignment, Assignment.invitation_id == Invitation.id)
            .where(Invitation.wave_id == _wave(session, slug).id)
            .order_by(Assignment.slug)
        ).all()
    return [
        Person(
            f"/r/{links.token_for(row.id, row.generation, link_key=key)}",
            row.slug,
            (first_variant + number) % journey_wave.VARIANTS,
        )
        for number, row in enumerate(rows)
    ]


def pass_two_days() -> None:
    """Let all mail be two days old: nobody is reminded who got any within a day."""
    earlier = utcnow() - timedelta(days=2)
    with transaction() as session:
        session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.state == MailState.SENT, OutgoingMail.sent_at > earlier)
            .values(sent_at=earlier)
        )


def is_mailed(slug: str) -> bool:
    """Tell whether no mail of the wave waits."""
    waiting = OutgoingMail.state.in_((MailState.QUEUED, MailState.CLAIMED))
    with reading() as session:
        wave = _wave(session, slug)
        return not session.scalar(
            select(func.count()).where(OutgoingMail.wave_id == wave.id, waiting)
        )


def is_scored(slug: str) -> bool:
    """Tell whether the wave has a run."""
    with reading() as session:
        wave = _wave(session, slug)
        return (
            session.scalars(select(ScoreRun.id).where(ScoreRun.wave_id == wave.id)).first()
            is not None
        )


def relationships() -> list[uuid.UUID]:
    """Return what scorecards are about."""
    with reading() as session:
        return list(session.scalars(select(Relationship.id)))


def documents() -> int:
    """Count the finished scorecards and portfolio reports."""
    with reading() as session:
        ready = Scorecard.state == ScorecardState.READY
        return session.scalar(select(func.count(Scorecard.id)).where(ready)) or 0


def unfinished_jobs() -> int:
    """Count the jobs that wait or are carried out."""
    at_work = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    with reading() as session:
        return session.scalar(select(func.count(Job.id)).where(at_work)) or 0


def failed_jobs() -> list[str]:
    """Return the jobs that failed for good, with their reasons."""
    with reading() as session:
        failed = session.scalars(select(Job).where(Job.state == JobState.FAILED))
        return [f"{job.kind} failed: {job.error}" for job in failed]


def _wave(session: Session, slug: str) -> Wave:
    return waves.find(session, programmes.find(session, PROGRAMME), slug)
