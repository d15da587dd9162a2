"""The pages of waves in a browser: clean in every state, by keyboard alone, without JavaScript."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from surveyapp.clock import utcnow
from surveyapp.services import reminders, waves
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.web.console_world import sign_in
from tests.web.waves_world import change, launch, make_wave, make_world, work

WAVE = "/p/kestrin/waves/autumn"
LONG = "The whole-of-company measurement of relationships with enterprise customers " * 3
UNLAUNCHED = ("", "/edit", "/check", "/people", "/left-off", "/reminders", "/texts")
LAUNCHED = ("", "/people", "/left-off", "/reminders", "/extend", "/close", "/texts/reminder/de")


@pytest.fixture
def app(app: Flask) -> Flask:
    make_world(app)
    return app


def enter(page: Page, server: Server) -> None:
    """Let the browser in as an owner; signing in by hand has its own test."""
    cookie = sign_in(server.app, "kestrin").get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.url}])


def look(page: Page, path: str, width: int, name: str) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: too wide"
    check(page, name)


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_pages_of_waves_are_clean_in_every_state(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    app = server.app
    with browsing(chromium, server, width=width, dark=dark) as page:
        enter(page, server)
        look(page, "/p/kestrin/waves", width, "no wave yet")
        look(page, "/p/kestrin/new-wave", width, "new")
        for summary in page.locator("summary").all():
            summary.click()
        page.get_by_label("Smallest annual value").fill("a lot")
        follow(page.get_by_role("button", name="Save and go"))
        expect(page.get_by_role("heading", name="Something needs putting right")).to_be_visible()
        check(page, "new, in error")
        make_wave(app, name=LONG)
        for path in UNLAUNCHED:
            look(page, f"{WAVE}{path}", width, f"draft{path}")
        change(app, lambda _s, w: setattr(w, "list_rule", {"functions": ["security"]}))
        look(page, f"{WAVE}/check", width, "check with a stop")
        change(app, lambda _s, w: setattr(w, "list_rule", {}))
        launch(app)
        look(page, WAVE, width, "launching")
        work(app)
        at = utcnow()
        change(
            app,
            lambda s, w: reminders.plan(
                s, w, due_at=at + (w.closes_at - at) / 2, by="user:test", at=at
            ),
        )
        for path in LAUNCHED:
            look(page, f"{WAVE}{path}", width, f"open{path}")
        change(app, lambda s, w: waves.pause(s, w, by="user:test", at=utcnow()))
        look(page, WAVE, width, "paused")
        change(app, lambda s, w: waves.close(s, w, by="user:test", at=utcnow()))
        look(page, WAVE, width, "closed")
        look(page, f"{WAVE}/reopen", width, "reopen")
        look(page, f"{WAVE}/close", width, "close of a closed one")
        look(page, "/p/kestrin/waves", width, "the list")
        page.goto(f"{WAVE}/edit")
        check(page, "refused")


def test_an_owner_drafts_checks_and_launches_without_javascript(
    server: Server, chromium: Browser
) -> None:
    with browsing(chromium, server, width=1280, script=False) as page:
        enter(page, server)
        page.goto("/p/kestrin/waves")
        follow(page.get_by_role("link", name="Draft the first wave"))
        page.get_by_label("Name", exact=True).fill("Autumn 2026")
        page.locator("summary", has_text="Segment").click()
        page.get_by_label("Enterprise").check()
        follow(page.get_by_role("button", name="Count again"))
        expect(page.locator("#count")).to_contain_text("This asks 5 people about 2 relationships.")
        expect(page.get_by_label("Enterprise")).to_be_checked()
        follow(page.get_by_role("button", name="Save and go to the launch check"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Launch check of Autumn 2026")
        follow(page.get_by_role("button", name="Send me a test in German"))
        expect(page.get_by_role("status")).to_contain_text("A test mail is on its way")
        follow(page.get_by_role("link", name="Who would be asked, by name"))
        expect(page.get_by_role("row")).to_have_count(6)
        follow(page.get_by_role("link", name="Launch check"))
        follow(page.get_by_role("button", name="Launch now: 5 mails"))
        expect(page.get_by_text("0 of 5 invitations are written.")).to_be_visible()
        work(server.app)
        follow(page.get_by_role("link", name="Show the newest state"))
        expect(page.get_by_text("0 of 5 people have answered.")).to_be_visible()
        follow(page.get_by_role("link", name="Plan one"))
        follow(page.get_by_role("button", name="Plan these 2 reminders"))
        expect(page.get_by_role("status")).to_have_text("The reminders are planned.")
        follow(page.get_by_role("link", name="Wave", exact=True))
        follow(page.get_by_role("button", name="Pause"))
        follow(page.get_by_role("button", name="Resume"))
        follow(page.get_by_role("link", name="Close now"))
        follow(page.get_by_role("button", name="Close now"))
        expect(page.get_by_role("status")).to_contain_text("The wave is closed.")
        work(server.app)
        follow(page.get_by_role("link", name="Reopen"))
        page.get_by_label("New last day for answers").fill("2099-01-31")
        page.get_by_label("Reason").fill("Two deciders were away.")
        follow(page.get_by_role("button", name="Reopen"))
        expect(page.get_by_text("reopened: Two deciders were away.")).to_be_visible()


def test_a_wave_is_launched_by_keyboard_alone(server: Server, chromium: Browser) -> None:
    make_wave(server.app)
    with browsing(chromium, server, width=1280) as page:
        enter(page, server)
        page.goto("/p/kestrin/waves")
        _press(page, page.get_by_role("link", name="Autumn 2026"))
        _press(page, page.locator(".page-title-actions").get_by_role("link", name="Launch check"))
        _press(page, page.get_by_role("button", name="Launch now: 7 mails"))
        expect(page.get_by_text("0 of 7 invitations are written.")).to_be_visible()


def _press(page: Page, target: Locator) -> None:
    """Walk there with Tab and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    pytest.fail("Tab does not reach it.")
