"""Keeping a claim while a task works: a thread extends the lease until the task ends, or hangs.

The thread dies and stops with its process, so a worker that is killed or frozen loses its job.
"""

import contextvars
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import structlog
from sqlalchemy.exc import DBAPIError

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.services import jobs

EVERY: Final = jobs.LEASE / 4
"""Three beats may be missed before the lease is over."""
PATIENCE: Final = timedelta(hours=1)
"""A task that says nothing for so long hangs: no scoring or document takes a tenth of it."""
_log = structlog.get_logger()


def end_process() -> None:
    """End this process at once: nothing inside it can interrupt a task that hangs.

    Its job is taken again once the lease is over, as after any death; ``surveyapp serve`` or the
    init system starts a new worker.
    """
    os._exit(1)


class Heartbeat:
    """Extends a job's lease from the start of its task to the end."""

    def __init__(
        self,
        job_id: uuid.UUID,
        me: str,
        *,
        every: timedelta = EVERY,
        patience: timedelta = PATIENCE,
        give_up: Callable[[], None] = end_process,
    ) -> None:
        self._job_id, self._me = job_id, me
        self._every, self._patience = every.total_seconds(), patience.total_seconds()
        self._give_up = give_up
        self._heard_at = time.monotonic()
        self._is_over = threading.Event()
        # the copy carries the application into the thread, which ends before its context does
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._beat,), name="heartbeat", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def hear(self) -> None:
        """Note that the task has just said something, so it does not hang."""
        self._heard_at = time.monotonic()

    def _beat(self) -> None:
        while not self._is_over.wait(self._every):
            if time.monotonic() - self._heard_at > self._patience:
                _log.critical("job.hangs", job=str(self._job_id), seconds=self._patience)
                self._give_up()
                return
            if not self._extend():
                return

    def _extend(self) -> bool:
        try:
            with transaction() as session:
                jobs.extend(session, self._job_id, by=self._me, at=utcnow())
        except jobs.ClaimLost:
            # the task learns it with its next commit
            _log.warning("job.taken_over", job=str(self._job_id))
            return False
        except DBAPIError:
            # a database that is away or busy may be back before the lease is over
            _log.warning("job.heartbeat_failed", job=str(self._job_id), exc_info=True)
        return True
