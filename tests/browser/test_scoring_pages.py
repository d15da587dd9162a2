"""Reference sets and trials in a browser: clean at both widths, without script, to the approval."""

import json

from playwright.sync_api import Browser, Page, expect

from surveyapp.clock import utcnow
from surveyapp.extensions import transaction
from surveyapp.reports import packs
from surveyapp.services import programmes, results, scorecards, waves
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import LOOKS, check
from tests.browser.test_results_accessibility import enter
from tests.services.references import given
from tests.web.results_world import COLD, SILENT, WARM, survey, work


def release_portfolio(server: Server) -> None:
    with server.app.app_context():
        with transaction() as session:
            programme = programmes.find(session, "kestrin")
            run = results.latest_run(session, waves.find(session, programme, "autumn"))
            pack = packs.find("portfolio")
            scorecards.request(session, run, None, pack=pack, locale="en", by="test", at=utcnow())
        work()


def look(page: Page, width: int, place: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, place
    check(page, place)


@LOOKS
def test_from_an_imported_set_to_an_approved_rule(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    survey(server.app, [COLD, 3, 4, WARM, SILENT])
    release_portfolio(server)
    with browsing(chromium, server, width=width, dark=dark) as page:
        enter(page, server)
        page.goto("/p/kestrin/scoring")
        look(page, width, "nothing yet")
        follow(page.get_by_role("link", name="Import a reference set"))
        follow(page.get_by_role("button", name="Freeze it"))
        look(page, width, "import, nothing pasted")
        page.get_by_label("The set, as YAML or JSON").fill(json.dumps(given()))
        follow(page.get_by_role("button", name="Freeze it"))
        expect(page.get_by_role("heading", level=1)).to_have_text("industry-2026")
        look(page, width, "a set")
        page.goto("/p/kestrin/scoring/try/autumn")
        page.get_by_label("Weight of Attitude, in 100").fill("10")
        follow(page.get_by_role("button", name="Try them"))
        look(page, width, "weights that do not add up")
        page.get_by_label("Weight of Intent, in 100").fill("90")
        follow(page.get_by_role("button", name="Try them"))
        expect(page.get_by_text("A worker is trying it.")).to_be_visible()
        look(page, width, "queued")
        with server.app.app_context():
            work()
        page.reload()
        look(page, width, "tried")
        page.get_by_label("Reason").fill("Agreed by the board in May.")
        follow(page.get_by_role("button", name="Approve"))
        expect(page.get_by_text("annual-customer-survey, rule 1")).to_be_visible()
        look(page, width, "approved")
