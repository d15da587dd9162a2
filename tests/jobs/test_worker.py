"""The worker: carries due jobs out, says how they ended, and survives what they raise."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from surveyapp import log
from surveyapp.clock import utcnow
from surveyapp.errors import Invalid, Unavailable
from surveyapp.extensions import reading, transaction
from surveyapp.jobs import tasks, worker
from surveyapp.jobs.tasks import Work
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.mail import MailState, OutgoingMail
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import jobs, waves
from tests import factories
from tests.factories import annual_survey
from tests.web.world import open_wave


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


def ask(kind: str) -> uuid.UUID:
    with transaction() as session:
        return jobs.request(session, kind, key=kind, arguments={}, programme=None, at=utcnow()).id


def seen(job_id: uuid.UUID) -> Job:
    with reading() as session:
        return jobs.find(session, job_id)


def drain() -> int:
    count = 0
    while worker.tick():
        count += 1
    return count


def test_a_launched_wave_is_invited_mailed_closed_and_scored_tick_by_tick(app: Flask) -> None:
    at = utcnow()
    with transaction() as session:
        programme = factories.make_programme(session, at=at)
        buyer = factories.make_organisation(session, programme, "Aldermere", at=at)
        supplier = factories.make_organisation(session, programme, "Kestrin", at=at)
        relationship = factories.make_relationship(session, buyer, supplier, at=at)
        ann = factories.make_contact(session, buyer, "Ann", at=at)
        factories.make_part(session, ann, relationship, at=at)
        wave = factories.make_wave(session, programme, annual_survey(), at=at)
        waves.launch(session, wave, by="test", at=at)
    assert drain() == 2
    with reading() as session:
        assert session.scalars(select(OutgoingMail.state)).all() == [MailState.SENT]
        assert session.scalars(select(Wave.state)).all() == [WaveState.OPEN]
    with transaction() as session:
        session.execute(update(Wave).values(closes_at=utcnow() - timedelta(seconds=1)))
    assert drain() == 2, "one closes it, one finds the scoring"
    with reading() as session:
        assert session.scalars(select(Wave.state)).all() == [WaveState.CLOSED]
        assert session.scalars(select(ScoreRun.number)).all() == [1]
        assert set(session.scalars(select(Job.state))) == {JobState.DONE}
    assert not worker.tick()


def test_a_kind_this_version_does_not_know_fails_for_good(app: Flask) -> None:
    job_id = ask("bake-a-cake")
    assert worker.tick()
    job = seen(job_id)
    assert job.state is JobState.FAILED
    assert "no job of kind 'bake-a-cake'" in job.error


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        (Invalid("The questionnaire is not scored."), JobState.FAILED, "The questionnaire is"),
        (ZeroDivisionError("by zero"), JobState.QUEUED, "Something broke on our side (ZeroDiv"),
        (Unavailable("No connection."), JobState.QUEUED, "No connection."),
    ],
)
def test_what_a_task_raises_is_recorded_and_the_worker_goes_on(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    state: JobState,
    said: str,
) -> None:
    def fail(_work: Work) -> None:
        raise error

    done: list[str] = []
    monkeypatch.setattr(
        worker,
        "KINDS",
        {
            **tasks.KINDS,
            "fails": fail,
            "works": lambda work: done.append(json.dumps(work.arguments)),
        },
    )
    failing, working = ask("fails"), ask("works")
    assert drain() == 2
    assert (seen(failing).state, seen(working).state) == (state, JobState.DONE)
    assert seen(failing).error.startswith(said)
    assert done == ["{}"]


def test_a_statement_that_fails_is_logged_without_what_people_wrote(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    log.configure(level="INFO", as_json=False)  # writes to where this test reads
    secret = uuid.uuid4().hex  # not in a line of code, which a traceback shows

    def fail(work: Work) -> None:
        with work.transaction() as session:
            session.execute(text("SELECT 1 FROM nowhere WHERE words = :words"), {"words": secret})

    monkeypatch.setattr(worker, "KINDS", {"fails": fail})
    job_id = ask("fails")
    worker.run(job_id)
    said = capfd.readouterr()
    assert "nowhere" in said.err + said.out
    assert secret not in said.err + said.out
    assert "nowhere" in seen(job_id).error
    assert secret not in seen(job_id).error


def test_a_worker_that_lost_its_job_leaves_it_to_the_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_overtaken(work: Work) -> None:
        later = utcnow() + jobs.LEASE + timedelta(seconds=1)
        with transaction() as session:
            assert jobs.claim(session, job_id, by="other", at=later) is not None
        work.progress(1, 2)
        pytest.fail("it went on after losing the claim")

    monkeypatch.setattr(worker, "KINDS", {"slow": be_overtaken})
    job_id = ask("slow")
    worker.run(job_id)
    job = seen(job_id)
    assert (job.state, job.claimed_by, job.error) == (JobState.RUNNING, "other", "")


def test_running_a_job_that_is_taken_or_done_does_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(worker, "KINDS", {"works": lambda _work: done.append(1)})
    job_id = ask("works")
    for _ in range(3):
        worker.run(job_id)
    worker.run(uuid.uuid4())
    assert done == [1]


def test_mail_left_by_a_dead_sender_is_listed_by_the_next_tick(app: Flask) -> None:
    open_wave(app, "Ann", "Bo")
    assert drain() > 0
    with transaction() as session:
        one = session.scalars(select(OutgoingMail)).first()
        assert one is not None
        one.state, one.sent_at = MailState.CLAIMED, None
        one.lease_until = utcnow() - timedelta(seconds=1)
    assert worker.tick()
    with reading() as session:
        assert sorted(session.scalars(select(OutgoingMail.state))) == ["sent", "uncertain"]
    assert not worker.tick()
