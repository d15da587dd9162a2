"""The mirrored language proves the layout; the switch keeps what was typed, by mouse and by Enter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from surveyapp.extensions import db
from surveyapp.questionnaires import mirrored
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.conftest import make_app
from tests.web.world import draft, open_wave


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, SURVEYAPP_MIRRORED_LANGUAGE="1")
    yield app
    with app.app_context():
        db.engine.dispose()


def runs_from_the_right(page: Page, width: int) -> bool:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return (
        bool(wide <= width) and page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    )


def x(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_holds_from_right_to_left(server: Server, chromium: Browser, width: int) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width) as page:
        page.goto(f"{tomas.link}?lang={mirrored.LANGUAGE}")
        assert runs_from_the_right(page, width)
        check(page, "start")
        follow(page.locator("main button"))
        assert runs_from_the_right(page, width)
        boxes = "input[name=q_delivers]"
        assert x(page, f"{boxes}[value='1']") > x(page, f"{boxes}[value='7']")
        follow(page.locator(".actions button").first)
        edge = page.locator(".rating.has-problem").evaluate(
            "it => [getComputedStyle(it).borderRightWidth, getComputedStyle(it).borderLeftWidth]"
        )
        assert edge == ["6px", "0px"]
        check(page, "in error")
        for name in ("every_other", "review", "contract", "stopped"):
            page.goto(tomas.at(name))
            assert runs_from_the_right(page, width), name
        page.goto(f"/stop/{tomas.token}?lang={mirrored.LANGUAGE}")
        assert runs_from_the_right(page, width)


@pytest.mark.parametrize("script", [True, False])
def test_the_switch_saves_what_was_typed_and_enter_presses_save(
    server: Server, chromium: Browser, *, script: bool
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, script=script) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        page.goto(tomas.at("every_other"))
        page.get_by_label("Your role").fill("Buyer")
        follow(page.locator(f"button[name=lang][value='{mirrored.LANGUAGE}']"))
        assert page.url.endswith(tomas.at("every_other"))
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert page.locator("input[name=q_role]").input_value() == "Buyer"
        page.locator("input[name=q_orders]").fill("12")
        follow(page.locator("button[name=lang][value=en]"))
        assert page.locator("html").get_attribute("dir") == "ltr"
        assert page.get_by_label("How many orders a month?").input_value() == "12"
        with page.expect_navigation():
            page.get_by_label("Your role").press("Enter")
        assert page.url.endswith(tomas.at("own_words"))
        assert page.locator("html").get_attribute("lang") == "en"
    assert draft(server.app, tomas.slug) == {"role": "Buyer", "orders": 12}
