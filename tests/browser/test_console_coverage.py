"""The coverage pages in a browser: clean for everybody, in one width and the other, light and dark."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from surveyapp.extensions import transaction
from surveyapp.models.accounts import Function
from surveyapp.models.mail import MailState
from surveyapp.models.reminders import ReminderState
from surveyapp.models.waves import WaveState
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import LOOKS, check
from tests.services import coverage_world
from tests.services.coverage_world import (
    ANSWERED,
    DECIDED,
    DECIDER,
    NOW,
    Account,
    Person,
    people,
    spread,
)
from tests.web.console_world import sign_in

COVERAGE = "/p/kestrin/waves/autumn/coverage"
LONG = "The Most Extraordinarily Long Company Name of the Northern and Southern Provinces Holding "
FUNCTIONS = [replace(ANSWERED, function=each) for each in Function] + [
    replace(DECIDER, function=each, saved=True) for each in Function
]
BOUNCED = Person(mail=MailState.BOUNCED, bounced=True)
MIXED: Sequence[Account] = (
    Account([*FUNCTIONS, BOUNCED], name=LONG * 2, value=999_999_999_999, segment=LONG),
    Account(spread(80, 30), value=4_200_000, renewal_on=date(2027, 2, 1), region="North"),
    Account([DECIDER, ANSWERED], value=900_000, currency="USD"),
    Account([*people(3, DECIDED), ANSWERED]),
    *(Account([DECIDER], name=f"Customer {number}") for number in range(60)),
)
PATHS = (
    *("", "/silent", "/silent?page=2", "/relationships?sort=-answered", "/money?by=region"),
    *("/days", "/reminder?whom=all", "/reminder?whom=silent"),
)


def enter(page: Page, server: Server, client: FlaskClient) -> None:
    """Take over a signed-in client's cookie."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.url}])


@LOOKS
@pytest.mark.parametrize("anonymity", ["identified", "confidential"])
def test_every_page_is_clean(
    server: Server, chromium: Browser, anonymity: str, width: int, *, dark: bool
) -> None:
    reminders = {7.0: ReminderState.DONE, 15.0: ReminderState.PLANNED}
    with server.app.app_context(), transaction() as session:
        coverage_world.write(session, MIXED, anonymity=anonymity, reminders=reminders)
    with (
        time_machine.travel(NOW, tick=True),
        browsing(chromium, server, width=width, dark=dark) as page,
    ):
        enter(page, server, sign_in(server.app, "kestrin"))
        for path in PATHS:
            page.goto(COVERAGE + path)
            expect(page.get_by_role("heading", level=1)).not_to_have_text("Something broke")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            check(page, path)


@pytest.mark.parametrize(
    ("accounts", "state", "anonymity"),
    [
        ([], WaveState.OPEN, "identified"),
        ([Account(people(4))], WaveState.OPEN, "identified"),
        ([Account([ANSWERED])], WaveState.OPEN, "identified"),
        ([Account([ANSWERED, DECIDED], value=5)], WaveState.CLOSED, "identified"),
        ([Account([ANSWERED])], WaveState.PAUSED, "confidential"),
    ],
    ids=["empty", "nobody", "everybody", "closed", "untold"],
)
def test_pages_of_other_waves_are_clean(
    server: Server,
    chromium: Browser,
    accounts: list[Account],
    state: WaveState,
    anonymity: str,
) -> None:
    with server.app.app_context(), transaction() as session:
        coverage_world.write(session, accounts, state=state, anonymity=anonymity)
    with time_machine.travel(NOW, tick=True), browsing(chromium, server) as page:
        enter(page, server, sign_in(server.app, "kestrin"))
        for path in ("", "/silent", "/relationships", "/money", "/days"):
            page.goto(COVERAGE + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            check(page, path)


def test_an_owner_reminds_the_silent_without_a_script(server: Server, chromium: Browser) -> None:
    with server.app.app_context(), transaction() as session:
        coverage_world.write(session, [Account(people(3)), Account([DECIDED])])
    with (
        time_machine.travel(NOW, tick=True),
        browsing(chromium, server, width=1280, script=False) as page,
    ):
        enter(page, server, sign_in(server.app, "kestrin"))
        page.goto(COVERAGE)
        follow(page.get_by_role("link", name="Preview a reminder to all silent"))
        follow(page.get_by_role("button", name="Remind 3 people now"))
        expect(page.get_by_role("status")).to_contain_text("The reminders are being written")
