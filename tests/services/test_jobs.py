"""Jobs: asked for once, had by one worker, run again when one dies, ended when trying is pointless."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.errors import Conflict, NotFound
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.jobs import Job, JobState
from surveyapp.queueing.inline import InlineQueue
from surveyapp.services import jobs, programmes
from tests import factories
from tests.factories import AT

SECOND = timedelta(seconds=1)
Call = Callable[[], object]


def ask(key: str = "a", *, at: datetime = AT) -> uuid.UUID:
    with transaction() as session:
        return jobs.request(
            session, "score-wave", key=key, arguments={"wave": "w"}, programme=None, at=at
        ).id


def claim(job_id: uuid.UUID, by: str = "me", *, at: datetime = AT) -> Job | None:
    with transaction() as session:
        return jobs.claim(session, job_id, by=by, at=at)


def fail(job_id: uuid.UUID, *, is_final: bool = False, at: datetime = AT) -> None:
    with transaction() as session:
        jobs.fail(session, job_id, by="me", error="No.", is_final=is_final, at=at)


def seen(job_id: uuid.UUID) -> Job:
    with reading() as session:
        return jobs.find(session, job_id)


def due(at: datetime) -> uuid.UUID | None:
    with reading() as session:
        return jobs.next_due(session, at=at)


def woken() -> list[uuid.UUID]:
    queue = state().queue
    assert isinstance(queue, InlineQueue)
    return queue.waiting


def test_asking_twice_is_one_job_and_workers_are_woken_after_the_commit(app: Flask) -> None:
    with transaction() as session:
        first = jobs.request(session, "k", key="a", arguments={}, programme=None, at=AT)
        assert woken() == []
        again = jobs.request(session, "k", key="a", arguments={}, programme=None, at=AT)
        assert again is first
    assert set(woken()) == {first.id}
    assert ask("b") != first.id


def test_a_rolled_back_request_wakes_nobody(app: Flask) -> None:
    def ask_and_fail() -> None:
        with transaction() as session:
            jobs.request(session, "k", key="a", arguments={}, programme=None, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert woken() == []
    assert due(AT) is None


def test_asking_at_once_is_one_job_and_nobody_fails(
    app: Flask, at_once: Callable[[Sequence[Call]], list[object]]
) -> None:
    with transaction() as session:
        factories.make_programme(session)

    def ask_in_programme() -> uuid.UUID:
        with transaction() as session:
            owner = programmes.find(session, "kestrin")
            return jobs.request(session, "k", key="same", arguments={}, programme=owner, at=AT).id

    for calls in ([ask_in_programme] * 6, [lambda: ask("other")] * 6):
        found = at_once(calls)
        assert len(set(found)) == 1
        assert isinstance(found[0], uuid.UUID)
    with reading() as session:
        assert session.scalar(select(func.count(Job.id))) == 2


def test_of_workers_claiming_at_once_one_wins(
    app: Flask, at_once: Callable[[Sequence[Call]], list[object]]
) -> None:
    for number in range(5):
        job_id = ask(f"job {number}")
        found = at_once([lambda by=by, job=job_id: claim(job, f"w{by}") for by in range(4)])  # type: ignore[misc] # defaults bind the values
        winners = [each for each in found if each is not None]
        assert len(winners) == 1
        assert isinstance(winners[0], Job)
        assert seen(job_id).attempts == 1


def test_a_silent_worker_loses_its_job_and_its_late_words_change_nothing(app: Flask) -> None:
    job_id = ask()
    assert claim(job_id, "first") is not None
    assert claim(job_id, "second", at=AT + jobs.LEASE) is None, "the lease still holds"
    later = AT + jobs.LEASE + SECOND
    assert due(later) == job_id
    assert claim(job_id, "second", at=later) is not None
    before = seen(job_id)

    def say(what: Callable[..., None], **said: object) -> None:
        with transaction() as session:
            what(session, job_id, by="first", at=later, **said)

    for what, said in (
        (jobs.finish, {}),
        (jobs.progress, {"done": 9, "total": 9}),
        (jobs.fail, {"error": "late", "is_final": True}),
    ):
        with pytest.raises(Conflict, match="another took it over"):
            say(what, **said)
    after = seen(job_id)
    for field in ("state", "claimed_by", "done_units", "error", "lease_until", "attempts"):
        assert getattr(after, field) == getattr(before, field)
    assert (after.claimed_by, after.attempts) == ("second", 2)


def test_progress_keeps_the_claim(app: Flask) -> None:
    job_id = ask()
    claim(job_id)
    almost = AT + jobs.LEASE - SECOND
    with transaction() as session:
        jobs.progress(session, job_id, by="me", done=3, total=9, at=almost)
    assert claim(job_id, "other", at=AT + jobs.LEASE + SECOND) is None
    assert (seen(job_id).done_units, seen(job_id).total_units) == (3, 9)


def test_failures_are_tried_again_later_and_later_then_given_up(app: Flask) -> None:
    job_id, at, waits = ask(), AT, []
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        claim(job_id, at=at)
        fail(job_id, at=at)
        waiting = seen(job_id)
        assert waiting.state is JobState.QUEUED
        waits.append((waiting.due_at - at).total_seconds())
        assert due(waiting.due_at - SECOND) is None
        assert claim(job_id, at=waiting.due_at - SECOND) is None
        at = waiting.due_at
    assert waits == [5, 20, 80, 320]
    claim(job_id, at=at)
    fail(job_id, at=at)
    over = seen(job_id)
    assert (over.state, over.error, over.attempts) == (JobState.FAILED, "No.", 5)
    assert over.finished_at == at
    assert due(at + timedelta(days=9)) is None


def test_an_outage_is_waited_out_however_long_it_lasts(app: Flask) -> None:
    job_id, at, waits = ask(), AT, []
    for _ in range(9):
        assert claim(job_id, at=at) is not None
        with transaction() as session:
            jobs.fail(
                session, job_id, by="me", error="Down.", is_final=False, is_outage=True, at=at
            )
        waits.append((seen(job_id).due_at - at).total_seconds())
        at = seen(job_id).due_at
    assert waits == [5, 20, 80, *[320] * 6]
    assert seen(job_id).state is JobState.QUEUED


def test_a_final_error_is_not_tried_again_but_may_be_asked_for_anew(app: Flask) -> None:
    job_id = ask()
    claim(job_id)
    fail(job_id, is_final=True)
    assert seen(job_id).state is JobState.FAILED
    assert claim(job_id, at=AT + timedelta(days=1)) is None
    assert ask(at=AT + timedelta(days=1)) == job_id
    anew = seen(job_id)
    assert (anew.state, anew.attempts, anew.error) == (JobState.QUEUED, 0, "")
    assert claim(job_id, at=AT + timedelta(days=1)) is not None


def test_a_job_that_kills_its_workers_is_given_up(app: Flask) -> None:
    job_id, at = ask(), AT
    for _ in range(jobs.MAX_ATTEMPTS):
        assert claim(job_id, at=at) is not None
        at += jobs.LEASE + SECOND
    assert claim(job_id, at=at) is None
    over = seen(job_id)
    assert over.state is JobState.FAILED
    assert "5 times the worker" in over.error


def test_a_job_that_gets_further_each_time_survives_any_number_of_deaths(app: Flask) -> None:
    job_id, at = ask(), AT
    for done in range(1, 3 * jobs.MAX_ATTEMPTS):
        assert claim(job_id, at=at) is not None
        with transaction() as session:
            jobs.progress(session, job_id, by="me", done=done, total=99, at=at)
        at += jobs.LEASE + SECOND
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        assert claim(job_id, at=at) is not None
        with transaction() as session:
            jobs.progress(session, job_id, by="me", done=done, total=99, at=at)
        at += jobs.LEASE + SECOND
    assert claim(job_id, at=at) is None, "it has stood still too often"
    assert seen(job_id).state is JobState.FAILED


def test_a_finished_job_stays_finished(app: Flask) -> None:
    job_id = ask()
    claim(job_id)
    with transaction() as session:
        jobs.finish(session, job_id, by="me", at=AT + SECOND)
    assert ask() == job_id
    done = seen(job_id)
    assert (done.state, done.finished_at) == (JobState.DONE, AT + SECOND)
    assert claim(job_id, at=AT + timedelta(days=1)) is None


def test_the_oldest_due_job_comes_first(app: Flask) -> None:
    later, first = ask("later", at=AT + SECOND), ask("first")
    assert due(AT - SECOND) is None
    assert due(AT) == first
    claim(first)
    assert due(AT) is None
    assert due(AT + SECOND) == later


def test_a_job_that_is_not_there_is_named(app: Flask) -> None:
    unknown = uuid.uuid4()
    assert claim(unknown) is None
    with reading() as session, pytest.raises(NotFound, match=str(unknown)):
        jobs.find(session, unknown)


def test_of_many_trying_a_failed_job_again_at_once_one_does_and_a_quick_worker_keeps_it(
    app: Flask, at_once: Callable[[Sequence[Call]], list[object]]
) -> None:
    """Else the second would overwrite the claim of a worker that was quick."""
    job_id = ask()
    claim(job_id)
    fail(job_id, is_final=True)

    def press() -> str:
        with transaction() as session:
            jobs.retry(session, jobs.find(session, job_id), by="test", at=AT)
        assert claim(job_id, "quick") is not None
        return "queued"

    found = at_once([press] * 4)
    assert found.count("queued") == 1
    assert [type(each) for each in found if each != "queued"] == [Conflict] * 3
    assert (seen(job_id).state, seen(job_id).claimed_by) == (JobState.RUNNING, "quick")
