"""Every kind of item in a real browser: clean for screen readers, by keyboard, with and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.questionnaires.feature import feature
from tests.web.world import Invited, draft, open_wave

WIDTHS = pytest.mark.parametrize("width", [390, 1280])
Step = Callable[[Page], object]


def save(page: Page) -> None:
    follow(page.get_by_role("button", name="Save and continue"))


def begin(server: Server, page: Page, name: str) -> Invited:
    [tomas] = open_wave(server.app, "Tomas Vey", definition=feature(name))
    page.goto(tomas.link)
    follow(page.get_by_role("button", name="Start"))
    return tomas


def spoil_words(page: Page) -> None:
    page.get_by_text("Add a comment").first.click()
    page.get_by_role("radio", name="Another way").check()
    page.get_by_role("checkbox", name="Something else").check()
    page.get_by_label("What else?").fill("x" * 400)


def fill_words(page: Page) -> None:
    page.get_by_label("Which way?").fill("Chat")
    page.get_by_label("What else?").fill("Chat")


def spoil_places(page: Page) -> None:
    page.get_by_label("Price").first.select_option("3")


def fill_places(page: Page) -> None:
    page.get_by_label("Speed").first.select_option("1")
    page.get_by_label("Advice").first.select_option("2")


def spoil_assured(page: Page) -> None:
    page.get_by_role("radio", name="Partly").first.check()


def fill_assured(page: Page) -> None:
    page.get_by_label("What is missing?").first.fill("The tapes.")


def spoil_file(page: Page) -> None:
    given = {"name": "iso.pdf", "mimeType": "application/pdf", "buffer": b"MZ"}
    page.get_by_label("Your current certificate").set_input_files(given)  # type: ignore[arg-type] # as playwright documents it


def fill_file(page: Page) -> None:
    given = {"name": "iso.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.get_by_label("Your current certificate").set_input_files(given)  # type: ignore[arg-type] # as above


KINDS: dict[str, tuple[str, Step, Step]] = {
    "own-words": ("answers", spoil_words, fill_words),
    "ranked": ("order", spoil_places, fill_places),
    "assured": ("practices", spoil_assured, fill_assured),
    "files": ("papers", spoil_file, fill_file),
}


@WIDTHS
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_clean_empty_in_error_and_filled(
    server: Server, chromium: Browser, width: int, name: str
) -> None:
    section, spoil, fill = KINDS[name]
    with browsing(chromium, server, width=width) as page:
        tomas = begin(server, page, name)
        page.goto(tomas.at(section))
        check(page, f"{name}, empty")
        spoil(page)
        save(page)
        assert page.get_by_role("alert").is_visible()
        check(page, f"{name}, in error")
        fill(page)
        save(page)
        assert page.get_by_role("alert").count() == 0
        page.goto(tomas.at(section))
        check(page, f"{name}, filled")
        page.goto(tomas.at("review"))
        check(page, f"{name}, looked over")


def test_an_option_s_own_line_shows_while_it_is_chosen_even_without_a_script(
    server: Server, chromium: Browser
) -> None:
    with browsing(chromium, server, script=False) as page:
        begin(server, page, "own-words")
        assert page.get_by_label("Which way?").is_hidden()
        page.get_by_role("radio", name="Another way").check()
        assert page.get_by_label("Which way?").is_visible()


def test_places_are_given_by_keyboard_alone_and_change_hands(
    server: Server, chromium: Browser
) -> None:
    with browsing(chromium, server) as page:
        tomas = begin(server, page, "ranked")
        page.get_by_label("Price").first.focus()
        page.keyboard.type("1")
        page.keyboard.press("Tab")
        page.keyboard.type("2")
        page.keyboard.press("Tab")
        page.keyboard.type("3")
        page.get_by_label("Advice").first.select_option("1")
        assert page.get_by_label("Price").first.input_value() == "3:price"
        save(page)
        assert draft(server.app, tomas.slug) == {"matters": ["advice", "speed", "price"]}
