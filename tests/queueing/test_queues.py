"""Waking workers: soon when all is well, never an error for who asked."""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from surveyapp.queueing.huey_queue import HueyQueue
from surveyapp.queueing.inline import InlineQueue
from tests.conftest import new_database, run_sql


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """Of a PostgreSQL database of our own; empty for the file."""
    return "" if request.param == "sqlite" else fresh(request.getfixturevalue("postgres"))


def fresh(postgres: str) -> str:
    url = make_url(new_database(postgres))
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def open_queue(address: str, tmp_path: Path) -> Iterator[Callable[[], HueyQueue]]:
    """Open the queue of one more process over the same storage."""
    queues: list[HueyQueue] = []

    def open_it() -> HueyQueue:
        path = tmp_path / "queue.db"
        queues.append(HueyQueue.in_postgres(address) if address else HueyQueue.in_file(path))
        return queues[-1]

    yield open_it
    for queue in queues:
        queue.close()


@pytest.fixture
def pair(open_queue: Callable[[], HueyQueue]) -> tuple[HueyQueue, HueyQueue]:
    """A web process's queue and a worker's."""
    return open_queue(), open_queue()


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


def test_of_two_workers_one_sees_each_wake_up_within_a_second(
    open_queue: Callable[[], HueyQueue],
) -> None:
    """As on two hosts: each has a connection of its own, they share nothing but the storage."""
    web, first, second = open_queue(), open_queue(), open_queue()
    seen: list[float] = []
    is_over = threading.Event()

    def work(queue: HueyQueue) -> None:
        while not is_over.is_set():
            if queue.wait(0.2):
                seen.append(time.monotonic())
        queue.close()

    workers = [threading.Thread(target=work, args=(queue,)) for queue in (first, second)]
    for worker in workers:
        worker.start()
    waited = []
    for number in range(1, 11):
        asked_at = time.monotonic()
        web.wake([uuid.uuid4()])
        while len(seen) < number and time.monotonic() < asked_at + 20:
            time.sleep(0.005)
        assert len(seen) == number, "one wake-up, one worker"
        waited.append(seen[-1] - asked_at)
    is_over.set()
    for worker in workers:
        worker.join()
    assert sorted(waited)[len(waited) // 2] < 1
    assert len(seen) == 10


def test_a_worker_whose_connections_were_cut_wakes_again(postgres: str) -> None:
    """A database that is started anew costs a look, not the worker."""
    address = fresh(postgres)
    web, worker = HueyQueue.in_postgres(address), HueyQueue.in_postgres(address)
    worker.wait(0.01)
    web.wake([uuid.uuid4()])
    assert worker.wait(5)
    theirs = f"FROM pg_stat_activity WHERE datname = '{make_url(address).database}'"
    run_sql(postgres, f"SELECT pg_terminate_backend(pid) {theirs}")
    web.wake([uuid.uuid4()])  # the first may go nowhere: workers look by themselves as well
    web.wake([uuid.uuid4()])
    assert worker.wait(5)
    web.close()
    worker.close()


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
