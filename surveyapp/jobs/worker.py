"""The worker: take the next due job, carry it out, say how it ended."""

import gc
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Forbidden, Invalid, NotFound, SurveyappError, Unavailable
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.heartbeat import Heartbeat
from surveyapp.jobs.tasks import KINDS, Work
from surveyapp.models.jobs import Job
from surveyapp.services import (
    answer_copies,
    jobs,
    mail,
    question_lists,
    reminders,
    unsent,
    wave_clock,
)

_log = structlog.get_logger()
_POINTLESS = (Conflict, Forbidden, Invalid, NotFound)
"""Trying again gives the same refusal."""


_UNTIL_COLLECTED = 100_000
"""Objects more than before, until cycles among the young ones are looked for; Python's own is 700."""


def settle() -> None:
    """Leave what is loaded out of every search for garbage, and search less often.

    A job makes millions of short-lived objects beside half a million of SciPy, WeasyPrint and
    SQLAlchemy that stay: a quarter of the time a large wave is scored went into looking through
    them. What is no longer referred to goes at once all the same; only cycles wait.
    """
    gc.freeze()
    gc.set_threshold(_UNTIL_COLLECTED)


def tick() -> bool:
    """Do what the clock asks for, list mail in doubt, then carry out the next due job.

    The clock launches and closes waves, reminds, and erases copies of answers and what nobody sent.

    Returns False when there was nothing of that to do.
    """
    at = utcnow()
    with reading() as session:
        is_time = wave_clock.has_due(session, at=at) or reminders.has_due(session, at=at)
        is_in_doubt = mail.has_abandoned(session, at=at)
        is_over = answer_copies.has_expired(session, at=at)
        is_unsent_due = unsent.has_due(session, kept=state().settings.unsent_kept, at=at)
        job_id = jobs.next_due(session, at=at)
    if is_time:
        with transaction() as session:
            wave_clock.keep_time(session, at=at)
            reminders.request_due(session, at=at)
    if is_in_doubt:
        with transaction() as session:
            mail.list_abandoned(session, at=at)
    if is_over:
        with transaction() as session:
            answer_copies.forget_expired(session, at=at)
    if is_unsent_due:
        with transaction() as session:
            unsent.request_due(session, kept=state().settings.unsent_kept, at=at)
    if job_id is not None:
        run(job_id)
    return is_time or is_in_doubt or is_over or is_unsent_due or job_id is not None


def ask_for_question_lists() -> None:
    """Ask for the PDFs that waves people can answer lack: those of before an upgrade, or outdated ones."""
    with reading() as session:
        missing = question_lists.missing(session)
    if missing:
        with transaction() as session:
            question_lists.request_missing(session, missing, at=utcnow())


def run(job_id: uuid.UUID) -> None:
    """Carry out one job, if it is still to be had."""
    me = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    with transaction() as session:
        job = jobs.claim(session, job_id, by=me, at=utcnow())
    if job is None:
        return
    log = _log.bind(job=str(job_id), kind=job.kind, attempt=job.attempts)
    log.info("job.started")
    try:
        _carry_out(job, me)
    except jobs.ClaimLost:
        log.warning("job.taken_over")
    except Exception as error:  # whatever a task raises is recorded with its job
        is_final = isinstance(error, _POINTLESS)
        log.warning("job.failed", is_final=is_final, exc_info=not is_final, error=str(error))
        _record_failure(job_id, me, error, is_final=is_final)
    else:
        log.info("job.done")


def _carry_out(job: Job, me: str) -> None:
    task = KINDS.get(job.kind)
    if task is None:
        raise Invalid(f"This version knows no job of kind {job.kind!r}.")
    with Heartbeat(job.id, me) as heartbeat:
        task(
            Work(
                job.arguments,
                progress=partial(_progress, job.id, me, heartbeat),
                transaction=partial(_while_claimed, job.id, me),
            )
        )
    with transaction() as session:
        jobs.finish(session, job.id, by=me, at=utcnow())


def _progress(job_id: uuid.UUID, me: str, heartbeat: Heartbeat, done: int, total: int) -> None:
    heartbeat.hear()
    with transaction() as session:
        jobs.progress(session, job_id, by=me, done=done, total=total, at=utcnow())


@contextmanager
def _while_claimed(job_id: uuid.UUID, me: str) -> Iterator[Session]:
    """Write as ``transaction()`` does, if the job is still this worker's. Raises ClaimLost."""
    with transaction() as session:
        jobs.hold(session, job_id, by=me)
        yield session


def _record_failure(job_id: uuid.UUID, me: str, error: Exception, *, is_final: bool) -> None:
    try:
        with transaction() as session:
            jobs.fail(
                session,
                job_id,
                by=me,
                error=_in_words(error)[:2000],
                is_final=is_final,
                is_outage=isinstance(error, Unavailable),
                at=utcnow(),
            )
    except jobs.ClaimLost:
        _log.warning("job.taken_over", job=str(job_id))


def _in_words(error: Exception) -> str:
    """Say what went wrong to the people of a programme; only what nobody foresaw names its kind."""
    if isinstance(error, SurveyappError):
        return str(error)
    # a database's own words end with the statement and its values, which belong to nobody
    said = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return (
        f"Something broke on our side ({type(said).__name__}: {said}). The worker's log says where."
    )
