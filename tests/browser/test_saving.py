"""Quiet saving in a real browser: the line with the time, a lost network, leaving and coming back."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server, browsing, follow
from tests.web.world import draft, open_wave, sent


def test_what_is_typed_is_saved_and_survives_a_lost_network(
    server: Server, chromium: Browser
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        line = page.locator(".quiet-state")
        page.locator("input[name=q_fixes_cause][value='5']").check()
        expect(line).to_have_text(re.compile(r"^Saved at \d+:\d\d"))
        assert draft(server.app, tomas.slug) == {"fixes_cause": 5}

        page.context.set_offline(True)
        page.locator("input[name=q_delivers][value='6']").check()
        expect(line).to_contain_text("No connection. What you typed is still on this page")
        # the network is back only once this was tried without it
        with page.expect_event("requestfailed"):
            page.get_by_role("button", name="Save and continue").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Doing what Kestrin promised")
        page.context.set_offline(False)
        expect(line).to_have_text(re.compile(r"^Saved at"))
        assert draft(server.app, tomas.slug) == {"fixes_cause": 5, "delivers": 6}

        follow(page.get_by_role("button", name="Save and continue"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Every other kind")
        page.go_back()
        expect(page.locator("input[name=q_delivers][value='6']")).to_be_checked()
        page.locator("input[name=q_delivers][value='7']").check()
        expect(page.locator(".quiet-state")).to_have_text(re.compile(r"^Saved at"))
        page.reload()
        expect(page.locator("input[name=q_delivers][value='7']")).to_be_checked()


def test_two_windows_are_told_when_both_change_the_same_answer(
    server: Server, chromium: Browser
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        other = page.context.new_page()
        other.goto(tomas.at("promises"))
        page.locator("input[name=q_delivers][value='6']").check()
        expect(page.locator(".quiet-state")).to_have_text(re.compile(r"^Saved at"))
        other.locator("input[name=q_delivers][value='1']").check()
        expect(other.locator(".quiet-state")).to_contain_text("Another window saved other answers")
        follow(other.get_by_role("button", name="Save and continue"))
        expect(other.get_by_text("Saved now: 6")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_tab_left_open_is_not_lost_when_another_has_sent(
    server: Server, chromium: Browser, *, script: bool
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, script=script) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        page.locator("input[name=q_delivers][value='6']").check()
        follow(page.get_by_role("button", name="Save and continue"))
        page.goto(tomas.at("own_words"))
        other = page.context.new_page()
        other.goto(tomas.at("review"))
        follow(other.get_by_role("button", name="Send my answers"))
        page.get_by_label("What should change first?").fill("Call before you come.")
        follow(page.get_by_role("button", name="Save and continue"))
        expect(page.get_by_role("heading", name="Typed, but not sent")).to_be_visible()
        assert sent(server.app, tomas.slug) == [{"delivers": 6}]
        follow(page.get_by_role("button", name="Change my answers with this"))
        box = page.get_by_label("What should change first?")
        expect(box).to_have_value("Call before you come.")
        follow(page.get_by_role("button", name="Save and continue"))
        follow(page.get_by_role("button", name="Send the changed answers"))
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("have arrived"))
        expect(page.get_by_role("heading", name="Typed, but not sent")).to_have_count(0)
        assert sent(server.app, tomas.slug)[1:] == [
            {"delivers": 6, "change_first": "Call before you come."}
        ]
