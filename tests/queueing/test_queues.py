"""Waking workers: soon when all is well, never an error for who asked."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from surveyapp.queueing.huey_queue import HueyQueue
from surveyapp.queueing.inline import InlineQueue
from tests.conftest import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[HueyQueue, HueyQueue]]:
    """A web process's queue and a worker's, over the same storage."""
    if request.param == "sqlite":
        queues = HueyQueue.in_file(tmp_path / "queue.db"), HueyQueue.in_file(tmp_path / "queue.db")
    else:
        address = make_url(new_database(request.getfixturevalue("postgres")))
        dsn = address.set(drivername="postgresql").render_as_string(hide_password=False)
        queues = HueyQueue.in_postgres(dsn), HueyQueue.in_postgres(dsn)
    yield queues
    for queue in queues:
        queue.close()


def test_each_wake_up_ends_one_wait(pair: tuple[HueyQueue, HueyQueue]) -> None:
    web, worker = pair
    assert not worker.wait(0.01)
    web.wake([uuid.uuid4(), uuid.uuid4()])
    assert worker.wait(5)
    assert worker.wait(5)
    assert not worker.wait(0.01)


def test_a_sleeping_worker_wakes_soon(pair: tuple[HueyQueue, HueyQueue]) -> None:
    web, worker = pair
    worker.wait(0.01)
    waking = threading.Timer(0.3, lambda: [web.wake([uuid.uuid4()]), web.close()])
    started = time.monotonic()
    waking.start()
    assert worker.wait(20)
    waking.join()
    assert 0.25 < time.monotonic() - started < 10


def broken(error: Exception) -> HueyQueue:
    def open_storage() -> object:
        raise error

    return HueyQueue(open_storage, errors=(type(error),))  # type: ignore[arg-type] # it returns none


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("unable to open"), psycopg.OperationalError("refused")]
)
def test_a_storage_that_does_not_open_fails_nobody(error: Exception) -> None:
    queue = broken(error)
    queue.wake([uuid.uuid4()])
    started = time.monotonic()
    assert not queue.wait(0.25)
    assert time.monotonic() - started >= 0.25, "and the worker does not spin"
    queue.close()


def test_a_file_that_cannot_be_opened_fails_nobody(tmp_path: Path) -> None:
    queue = HueyQueue.in_file(tmp_path / "missing" / "queue.db")
    queue.wake([uuid.uuid4()])
    assert not queue.wait(0.1)
    queue.close()


def test_a_server_that_is_down_fails_nobody() -> None:
    queue = HueyQueue.in_postgres("postgresql://nobody@127.0.0.1:9/none?connect_timeout=1")
    queue.wake([uuid.uuid4()])
    assert not queue.wait(0.1)
    queue.close()


def test_the_inline_queue_remembers_once() -> None:
    queue = InlineQueue()
    assert not queue.wait(9)
    queue.wake([uuid.uuid4()])
    assert queue.wait(9)
    assert not queue.wait(9)
