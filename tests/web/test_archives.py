"""All scorecards of a wave on the web: asked for, watched, downloaded, and by whom."""

import io
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.extensions import transaction
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.people import Role
from tests.conftest import check_page
from tests.web.console_world import sign_in, token_of
from tests.web.results_world import COLD, WARM, Surveyed, survey, work

ROLES = [Role.OWNER, Role.ANALYST, Role.EXECUTIVE, Role.RELATIONSHIP_MANAGER]


@pytest.fixture
def made(app: Flask) -> Surveyed:
    return survey(app, [COLD, WARM])


def ask(client: FlaskClient, made: Surveyed) -> None:
    path = f"{made.address}/archive"
    response = client.post(path, data={"csrf_token": token_of(client, path)})
    assert (response.status_code, response.location) == (303, path)


def test_the_zip_is_asked_for_watched_and_downloaded(app: Flask, made: Surveyed) -> None:
    client = sign_in(app, "kestrin")
    path = check_page(client.get(made.address)).link("All scorecards (ZIP)")
    before = check_page(client.get(path))
    assert before.h1 == "All scorecards of Autumn"
    assert before.forms[-1] == path
    ask(client, made)
    ask(client, made)
    waiting = check_page(client.get(path))
    assert "Waits for a worker." in waiting.text
    assert path not in waiting.forms
    jobs = check_page(client.get("/p/kestrin/jobs"))
    assert jobs.link("Making all scorecards of Autumn") == path
    with app.app_context():
        half_done(JobState.RUNNING)
    assert "1 of 3 done" in check_page(client.get(path)).text
    with app.app_context():
        half_done(JobState.QUEUED)
        work()
    ready = check_page(client.get(path))
    assert "2 scorecards in one ZIP, " in ready.text
    with client.get(ready.link("Download the ZIP")) as response:
        assert response.mimetype == "application/zip"
        assert (
            'filename="Kestrin key accounts scorecards - Autumn.zip"'
            in response.headers["Content-Disposition"]
        )
        with zipfile.ZipFile(io.BytesIO(response.data)) as opened:
            assert len(opened.namelist()) == 2
    assert check_page(client.get(made.card())).html.count("<svg "), "each is released by itself"


def half_done(state: JobState) -> None:
    """As a worker leaves it that was stopped, or is at work."""
    running = state is JobState.RUNNING
    with transaction() as session:
        job = session.scalars(select(Job).where(Job.kind == "build-archive")).one()
        session.execute(
            update(Job)
            .where(Job.id == job.id)
            .values(
                state=state,
                done_units=1,
                total_units=3,
                lease_until=job.due_at.replace(year=2090) if running else None,
            )
        )


def test_what_failed_is_told_and_tried_again(app: Flask, made: Surveyed) -> None:
    client = sign_in(app, "kestrin")
    ask(client, made)
    with app.app_context(), transaction() as session:
        session.execute(
            update(Job)
            .where(Job.kind == "build-archive")
            .values(state=JobState.FAILED, error="The disk is full.")
        )
    told = check_page(client.get(f"{made.address}/archive"))
    assert "Making the ZIP failed: The disk is full." in told.text
    ask(client, made)
    with app.app_context():
        work()
    assert "Download the ZIP" in check_page(client.get(f"{made.address}/archive")).text


@pytest.mark.parametrize("role", ROLES, ids=[role.value for role in ROLES])
def test_who_may_have_it(app: Flask, made: Surveyed, role: Role) -> None:
    owner = sign_in(app, "kestrin", email="owner@kestrin.example")
    ask(owner, made)
    with app.app_context():
        work()
    path = f"{made.address}/archive"
    zip_path = check_page(owner.get(path)).link("Download the ZIP")
    member = sign_in(app, "kestrin", email=f"{role.name.lower()}@kestrin.example", role=role)
    may_read = role is not Role.RELATIONSHIP_MANAGER
    for address in (path, zip_path):
        with member.get(address) as response:
            assert response.status_code == (200 if may_read else 403)
    token = token_of(member, "/account")
    may_ask = role in (Role.OWNER, Role.ANALYST)
    assert member.post(path, data={"csrf_token": token}).status_code == (303 if may_ask else 403)


def test_another_programme_s_zip_does_not_exist(app: Flask, made: Surveyed) -> None:
    client = sign_in(app, "kestrin")
    ask(client, made)
    with app.app_context():
        work()
    zip_path = check_page(client.get(f"{made.address}/archive")).link("Download the ZIP")
    survey(app, [WARM], slug="other", wave="other-wave")
    stranger = sign_in(app, "other", email="owner@other.example")
    elsewhere = zip_path.replace("/p/kestrin/", "/p/other/")
    check_page(stranger.get(elsewhere), status=404)
    check_page(stranger.get(zip_path), status=404)
