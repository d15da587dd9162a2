from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import LOOKS, check
from tests.web.console_world import PASSWORD, make_user, sign_in
from tests.web.results_world import COLD, NO_BASIS, SILENT, WARM, survey, work


def enter(page: Page, server: Server) -> None:
    """Sign in as an owner does, and open the results."""
    make_user(server.app, "owner@kestrin.example", password=True)
    sign_in(server.app, "kestrin", email="owner@kestrin.example")
    page.goto("/p/kestrin/results")
    follow(page.get_by_role("link", name="Sign in"))
    page.get_by_label("E-mail address").fill("owner@kestrin.example")
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")


@LOOKS
def test_every_page_of_results_is_clean(
    server: Server, chromium: Browser, width: int, *, dark: bool
) -> None:
    made = survey(server.app, [COLD, WARM, NO_BASIS, SILENT])
    with browsing(chromium, server, width=width, dark=dark) as page:
        enter(page, server)
        check(page, "overview, report not made")
        for path in (made.address, *map(made.card, range(4))):
            page.goto(path)
            check(page, f"{path}, not asked for")
            follow(page.get_by_role("button", name="Make the"))
            expect(page.get_by_text("A worker is making the")).to_be_visible()
            check(page, f"{path}, queued")
        with server.app.app_context():
            work()
        related = f"/p/kestrin/relationships/{made.relationships[0]}"
        for path in ("/p/kestrin/results", made.address, related, *map(made.card, range(4))):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for summary in page.locator("summary").all():
                summary.click()
            check(page, path)


def test_an_owner_gets_from_the_waves_to_a_pdf(server: Server, chromium: Browser) -> None:
    survey(server.app, [COLD, COLD, WARM])
    with browsing(chromium, server, width=1280, script=False) as page:
        enter(page, server)
        follow(page.get_by_role("link", name="Autumn"))
        follow(page.get_by_role("button", name="Make the portfolio report"))
        expect(page.get_by_text("A worker is making the portfolio report.")).to_be_visible()
        with server.app.app_context():
            work()
        follow(page.get_by_role("link", name="Show the newest state"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Results of Autumn")
        with page.expect_download() as got:
            page.get_by_role("link", name="Portfolio PDF").click()
        assert got.value.path().read_bytes().startswith(b"%PDF-")
        follow(page.get_by_role("link", name="kestrin customer 1").first)
        expect(page.get_by_role("button", name="Make the scorecard")).to_be_visible()
        follow(page.get_by_role("link", name="Autumn"))
        follow(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Results")
