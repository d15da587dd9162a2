"""Waking over huey's storage: an SQLite file by default, PostgreSQL (LISTEN/NOTIFY) by address.

Only wake-ups travel here, never work: huey may lose a task with the worker that took it, a Job row
cannot be lost. Its SQLite storage locks the whole file for each look, hence a file apart from the data.
"""

import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol, cast

import structlog
from huey.storage import PostgresStorage, SqliteStorage

_log = structlog.get_logger()
_LOOK_EVERY_SECONDS = 0.1


class _Storage(Protocol):
    def enqueue(self, data: bytes, priority: float | None = None) -> None: ...

    def dequeue(self) -> bytes | None: ...

    def close(self) -> None: ...


class HueyQueue:
    """Tells workers, on this host or another, that jobs are waiting."""

    def __init__(
        self, open_storage: Callable[[], _Storage], *, errors: tuple[type[Exception], ...]
    ) -> None:
        self._open_storage = open_storage
        self._errors = errors

    @cached_property
    def _storage(self) -> _Storage:
        """Opened when first needed: a server that is down stops no application from starting."""
        return self._open_storage()

    @classmethod
    def in_file(cls, path: Path) -> "HueyQueue":
        """Use an SQLite file: one host."""
        # fsync off: a wake-up lost in a power cut costs one poll, nothing else
        return cls(
            lambda: cast("_Storage", SqliteStorage("surveyapp", filename=str(path), fsync=False)),
            errors=(sqlite3.Error,),
        )

    @classmethod
    def in_postgres(cls, dsn: str) -> "HueyQueue":
        """Use a PostgreSQL database: many hosts."""
        import psycopg  # noqa: PLC0415 an extra that only this storage needs

        return cls(
            lambda: cast("_Storage", PostgresStorage("surveyapp", dsn=dsn, table_prefix="wake")),
            errors=(psycopg.Error,),
        )

    def wake(self, job_ids: Sequence[uuid.UUID]) -> None:
        """Tell workers that these jobs can be claimed; they poll anyway, so failing is no loss."""
        try:
            for job_id in job_ids:
                self._storage.enqueue(job_id.bytes)
        except self._errors:
            _log.warning("queue.wake_failed", jobs=len(job_ids), exc_info=True)

    def wait(self, seconds: float) -> bool:
        """Sleep until somebody wakes us or the time is over; True when woken."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                if self._storage.dequeue() is not None:
                    return True
            except self._errors:
                _log.warning("queue.look_failed", exc_info=True)
            time.sleep(min(_LOOK_EVERY_SECONDS, left))
        return False

    def close(self) -> None:
        """Let go of the storage's connection."""
        if "_storage" in self.__dict__:
            self._storage.close()
