"""The page of jobs in a browser: clean, fits a phone, renews itself until told to stop."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.models.jobs import Job, JobState
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.web.console_world import sign_in
from tests.web.world import open_wave

PATH = "/p/kestrin/jobs"


@pytest.fixture
def app(app: Flask) -> Flask:
    open_wave(app, "Ann")
    set_jobs(app, "launch-wave", done_units=10)
    error = "A" * 60 + " could not be written: no space left on the device."
    change(app, "send-mail", state=JobState.FAILED, attempts=5, error=error)
    return app


def set_jobs(app: Flask, kind: str, *, done_units: int) -> None:
    change(
        app,
        kind,
        state=JobState.RUNNING,
        lease_until=utcnow() + timedelta(minutes=2),
        done_units=done_units,
        total_units=100,
        finished_at=None,
    )


def change(app: Flask, kind: str, **values: object) -> None:
    with app.app_context(), transaction() as session:
        session.execute(update(Job).where(Job.kind == kind).values(**values))


def enter(page: Page, server: Server) -> None:
    cookie = sign_in(server.app, "kestrin").get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.url}])
    page.goto(PATH)


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_the_page_is_clean_and_fits(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    with browsing(chromium, server, width=width, dark=dark) as page:
        enter(page, server)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check(page, "jobs")
        follow(page.get_by_role("button", name="Try again"))
        expect(page.get_by_role("status")).to_contain_text("a worker tries it again")
        check(page, "jobs, one tried again")


def test_it_renews_itself_until_told_to_stop(server: Server, chromium: Browser) -> None:
    with browsing(chromium, server, width=1280, renews=True) as page:
        enter(page, server)
        expect(page.get_by_text("10 of 100 done")).to_be_visible()
        set_jobs(server.app, "launch-wave", done_units=70)
        expect(page.get_by_text("70 of 100 done")).to_be_visible()
        page.get_by_role("button", name="Stop renewing this page").click()
        expect(page.get_by_role("link", name="Show the newest state")).to_be_focused()
        set_jobs(server.app, "launch-wave", done_units=90)
        page.reload()
        expect(page.get_by_role("button", name="Stop renewing this page")).to_have_count(0)
        follow(page.get_by_role("link", name="Show the newest state"))
        expect(page.get_by_role("button", name="Stop renewing this page")).to_be_visible()


def test_without_javascript_a_link_shows_the_newest_state(
    server: Server, chromium: Browser
) -> None:
    with browsing(chromium, server, script=False) as page:
        enter(page, server)
        set_jobs(server.app, "launch-wave", done_units=70)
        follow(page.get_by_role("link", name="Show the newest state"))
        expect(page.get_by_text("70 of 100 done")).to_be_visible()
