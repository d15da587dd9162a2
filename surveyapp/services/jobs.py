"""Work to be done as rows: asked for once by key, claimed by one worker, run again when one dies."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.programmes import Programme
from surveyapp.services import audit

LEASE = timedelta(minutes=2)
"""How long a worker may be silent before its job is given to another."""
MAX_ATTEMPTS = 5
_BACK_OFF = timedelta(seconds=5)


class ClaimLost(Conflict):
    """The job was given to another worker, or is over: this one must stop and change nothing more."""


def request(
    session: Session,
    kind: str,
    *,
    key: str,
    arguments: Mapping[str, str],
    programme: Programme | None,
    at: datetime,
    due_at: datetime | None = None,
) -> Job:
    """Ask for work, now or at a later moment.

    The same key twice is one job; one that failed for good is tried anew.
    """
    named = select(Job).where(Job.key == key)
    job = session.scalars(named).first()
    if job is None:
        new = Job(
            id=uuid.uuid4(),
            kind=kind,
            key=key,
            arguments=dict(arguments),
            programme_id=programme.id if programme else None,
            due_at=due_at or at,
            created_at=at,
        )
        job = new if _is_first(session, new) else session.scalars(named).one()
    elif job.state == JobState.FAILED:
        _queue_again(session, job, at=due_at or at)
    session.flush()
    if job.state == JobState.QUEUED and job.due_at <= at:
        session.info.setdefault("wake", []).append(job.id)
    return job


def retry(session: Session, job: Job, *, by: str, at: datetime) -> None:
    """Let workers try a failed job anew, as if it had just been asked for; the audit says by whom.

    Raises
    ------
    Conflict
        It has not failed.
    """
    if not _queue_again(session, job, at=at):
        raise Conflict(f"Job {job.id} is {job.state}; only a failed one is tried anew.")
    session.info.setdefault("wake", []).append(job.id)
    programme = session.get(Programme, job.programme_id) if job.programme_id else None
    if programme is not None:
        subject = f"job:{job.id}"
        audit.record(
            session, programme, "job.retried", subject=subject, by=by, at=at, kind=job.kind
        )


def unfinished(session: Session, programme: Programme | None = None) -> list[Job]:
    """Return every job that is not done, oldest first: of a programme, or of the installation."""
    query = select(Job).where(Job.state != JobState.DONE).order_by(Job.created_at)
    if programme is not None:
        query = query.where(Job.programme_id == programme.id)
    return list(session.scalars(query))


def latest(session: Session, programme: Programme, *, kind: str, key: str = "") -> Job | None:
    """Return the programme's newest job of a kind whose key begins so, to show how it is getting on."""
    return session.scalars(
        select(Job)
        .where(
            Job.programme_id == programme.id,
            Job.kind == kind,
            Job.key.startswith(key, autoescape=True),
        )
        .order_by(Job.created_at.desc(), Job.id)
        .limit(1)
    ).first()


def _queue_again(session: Session, job: Job, *, at: datetime) -> bool:
    """Queue a job that has failed; False when it has not, or somebody else was first."""
    anew = {"state": JobState.QUEUED, "attempts": 0, "due_at": at, "error": "", "finished_at": None}
    queued = session.scalars(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.FAILED)
        .values(**anew, done_units=0, total_units=0, claimed_by="")
        .returning(Job.id)
    ).first()
    session.refresh(job)
    return queued is not None


def _is_first(session: Session, job: Job) -> bool:
    """Store the job unless somebody asks for the same at this moment (PostgreSQL only)."""
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        return False
    return True


def find(session: Session, job_id: uuid.UUID, *, programme: Programme | None = None) -> Job:
    """Return the job, of this programme when one is named. Raises NotFound."""
    job = session.get(Job, job_id)
    if job is None or (programme is not None and job.programme_id != programme.id):
        raise NotFound(f"There is no job {job_id}.")
    return job


def next_due(session: Session, *, at: datetime) -> uuid.UUID | None:
    """Return the oldest job that can be claimed now, or whose worker has gone silent."""
    return session.scalars(
        select(Job.id).where(_is_to_be_had(at)).order_by(Job.due_at, Job.created_at).limit(1)
    ).first()


def claim(session: Session, job_id: uuid.UUID, *, by: str, at: datetime) -> Job | None:
    """Take the job for this worker, or return None when another was first or it is not due."""
    taken = session.scalars(
        update(Job)
        .where(Job.id == job_id, _is_to_be_had(at))
        .values(
            state=JobState.RUNNING,
            claimed_by=by,
            lease_until=at + LEASE,
            attempts=Job.attempts + 1,
        )
        .returning(Job.id)
    ).first()
    if taken is None:
        return None
    job = find(session, taken)
    if job.attempts > MAX_ATTEMPTS:
        error = f"{MAX_ATTEMPTS} times the worker that did this died or hung, and got no further."
        fail(session, job_id, by=by, error=error, is_final=True, at=at)
        return None
    return job


def progress(
    session: Session, job_id: uuid.UUID, *, by: str, done: int, total: int, at: datetime
) -> None:
    """Say how far the work is and keep the claim. Raises ClaimLost.

    Work that has got further than ever before is worth another five attempts: a long job may meet
    more restarts and outages than that.
    """
    is_further = Job.done_units < done
    _while_claimed(
        session,
        job_id,
        by=by,
        attempts=case((is_further, 1), else_=Job.attempts),
        done_units=done,
        total_units=total,
        lease_until=at + LEASE,
    )


def extend(session: Session, job_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Keep the claim while the work goes on. Raises ClaimLost."""
    _while_claimed(session, job_id, by=by, lease_until=at + LEASE)


def hold(session: Session, job_id: uuid.UUID, *, by: str) -> None:
    """Let what follows in this transaction stand only if the job is this worker's until the commit.

    PostgreSQL: a row lock, for which whoever takes the job over waits. SQLite has one writer anyway.

    Raises
    ------
    ClaimLost
        The lease was over and another worker has the job, while this one was frozen or cut off.
    """
    mine = select(Job.id).where(_is_claimed(job_id, by)).with_for_update(key_share=True)
    if session.scalars(mine).first() is None:
        raise _lost(job_id)


def finish(session: Session, job_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Mark the work as done."""
    _while_claimed(
        session, job_id, by=by, state=JobState.DONE, lease_until=None, finished_at=at, error=""
    )


def fail(
    session: Session,
    job_id: uuid.UUID,
    *,
    by: str,
    error: str,
    is_final: bool,
    at: datetime,
    is_outage: bool = False,
) -> None:
    """Record what went wrong; try again later, longer each time, unless trying is pointless.

    An outage is waited out, however long it lasts: it says nothing against the job.
    """
    job = find(session, job_id)
    attempts = min(job.attempts, MAX_ATTEMPTS - 1) if is_outage else job.attempts
    if is_final or attempts >= MAX_ATTEMPTS:
        _while_claimed(
            session,
            job_id,
            by=by,
            state=JobState.FAILED,
            lease_until=None,
            finished_at=at,
            error=error,
        )
    else:
        _while_claimed(
            session,
            job_id,
            by=by,
            state=JobState.QUEUED,
            lease_until=None,
            attempts=attempts,
            due_at=at + _BACK_OFF * 4 ** (attempts - 1),
            error=error,
        )


def _while_claimed(session: Session, job_id: uuid.UUID, *, by: str, **values: object) -> None:
    kept = session.scalars(
        update(Job).where(_is_claimed(job_id, by)).values(**values).returning(Job.id)
    ).first()
    if kept is None:
        raise _lost(job_id)


def _is_to_be_had(at: datetime) -> ColumnElement[bool]:
    waiting = and_(Job.state == JobState.QUEUED, Job.due_at <= at)
    abandoned = and_(Job.state == JobState.RUNNING, Job.lease_until < at)
    return or_(waiting, abandoned)


def _is_claimed(job_id: uuid.UUID, by: str) -> ColumnElement[bool]:
    return and_(Job.id == job_id, Job.state == JobState.RUNNING, Job.claimed_by == by)


def _lost(job_id: uuid.UUID) -> ClaimLost:
    return ClaimLost(f"Job {job_id} is no longer this worker's; another took it over.")
