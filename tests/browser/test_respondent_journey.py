import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, browsing, follow
from tests.web.world import draft, open_wave, sent

BOTH_SIZES = pytest.mark.parametrize("width", [390, 1280])


def choose(page: Page, question: str, answer: str) -> None:
    """Press an answer of a question, as it is announced."""
    group = page.get_by_role("group", name=question)
    group.get_by_role("radio", name=answer, exact=True).check()


def save(page: Page) -> None:
    follow(page.get_by_role("button", name="Save and continue"))


@BOTH_SIZES
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_respondent_answers_stops_goes_on_changes_and_sends(
    server: Server, chromium: Browser, width: int, *, script: bool
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width, script=script) as page:
        page.goto(tomas.link)
        expect(page).to_have_title(re.compile("^How is working with Kestrin going[?]"))
        follow(page.get_by_role("button", name="Start"))
        expect(page).to_have_url(re.compile(r"/r/[^/]{22}/promises$"))

        save(page)
        expect(page.get_by_role("heading", name="One answer needs a look")).to_be_visible()
        page.get_by_role("link", name="Kestrin deliver what was promised.").click()

        choose(page, "Kestrin deliver what was promised.", "2")
        choose(page, "Kestrin fix the cause and not only the case.", "No basis to judge")
        if not script:
            save(page)
        expect(page.locator(".hint", has_text="One more question because")).to_be_in_viewport()
        page.get_by_label("What happened?").fill("Late twice.")
        save(page)

        expect(page.get_by_role("heading", level=1)).to_have_text("Every other kind")
        expect(page.get_by_text("Section 1 saved at")).to_be_visible()
        choose(page, "Equipment", "4")
        choose(page, "Sales support", "1 Very low")
        choose(page, "Would you recommend Kestrin?", "10 Extremely likely")
        choose(page, "Are you looking at alternatives?", "That is not my role")
        page.get_by_role("checkbox", name="Hotline").check()
        page.get_by_label("How many orders a month?").fill("12")
        page.get_by_label("When was the last visit?").fill("2026-10-02")
        page.get_by_label("Your role").fill("Buyer")
        follow(page.get_by_role("button", name="Save and stop for now"))
        expect(page.get_by_text("not sent yet")).to_be_visible()

        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Go on"))
        expect(page.get_by_role("heading", level=1)).to_have_text("In your own words")
        follow(page.get_by_role("link", name="Back to section 2"))
        expect(page.get_by_label("Your role")).to_have_value("Buyer")
        save(page)
        page.get_by_label("What should change first?").fill("Call earlier.")
        save(page)

        expect(page.get_by_role("heading", level=1)).to_have_text("Look over your answers")
        follow(page.get_by_role("link", name="Change Doing what Kestrin promised"))
        choose(page, "Kestrin deliver what was promised.", "7 Strongly agree")
        save(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Every other kind")
        page.go_back()
        expect(page.get_by_role("radio", name="7 Strongly agree").first).to_be_checked()
        page.goto(tomas.at("review"))
        follow(page.get_by_role("button", name="Send my answers"))
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Thank you. Your answers have arrived."
        )
        page.goto(tomas.link)
        expect(page.get_by_role("heading", level=1)).to_have_text("You have already answered")

    assert sent(server.app, tomas.slug) == [
        {
            "delivers": 7,
            "fixes_cause": {"escape": "nb"},
            "data": 4,
            "errors": 1,
            "recommend": 10,
            "alternatives": {"escape": "not_my_role"},
            "used": ["hotline"],
            "orders": 12,
            "last_visit": "2026-10-02",
            "role": "Buyer",
            "change_first": "Call earlier.",
        }
    ]
    assert draft(server.app, tomas.slug)["what_happened"] == "Late twice."


@BOTH_SIZES
def test_the_keyboard_alone_is_enough(server: Server, chromium: Browser, width: int) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width) as page:
        page.goto(tomas.link)
        press_until(page, "button", "Start")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Doing what Kestrin promised")

        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        press_until(page, "input", "")
        page.keyboard.press("Space")
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        press_until(page, "button", "Save and continue")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Every other kind")

        press_until(page, "button", "Save and continue")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("In your own words")
        press_until(page, "textarea", "")
        page.keyboard.type("Call earlier.")
        press_until(page, "button", "Save and continue")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Look over your answers")
        press_until(page, "button", "Send my answers")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Thank you. Your answers have arrived."
        )
    assert sent(server.app, tomas.slug) == [{"delivers": 6, "change_first": "Call earlier."}]


def press_until(page: Page, tag: str, words: str) -> None:
    """Press Tab until such an element has the focus, and see that the focus shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name, text, outline = page.evaluate(
            "[document.activeElement.localName, document.activeElement.innerText || document.activeElement.id,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if name == "body":
            continue
        assert outline == "solid", f"the focus on {name} {text!r} cannot be seen"
        if name == tag and words in text:
            return
    pytest.fail(f"Tab never reached {tag} {words!r}.")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways_and_every_target_is_big_enough(
    server: Server, chromium: Browser, width: int
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        for name in ("promises", "every_other", "own_words", "review", "stopped", "contract"):
            page.goto(tomas.at(name))
            sideways = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert sideways == 0, f"{name} is wider than {width} pixels"
            for target in page.locator("button, .rating-box, .choice, .input").all():
                box = target.bounding_box()
                assert box is not None
                assert box["height"] >= 44, f"{name}: {target.inner_html()} is {box['height']} high"
                # seven boxes in a row are narrower at 400% zoom, and still above WCAG's 24
                assert box["width"] >= (44 if width >= 390 else 24)
