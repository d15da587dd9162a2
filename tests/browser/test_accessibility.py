import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from surveyapp.clock import utcnow
from tests.browser.conftest import Server, browsing, follow
from tests.web.world import change_wave, open_wave

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOKS = pytest.mark.parametrize(
    ("width", "dark"), [(390, False), (390, True), (1280, False), (1280, True)]
)


def check(page: Page, name: str) -> None:
    page.wait_for_load_state()
    violations = Axe().run(page, options=RULES).response["violations"]
    found = [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in violations
        for node in each["nodes"]
    ]
    assert found == [], f"{name}: {json.dumps(found, indent=1)}"


@LOOKS
def test_every_page_of_an_assignment_is_clean(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width, dark=dark) as page:
        page.goto(tomas.link)
        page.get_by_text("Who sees what, role by role").click()
        check(page, "start")
        follow(page.get_by_role("button", name="Start"))
        check(page, "a section, empty")
        follow(page.get_by_role("button", name="Save and continue"))
        check(page, "a section, in error")
        page.locator("input[name=q_delivers][value='2']").check()
        follow(page.get_by_role("button", name="Save and continue"))
        check(page, "a section with a new question")
        page.goto(tomas.at("every_other"))
        check(page, "every kind, empty")
        page.get_by_label("How many orders a month?").fill("twelve")
        page.get_by_label("Your role").fill("x" * 300)
        page.get_by_role("checkbox", name="Hotline").check()
        page.locator("input[name=q_data][value='2']").check()
        follow(page.get_by_role("button", name="Save and continue"))
        check(page, "every kind, in error")
        page.get_by_label("How many orders a month?").fill("12")
        page.get_by_label("Your role").fill("Buyer")
        follow(page.get_by_role("button", name="Save and stop for now"))
        check(page, "stopped")
        for name in ("every_other", "own_words", "contract", "review"):
            page.goto(tomas.at(name))
            check(page, name)
        late = page.context.new_page()
        late.goto(tomas.at("own_words"))
        follow(page.get_by_role("button", name="Send my answers"))
        check(page, "receipt")
        late.get_by_label("What should change first?").fill("Call before you come.")
        follow(late.get_by_role("button", name="Save and continue"))
        check(late, "receipt beside a page that came late")
        follow(late.get_by_role("button", name="Leave it as I sent it"))
        page.goto(tomas.link)
        check(page, "already answered")
        follow(page.get_by_role("button", name="See what I sent"))
        follow(page.get_by_role("link", name="See what you sent"))
        check(page, "the copy")
        page.goto(tomas.at("sent"))
        follow(page.get_by_role("button", name="Change my answers"))
        check(page, "a correction")
        page.goto(f"{tomas.link}/questions")
        check(page, "all questions")
        page.goto(f"{tomas.link}/others")
        check(page, "whom else to ask")
        page.get_by_label("A colleague should be asked too").check()
        follow(page.get_by_role("button", name="Tell them"))
        check(page, "whom else to ask, in error")


@LOOKS
def test_pages_beside_the_way_are_clean(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey", suppliers=2)
    with browsing(chromium, server, width=width, dark=dark) as page:
        for path, name in (("/", "home"), ("/nothing", "no page")):
            page.goto(path)
            check(page, name)
        page.goto(tomas.link)
        check(page, "start of two")
        follow(page.get_by_role("button", name="Start"))
        check(page, "overview")
        page.goto(tomas.at("review"))
        follow(page.get_by_role("button", name="Send my answers"))
        check(page, "review, refused")
        page.goto(tomas.at("promises"))
        page.locator("input[name=q_delivers][value='6']").check()
        other = page.context.new_page()
        other.goto(tomas.at("promises"))
        other.locator("input[name=q_delivers][value='5']").check()
        follow(other.get_by_role("button", name="Save and continue"))
        follow(page.get_by_role("button", name="Save and continue"))
        check(page, "saved in another window")
        page.context.clear_cookies()
        follow(page.get_by_role("button", name="Save and continue"))
        check(page, "kept")
        page.goto(tomas.at("promises"))
        check(page, "link needed")
        page.goto("/r/unknown")
        check(page, "unknown link")
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Go on"))
        page.goto(tomas.at("promises"))
        check(page, "kept page shown again")
        change_wave(server.app, lambda wave: wave.close(at=utcnow()))
        page.goto(tomas.link)
        check(page, "closed")
