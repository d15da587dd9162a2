"""The page of jobs: what is under way, what failed and why, and another try by who may."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, transaction
from surveyapp.jobs.tasks import KINDS
from surveyapp.models.audit import AuditEvent
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.people import Role
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.reports import packs
from surveyapp.services import job_lists, jobs, programmes, results, scorecards
from surveyapp.web.job_words import job_title
from tests import factories
from tests.conftest import Page
from tests.services.scored import closed_wave, relationship_of, score
from tests.web.console_world import sign_in, token_of
from tests.web.world import open_wave

PATH = "/p/kestrin/jobs"


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    with app_on_both.app_context(), transaction() as session:
        factories.make_programme(session)
        factories.make_programme(session, "harbour")
    return app_on_both


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return sign_in(app, "kestrin")


def ask(app: Flask, key: str, *, programme: str = "kestrin", kind: str = "send-mail") -> uuid.UUID:
    with app.app_context(), transaction() as session:
        found = programmes.find(session, programme)
        at = utcnow()
        return jobs.request(session, kind, key=key, arguments={}, programme=found, at=at).id


def change(app: Flask, job_id: uuid.UUID, **values: object) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(**values))


def run(app: Flask, job_id: uuid.UUID, *, done: int = 0, total: int = 0) -> None:
    lease = utcnow() + jobs.LEASE
    units = {"done_units": done, "total_units": total, "attempts": 1}
    change(app, job_id, state=JobState.RUNNING, lease_until=lease, claimed_by="w", **units)


def fail(app: Flask, job_id: uuid.UUID, error: str = "No room.") -> None:
    at = utcnow()
    change(app, job_id, state=JobState.FAILED, attempts=5, error=error, finished_at=at)


def seen(app: Flask, job_id: uuid.UUID) -> Job:
    with app.app_context(), reading() as session:
        return jobs.find(session, job_id)


def try_again(client: FlaskClient, job_id: uuid.UUID) -> TestResponse:
    token = token_of(client, PATH)
    return client.post(f"{PATH}/{job_id}/retry", data={"csrf_token": token})


def queries(app: Flask, call: Callable[[], object]) -> int:
    """How many statements a call sends to the database."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_an_empty_list_says_what_makes_jobs(app: Flask, owner: FlaskClient, page: Page) -> None:
    assert "Everything asked for is done." in page(PATH, through=owner).text
    assert "Launching a wave" in page(f"{PATH}?show=all", through=owner).text


def test_the_page_says_what_runs_waits_and_failed_and_why(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    run(app, ask(app, "a"), done=1200, total=3000)
    ask(app, "b")
    failed = ask(app, "c")
    fail(app, failed, "The outbox cannot be written: <no space left>.")
    waits = ask(app, "d")
    change(app, waits, attempts=2, error="No connection.", due_at=utcnow() + timedelta(minutes=5))
    found = page(PATH, through=owner)
    assert "One job failed and needs somebody. One is at work. 2 wait." in found.text
    assert "1,200 of 3,000 done" in found.text
    assert 'max="3000"' in found.html
    assert "Failed after 5 attempts. The outbox cannot be written: <no space left>." in found.text
    assert "Waits to be tried again at" in found.text
    assert "After 2 attempts: No connection." in found.text
    assert found.text.index("no space left") < found.text.index("1,200 of"), "what failed is first"
    assert found.forms[-1] == f"{PATH}/{failed}/retry"
    assert "Show the newest state" in found.text


def test_a_failed_job_is_tried_again_and_the_audit_says_by_whom(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    job_id = ask(app, "a")
    fail(app, job_id)
    response = try_again(owner, job_id)
    assert (response.status_code, response.location) == (303, PATH)
    assert "a worker tries it again" in page(PATH, through=owner).text
    job = seen(app, job_id)
    assert (job.state, job.attempts, job.error) == (JobState.QUEUED, 0, "")
    again = try_again(owner, job_id)
    assert again.status_code == 303
    assert "has not failed any more" in page(PATH, through=owner).text
    with app.app_context(), reading() as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "job.retried")).one()
    assert (told.subject, told.actor) == (f"job:{job_id}", "user:programme.owner@kestrin.example")


def test_another_programmes_jobs_are_neither_shown_nor_tried(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    theirs = ask(app, "theirs", programme="harbour")
    fail(app, theirs, "Their secret.")
    fail(app, ask(app, "ours"))
    for show in job_lists.STATES:
        assert "secret" not in page(f"{PATH}?show={show}", through=owner).text
    assert "One job failed" in page(PATH, through=owner).text
    assert try_again(owner, theirs).status_code == 404
    assert try_again(owner, uuid.uuid4()).status_code == 404
    assert seen(app, theirs).state is JobState.FAILED


def test_an_analyst_reads_and_may_not_try_again_others_see_nothing(app: Flask, page: Page) -> None:
    job_id = ask(app, "a")
    fail(app, job_id)
    analyst = sign_in(app, "kestrin", role=Role.ANALYST)
    found = page(PATH, through=analyst)
    assert "No room." in found.text
    assert "Try again" not in found.text
    assert try_again(analyst, job_id).status_code == 403
    for role in (Role.EXECUTIVE, Role.REVIEWER, Role.RELATIONSHIP_MANAGER):
        assert sign_in(app, "kestrin", role=role).get(PATH).status_code == 403
    assert app.test_client().get(PATH).status_code == 404
    assert seen(app, job_id).state is JobState.FAILED


def test_it_says_when_nobody_works_and_not_while_somebody_does(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    words = "No worker seems to run."
    job_id = ask(app, "a")
    assert words not in page(PATH, through=owner).text
    change(app, job_id, due_at=utcnow() - timedelta(minutes=6))
    assert words in page(PATH, through=owner).text
    assert "surveyapp worker" in page(PATH, through=owner).text
    busy = ask(app, "b")
    run(app, busy)
    assert words not in page(PATH, through=owner).text
    long_ago = utcnow() - timedelta(minutes=7)
    change(app, busy, lease_until=long_ago)
    assert words in page(PATH, through=owner).text, "its worker died"
    assert "Its worker went silent. Another takes over." in page(PATH, through=owner).text
    change(app, busy, state=JobState.DONE, lease_until=None, finished_at=utcnow())
    assert words not in page(PATH, through=owner).text, "somebody has just ended one"


def test_jobs_are_called_by_what_they_do_and_lead_there(app: Flask, page: Page) -> None:
    open_wave(app, "Ann", slug="p1")
    found = page("/p/p1/jobs", through=sign_in(app, "p1"))
    assert "Writing the invitations of Autumn" in found.links["/p/p1/waves/autumn"]


def test_documents_are_called_by_their_companies(app: Flask, page: Page) -> None:
    with app.app_context():
        run_id = score(closed_wave({"Aldermere": [(4, 4, 4), (3, 2, 3)]}, slug="p1"))
        relationship = relationship_of("Aldermere")
    for buyer in ("Aldermere", ""):
        with app.app_context(), transaction() as session:
            scorecards.request(
                session,
                results.run(session, run_id),
                relationship if buyer else None,
                pack=packs.find("scorecard" if buyer else "portfolio"),
                locale="en",
                by="test",
                at=utcnow(),
            )
    found = page("/p/p1/jobs", through=sign_in(app, "p1"))
    assert "Making the scorecard of Aldermere and Kestrin" in found.text
    assert "Making the portfolio report of Autumn" in found.text
    assert "Scoring Autumn" in found.text
    with app.app_context(), reading() as session:
        wave = session.scalars(select(Wave.slug).join(ScoreRun)).one()
    assert found.link("Making the portfolio report") == f"/p/p1/results/{wave}"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_name_of_its_own(app: Flask, kind: str) -> None:
    # an own copy belongs to its respondent: the job names no wave
    wave = None if kind == "copy-answers" else Wave(name="Autumn")
    with app.test_request_context():
        title = job_title(job_lists.Listed(Job(kind=kind), wave, None))
    assert wave is None or "Autumn" in title
    assert kind not in title


def test_a_job_of_a_kind_nobody_knows_is_shown_all_the_same(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    job_id = ask(app, "a", kind="bake-a-cake")
    change(app, job_id, arguments={"wave": "no id", "scorecard": 7})
    assert "A job of the kind bake-a-cake" in page(PATH, through=owner).text


def test_long_lists_are_cut_sorted_and_cost_the_same(
    app: Flask, owner: FlaskClient, page: Page
) -> None:
    first = ask(app, "first")
    few = queries(app, lambda: owner.get(PATH))
    for number in range(60):
        ask(app, f"job {number}")
    fail(app, first)
    assert queries(app, lambda: owner.get(PATH)) <= few
    whole = page(PATH, through=owner)
    assert "1 to 50 of 61" in whole.text
    assert "No room." in whole.text
    last = page(f"{PATH}?sort=asked&page=2", through=owner)
    assert "51 to 61 of 61" in last.text
    assert "No room." not in last.text
    assert page(f"{PATH}?show=nonsense&sort=nonsense&page=x", through=owner).h1 == "Jobs"


def test_the_newest_job_of_a_wave_is_found_by_kind_and_key(app: Flask) -> None:
    first = ask(app, "mail:1:invitation")
    newest = ask(app, "mail:1:reminder")
    ask(app, "mail:10")
    ask(app, "mail:1", kind="score-wave")
    ask(app, "mail:1:theirs", programme="harbour")
    change(app, first, created_at=utcnow() - timedelta(hours=1))
    with app.app_context(), reading() as session:
        programme = programmes.find(session, "kestrin")
        found = jobs.latest(session, programme, kind="send-mail", key="mail:1:")
        assert found is not None
        assert found.id == newest
        assert jobs.latest(session, programme, kind="send-mail", key="mail_1") is None
