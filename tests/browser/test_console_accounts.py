"""The pages of relationships, people, search and rules in a browser: clean, narrow, found by keyboard."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from surveyapp.extensions import transaction
from surveyapp.models.accounts import Function, Influence, Raci, Side
from surveyapp.models.programmes import Programme
from tests import factories
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.factories import AT
from tests.web.accounts_world import World, build
from tests.web.console_world import sign_in

LONG = (
    "Österreichische Gesellschaft für Lebensmittelverarbeitung und internationale"
    " Handelsbeziehungen mit beschränkter Haftung & Co. Kommanditgesellschaft"
)
NAMES = ("Maximiliane Freifrau von und zu Hohenstein-Wittgenstein", "田中 美咲", "Jo Ng", "X" * 90)


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


def crowd(app: Flask, world: World) -> str:
    """Make a relationship of long names with forty stakeholders; return its address."""
    with app.app_context(), transaction() as session:
        programme = session.scalars(
            select(Programme).where(Programme.slug == world.programme)
        ).one()
        buyer = factories.make_organisation(session, programme, LONG)
        supplier = factories.make_organisation(session, programme, "青山精密機械工業株式会社" * 4)
        relationship = factories.make_relationship(session, buyer, supplier)
        relationship.product_line = "Kühlkette und Frischelogistik Mitteleuropa " * 2
        relationship.annual_value, relationship.currency = Decimal("9999999999999.99"), "JPY"
        for number in range(40):
            side = Side.BUYER if number < 30 else Side.SUPPLIER
            organisation = buyer if side == Side.BUYER else supplier
            contact = factories.make_contact(session, organisation, f"{NAMES[number % 4]} {number}")
            part = factories.make_part(session, contact, relationship, side=side)
            part.function, part.influence = list(Function)[number % 9], list(Influence)[number % 3]
            part.raci = [None, *Raci][number % 5]
            if number % 7 == 0:
                contact.opted_out_at = contact.bounced_at = AT
                contact.bounce = "550 5.1.1 Recipient address rejected: User unknown in table"
            if number % 11 == 0:
                part.from_on, part.until_on = date(2025, 3, 1), date(2026, 1, 31)
    return f"{world.home}/relationships/{relationship.id}"


def enter(page: Page, server: Server, programme: str = "kestrin") -> None:
    """Let the browser in as an owner; signing in by hand has its own test."""
    email = f"owner@{programme}.example"
    cookie = sign_in(server.app, programme, email=email).get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.url}])


def look(page: Page, path: str, width: int) -> None:
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path}: too wide"
    check(page, path)


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_every_page_about_accounts_is_clean(
    server: Server, chromium: Browser, world: World, width: int, *, dark: bool
) -> None:
    crowded, home = crowd(server.app, world), world.home
    with server.app.app_context(), transaction() as session:
        factories.make_programme(session, "empty")
    with browsing(chromium, server, width=width, dark=dark) as page:
        enter(page, server)
        for path in (
            *(f"{home}/relationships", f"{home}/relationships?q=nothing"),
            *(f"{home}/relationships/functions", f"{home}/relationships/new"),
            *(f"{home}/relationships/organisations/new", world.relationship, crowded),
            *(f"{crowded}/edit", f"{crowded}/stakeholders/new", world.part),
            *(f"{home}/people", f"{home}/people/new", world.person, f"{world.person}/edit"),
            *(f"{home}/search", f"{home}/search?q=a", f"{home}/search?q=nothing"),
            *(f"{home}/rules", f"{home}/rules/edit"),
        ):
            look(page, path, width)
        page.goto(crowded)
        for summary in page.locator("summary").all():
            summary.click()
        check(page, "ended parts")
        follow(page.get_by_role("link", name=NAMES[0]).first)
        check(page, "somebody who opted out and bounced")
        enter(page, server, "empty")
        for path in ("relationships", "relationships/functions", "people", "rules"):
            look(page, f"/p/empty/{path}", width)


@pytest.mark.parametrize("width", [390, 1280])
def test_refused_forms_are_clean(
    server: Server, chromium: Browser, world: World, width: int
) -> None:
    with browsing(chromium, server, width=width) as page:
        enter(page, server)
        page.goto(f"{world.relationship}/edit")
        other = page.context.new_page()
        other.goto(f"{world.relationship}/edit")
        other.get_by_label("Segment").fill("Somebody else's " * 6)
        follow(other.get_by_role("button", name="Save"))
        page.get_by_label("Segment").fill("Mine")
        page.get_by_label("Currency").fill("")
        follow(page.get_by_role("button", name="Save"))
        expect(page.get_by_role("heading", name="Somebody else changed this")).to_be_visible()
        check(page, "changed meanwhile")
        follow(page.get_by_role("button", name="Save"))
        expect(page.get_by_role("link", name="Currency: The annual value needs")).to_be_visible()
        check(page, "in error")
        page.get_by_label("Currency").fill("eur")
        follow(page.get_by_role("button", name="Save"))
        expect(page.get_by_role("status")).to_have_text("Saved.")
        expect(page.get_by_text("Mine")).to_be_visible()
        page.goto(world.person)
        follow(page.get_by_role("button", name="Mark as opted out"))
        expect(page.get_by_role("link", name="Reason: Write the reason.")).to_be_visible()
        check(page, "opting out without a reason")


def test_two_key_strokes_find_a_person(server: Server, chromium: Browser, world: World) -> None:
    with browsing(chromium, server, width=1280) as page:
        enter(page, server)
        page.goto(f"{world.home}/relationships")
        page.keyboard.press("/")
        page.keyboard.type("vey")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tomas Vey")
        page.keyboard.press("/")
        page.keyboard.type("kestrin")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Find “kestrin”")
        follow(page.get_by_role("link", name="Larkmead Health buys"))
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Larkmead Health buys from Kestrin Logistics"
        )


def test_everything_can_be_changed_without_javascript(
    server: Server, chromium: Browser, world: World
) -> None:
    with browsing(chromium, server, width=390, script=False) as page:
        enter(page, server)
        page.goto(f"{world.home}/relationships")
        page.get_by_label("Without a decider").select_option("buyer")
        follow(page.get_by_role("button", name="Narrow"))
        expect(page.get_by_role("link", name="Aldermere Foods")).to_have_count(0)
        follow(page.get_by_role("link", name="Larkmead Health"))
        follow(page.get_by_role("link", name="Add a stakeholder"))
        page.get_by_label("Person", exact=True).select_option(
            label="Dana Roth, dana.roth@example.com (Kestrin Logistics)"
        )
        page.get_by_label("Function", exact=True).select_option("sales")
        follow(page.get_by_role("button", name="Add"))
        expect(page.get_by_role("status")).to_have_text(
            "Dana Roth has a part in this relationship now."
        )
        follow(page.get_by_role("link", name="Change the part of Dana Roth"))
        page.get_by_label("Last day").fill("2026-01-31")
        follow(page.get_by_role("button", name="Save"))
        expect(page.get_by_text("1 part has ended")).to_be_visible()
        page.goto(f"{world.home}/rules/edit")
        expected = page.get_by_role("group", name="Functions expected at the supplier")
        expected.get_by_label("IT", exact=True).check()
        follow(page.get_by_role("button", name="Save"))
        expect(page.get_by_text("IT and sales")).to_be_visible()
