"""A task that says nothing for long keeps its job; a worker that is frozen, cut off or hung loses it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp import log
from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, transaction
from surveyapp.jobs import worker
from surveyapp.jobs.heartbeat import Heartbeat
from surveyapp.jobs.tasks import Work
from surveyapp.models.audit import AuditEvent
from surveyapp.models.jobs import Job, JobState
from surveyapp.services import audit, jobs, programmes
from tests import factories
from tests.conftest import make_app

OFTEN = timedelta(milliseconds=20)
PATIENCE_SECONDS = 20.0


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


def ask(kind: str = "long") -> uuid.UUID:
    with transaction() as session:
        return jobs.request(session, kind, key=kind, arguments={}, programme=None, at=utcnow()).id


def claim(job_id: uuid.UUID, by: str) -> None:
    with transaction() as session:
        assert jobs.claim(session, job_id, by=by, at=utcnow()) is not None


def seen(job_id: uuid.UUID) -> Job:
    with reading() as session:
        return jobs.find(session, job_id)


def lease_of(job_id: uuid.UUID) -> datetime:
    found = seen(job_id).lease_until
    assert found is not None
    return found


def end_lease(job_id: uuid.UUID) -> None:
    """What two minutes of silence would do."""
    with transaction() as session:
        past = utcnow() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == job_id).values(lease_until=past))


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def test_a_silent_task_keeps_its_job_as_long_as_it_works_and_no_longer(app: Flask) -> None:
    job_id = ask()
    claim(job_id, "me")
    first = lease_of(job_id)
    with Heartbeat(job_id, "me", every=OFTEN):
        wait_until(lambda: lease_of(job_id) > first)
        second = lease_of(job_id)
        wait_until(lambda: lease_of(job_id) > second)
    last = lease_of(job_id)
    time.sleep(0.1)
    assert lease_of(job_id) == last


def test_a_worker_beats_while_its_task_runs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_work: Work) -> None:
        end_lease(job_id)
        wait_until(lambda: lease_of(job_id) > utcnow())

    monkeypatch.setattr(worker, "KINDS", {"long": work})
    monkeypatch.setattr(worker, "Heartbeat", partial(Heartbeat, every=OFTEN))
    job_id = ask()
    worker.run(job_id)
    assert (seen(job_id).state, seen(job_id).attempts) == (JobState.DONE, 1)
    assert [each.name for each in threading.enumerate() if each.name == "heartbeat"] == []


def test_a_task_whose_job_was_taken_over_writes_nothing_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_on: list[str] = []

    def write(work: Work, what: str) -> None:
        with work.transaction() as session:
            programme = programmes.find(session, "kestrin")
            audit.record(session, programme, what, subject="unit", by="test", at=utcnow())

    def work(work: Work) -> None:
        write(work, "before")
        end_lease(job_id)
        claim(job_id, "other")
        write(work, "after")
        went_on.append("it went on")

    with transaction() as session:
        factories.make_programme(session)
    monkeypatch.setattr(worker, "KINDS", {"long": work})
    job_id = ask()
    worker.run(job_id)
    assert went_on == []
    with reading() as session:
        written = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "unit"))
        assert written.all() == ["before"]
    job = seen(job_id)
    assert (job.state, job.claimed_by, job.error) == (JobState.RUNNING, "other", "")


def test_whoever_takes_a_job_over_waits_for_what_is_being_written(app: Flask) -> None:
    job_id = ask()
    claim(job_id, "me")
    end_lease(job_id)
    order: list[str] = []

    def take_over() -> None:
        with app.app_context():
            claim(job_id, "other")
            order.append("taken")

    other = threading.Thread(target=take_over)
    with transaction() as session:
        jobs.hold(session, job_id, by="me")
        other.start()
        time.sleep(0.3)
        order.append("written")
    other.join()
    assert order == ["written", "taken"]
    with pytest.raises(jobs.ClaimLost, match="another took it over"), transaction() as session:
        jobs.hold(session, job_id, by="me")


def test_a_beat_that_finds_the_job_taken_is_the_last(app: Flask) -> None:
    job_id = ask()
    claim(job_id, "other")
    lease = lease_of(job_id)
    with Heartbeat(job_id, "me", every=OFTEN) as heartbeat:
        heartbeat._thread.join(PATIENCE_SECONDS)
        assert not heartbeat._thread.is_alive()
    assert lease_of(job_id) == lease


def test_a_task_that_hangs_loses_its_job_and_one_that_speaks_does_not(app: Flask) -> None:
    job_id = ask()
    claim(job_id, "me")
    gave_up = threading.Event()
    short = timedelta(milliseconds=300)
    with Heartbeat(job_id, "me", every=OFTEN, patience=short, give_up=gave_up.set) as heartbeat:
        for _ in range(30):
            heartbeat.hear()
            time.sleep(0.02)
        assert not gave_up.is_set(), "it was heard all the time"
        assert gave_up.wait(PATIENCE_SECONDS)
        heartbeat._thread.join(PATIENCE_SECONDS)
        last = lease_of(job_id)
        time.sleep(0.1)
        assert lease_of(job_id) == last


def test_a_long_writer_and_beating_workers_wait_for_each_other_and_nobody_fails(
    app: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    """SQLite has one writer: while it writes for a second, beats and answers wait their turn."""
    log.configure(level="INFO", as_json=False)  # writes to where this test reads
    job_id = ask()
    claim(job_id, "me")
    with transaction() as session:
        factories.make_programme(session)
    first = lease_of(job_id)
    written: list[int] = []

    def write_often() -> None:
        with app.app_context():
            for number in range(20):
                with transaction() as session:
                    programme = programmes.find(session, "kestrin")
                    audit.record(session, programme, "w", subject="s", by="t", at=utcnow())
                written.append(number)

    other = threading.Thread(target=write_often)
    with Heartbeat(job_id, "me", every=OFTEN):
        with transaction() as session:
            programme = programmes.find(session, "kestrin")
            audit.record(session, programme, "long", subject="s", by="t", at=utcnow())
            other.start()
            time.sleep(1.0)
        other.join(PATIENCE_SECONDS)
        wait_until(lambda: lease_of(job_id) > first)
    assert len(written) == 20
    assert "heartbeat_failed" not in capfd.readouterr().err


SCRIPT = """
    import sys, time
    from datetime import timedelta
    from functools import partial
    from surveyapp.app import create_app
    from surveyapp.clock import utcnow
    from surveyapp.jobs import worker
    from surveyapp.jobs.heartbeat import Heartbeat
    from surveyapp.services import audit, programmes

    def write(work, what):
        with work.transaction() as session:
            programme = programmes.find(session, "kestrin")
            audit.record(session, programme, what, subject="unit", by="child", at=utcnow())

    def freezes(work):
        write(work, "first")
        time.sleep(1)
        write(work, "second")

    def hangs(work):
        write(work, "first")
        time.sleep(3600)

    worker.KINDS = {"freezes": freezes, "hangs": hangs}
    short = timedelta(seconds=0.3)
    worker.Heartbeat = partial(Heartbeat, every=timedelta(seconds=0.05), patience=short)
    if sys.argv[1] == "freezes":
        worker.Heartbeat = partial(Heartbeat, every=timedelta(seconds=0.05))
    with create_app().app_context():
        worker.tick()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    app = make_app(tmp_path / "home")
    with app.app_context():
        with transaction() as session:
            factories.make_programme(session)
        yield tmp_path / "home"
        db.engine.dispose()


def start_child(home: Path, kind: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), kind],
        env={**os.environ, "SURVEYAPP_HOME": str(home), "SURVEYAPP_LOG_LEVEL": "ERROR"},
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )


def units() -> list[str]:
    with reading() as session:
        found = select(AuditEvent.action).where(AuditEvent.subject == "unit")
        return list(session.scalars(found.order_by(AuditEvent.number)))


def test_a_worker_that_was_frozen_finds_its_job_taken_and_writes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(worker, "KINDS", {"freezes": lambda _work: done.append("by the other")})
    job_id = ask("freezes")
    child = start_child(home, "freezes")
    wait_until(lambda: units() == ["first"])
    os.kill(child.pid, signal.SIGSTOP)
    end_lease(job_id)
    worker.run(job_id)
    os.kill(child.pid, signal.SIGCONT)
    assert child.wait(PATIENCE_SECONDS) == 0
    assert done == ["by the other"]
    assert units() == ["first"]
    assert (seen(job_id).state, seen(job_id).attempts) == (JobState.DONE, 2)


def test_a_process_whose_task_hangs_ends_and_leaves_its_job_to_be_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "KINDS", {"hangs": lambda _work: None})
    job_id = ask("hangs")
    child = start_child(home, "hangs")
    assert child.wait(PATIENCE_SECONDS) == 1
    assert seen(job_id).state is JobState.RUNNING
    end_lease(job_id)
    worker.run(job_id)
    assert (seen(job_id).state, units()) == (JobState.DONE, ["first"])
