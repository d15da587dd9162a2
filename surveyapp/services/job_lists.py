"""What the people of a programme see of its jobs: what each is about, how many there are, who works."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.accounts import Relationship
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.programmes import Programme
from surveyapp.models.reminders import Reminder
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard
from surveyapp.models.waves import Wave
from surveyapp.services.listing import Order, Page, Sortable, paged

STATES: Final[Mapping[str, tuple[JobState, ...]]] = MappingProxyType(
    {
        "open": (JobState.FAILED, JobState.RUNNING, JobState.QUEUED),
        "failed": (JobState.FAILED,),
        "done": (JobState.DONE,),
        "all": tuple(JobState),
    }
)
"""What a list can be narrowed to."""
NOBODY_FOR: Final = timedelta(minutes=5)
"""So long a job may be due, with nobody at work, before we say that no worker runs."""
_URGENCY: Final = case(
    {JobState.FAILED: 0, JobState.RUNNING: 1, JobState.QUEUED: 2}, value=Job.state, else_=3
)
_COLUMNS: Final[Mapping[str, Sortable]] = MappingProxyType(
    {
        # what must be seen to, the newest of it first
        "state": func.row_number().over(order_by=(_URGENCY, Job.created_at.desc(), Job.id)),
        "asked": Job.created_at,
    }
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A job and what it is about; both are None for work about neither."""

    job: Job
    wave: Wave | None
    document: Scorecard | None
    """With its run's wave, and the relationship's companies unless it is the portfolio report."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a programme's jobs are in which state."""

    failed: int
    running: int
    queued: int
    done: int

    @property
    def open(self) -> int:
        """All that is not done."""
        return self.failed + self.running + self.queued


def of_programme(
    session: Session,
    programme: Programme,
    *,
    show: str = "open",
    order: Order = Order("state"),  # noqa: B008 frozen, so it may be shared
    number: int = 1,
) -> Page[Listed]:
    """Return a page of the programme's jobs, and nobody else's; what must be seen to comes first."""
    states = STATES.get(show, STATES["open"])
    query = select(Job).where(Job.programme_id == programme.id, Job.state.in_(states))
    page = paged(session, query, columns=_COLUMNS, order=order, number=number, tie=Job.id)
    return page.with_rows(_with_subjects(session, [row[0] for row in page.rows]))


def one(session: Session, job: Job) -> Listed:
    """Return one job with what it is about."""
    return _with_subjects(session, [job])[0]


def counts(session: Session, programme: Programme) -> Counts:
    """Count the programme's jobs by state."""
    found = dict(
        session.execute(
            select(Job.state, func.count())
            .where(Job.programme_id == programme.id)
            .group_by(Job.state)
        ).all()
    )
    return Counts(
        failed=found.get(JobState.FAILED, 0),
        running=found.get(JobState.RUNNING, 0),
        queued=found.get(JobState.QUEUED, 0),
        done=found.get(JobState.DONE, 0),
    )


def nobody_since(session: Session, *, at: datetime) -> datetime | None:
    """Return since when a job of the installation is due that nobody takes; None while workers work.

    A worker that is busy with another job, or ended one lately, is at work: the rest must wait.
    """
    due_at = session.scalar(
        select(func.min(Job.due_at)).where(Job.state == JobState.QUEUED, Job.due_at <= at)
    )
    left_at = session.scalar(
        select(func.min(Job.lease_until)).where(Job.state == JobState.RUNNING, Job.lease_until < at)
    )
    since = min((each for each in (due_at, left_at) if each is not None), default=None)
    if since is None or at - since < NOBODY_FOR or _is_somebody_at_work(session, at=at):
        return None
    return since


def _is_somebody_at_work(session: Session, *, at: datetime) -> bool:
    is_held = (Job.state == JobState.RUNNING) & (Job.lease_until >= at)
    has_just_ended = Job.finished_at >= at - NOBODY_FOR
    return (
        session.scalars(select(Job.id).where(is_held | has_just_ended).limit(1)).first() is not None
    )


def _with_subjects(session: Session, found: Sequence[Job]) -> list[Listed]:
    """Look up what the jobs are about, all of one kind at once."""
    waves = _waves(session, found)
    reminders = _waves_of_reminders(session, _ids(found, "reminder"))
    documents = _documents(session, _ids(found, "scorecard"))
    listed = []
    for job in found:
        document = documents.get(_id(job, "scorecard"))
        wave = waves.get(_id(job, "wave")) or reminders.get(_id(job, "reminder"))
        listed.append(Listed(job, document.run.wave if document else wave, document))
    return listed


def _waves(session: Session, found: Sequence[Job]) -> dict[uuid.UUID | None, Wave]:
    query = select(Wave).where(Wave.id.in_(_ids(found, "wave")))
    return {wave.id: wave for wave in session.scalars(query)}


def _waves_of_reminders(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, Wave]:
    query = (
        select(Reminder.id, Wave)
        .join(Wave, Wave.id == Reminder.wave_id)
        .where(Reminder.id.in_(ids))
    )
    return {reminder_id: wave for reminder_id, wave in session.execute(query)}  # noqa: C416 rows


def _documents(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, Scorecard]:
    query = (
        select(Scorecard)
        .where(Scorecard.id.in_(ids))
        .options(
            joinedload(Scorecard.run).joinedload(ScoreRun.wave),
            joinedload(Scorecard.relationship).joinedload(Relationship.buyer),
            joinedload(Scorecard.relationship).joinedload(Relationship.supplier),
        )
    )
    return {document.id: document for document in session.scalars(query)}


def _ids(found: Iterable[Job], name: str) -> list[uuid.UUID]:
    return [each for job in found if (each := _id(job, name)) is not None]


def _id(job: Job, name: str) -> uuid.UUID | None:
    """Return the id an argument holds; rows of other versions may hold anything."""
    try:
        return uuid.UUID(str(job.arguments.get(name, "")))
    except ValueError:
        return None
