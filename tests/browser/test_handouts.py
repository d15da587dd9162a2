"""The PDFs to take away in a browser: asked for, waited for, saved; clean at each step."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from surveyapp.jobs import worker
from tests.browser.conftest import Server, browsing, follow
from tests.web.world import open_wave, questionnaire

GERMAN = {"translations": {"de": {"title": "Wie läuft es mit {them}?"}}}


def check(page: Page) -> None:
    """Nothing sticks out, and axe, which needs scripts, finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def work(server: Server) -> None:
    with server.app.app_context():
        worker.ask_for_question_lists()
        while worker.tick():
            pass


@pytest.mark.parametrize(("width", "locale"), [(390, "de"), (1280, "en")])
def test_questions_and_own_answers_are_taken_away(
    chromium: Browser, server: Server, width: int, locale: str, tmp_path: Path
) -> None:
    definition = questionnaire(GERMAN)
    [invited] = open_wave(server.app, "Tomas Vey", definition=definition, locale=locale)
    with browsing(chromium, server, width=width) as page:
        page.goto(f"{invited.link}/questions")
        check(page)
        work(server)
        page.reload()
        check(page)
        with page.expect_download() as saved:
            page.locator("a[href*='/questions/pdf']").click()
        assert saved.value.suggested_filename == f"questions-{locale}.pdf"
        page.goto(invited.link)
        follow(page.locator("main form button").last)
        page.locator("input[name=q_delivers][value='4']").check(force=True)
        follow(page.locator("main form button.button").first)
        page.goto(invited.at("review"))
        follow(page.locator("form[action$='/submit'] button"))
        page.goto(invited.at("copy"))
        check(page)
        follow(page.locator("#pdf button"))
        check(page)
        assert page.locator("#pdf button").count() == 0
        work(server)
        follow(page.locator("#pdf a"))
        page.reload()
        check(page)
        with page.expect_download() as saved:
            page.locator("#pdf a").click()
        assert saved.value.suggested_filename == "my-answers.pdf"
        saved.value.save_as(tmp_path / "own.pdf")
        assert (tmp_path / "own.pdf").read_bytes().startswith(b"%PDF")
