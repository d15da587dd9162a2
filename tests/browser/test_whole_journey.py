"""A questionnaire with every kind of item in a real browser: by keyboard, zoomed, in the dark, at rest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from surveyapp.questionnaires.catalogue import find
from surveyapp.questionnaires.definition import Questionnaire
from tests.browser.conftest import Server, browsing
from tests.browser.test_accessibility import check
from tests.questionnaires.feature import all_together, feature
from tests.web.console_world import sign_in
from tests.web.test_handed_in import LIST, hand_in
from tests.web.world import Invited, open_wave, sent

STOPS_AT_MOST: Final = 90
PAGES_AT_MOST: Final = 30
PDF: Final = b"%PDF-1.7 by keyboard"
FOCUSED: Final = """() => {
  const at = document.activeElement;
  const box = (at.closest("label") || at).getBoundingClientRect();
  return {
    tag: at.localName, type: at.type || "", name: at.name || "", value: at.value || "",
    text: at.textContent.trim(), isChecked: Boolean(at.checked),
    isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    marks: [at, at.nextElementSibling, at.parentElement].filter(Boolean).map(
      (each) => getComputedStyle(each)).some(
      (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
  };
}"""

BACKGROUND: Final = "getComputedStyle(document.documentElement).backgroundColor"
CUT: Final = """() => [...document.querySelectorAll("main *, footer *, header *")].filter((each) => {
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  const isHidden = box.width <= 1 || style.clipPath !== "none" || style.visibility === "hidden"
    || each.closest("[hidden], .visually-hidden, .skip-link");
  return !isHidden && (box.right > 320.5 || box.left < -0.5);
}).map((each) => each.outerHTML.slice(0, 150))"""
MOVING: Final = """() => [...document.querySelectorAll("*")].filter((each) => {
  const style = getComputedStyle(each);
  return [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].some(
    (lasts) => parseFloat(lasts) > 0.001) || style.scrollBehavior === "smooth";
}).map((each) => each.outerHTML.slice(0, 150))"""


@dataclass
class Keyboard:
    """Somebody with a keyboard and nothing else; remembers what was typed."""

    page: Page
    look: Callable[[Page], None] = lambda _page: None
    """Looks at each page, empty and filled in."""
    said: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Chromium hands a dialog over from when it was told to. Told only just before the key, a
        # busy page hears of the key first, and nobody of the dialog.
        self.page.on("filechooser", lambda _dialog: None)

    def press(self, name: str) -> None:
        """Go on with Tab until a button of that name has the focus, answering on the way; press it."""
        self.look(self.page)
        for _ in range(STOPS_AT_MOST):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(FOCUSED)
            assert at["isSeen"], f"the focus is out of sight: {at}"
            assert at["marks"], f"the focus cannot be seen: {at}"
            if at["tag"] == "button" and at["text"] == name:
                self.look(self.page)
                with self.page.expect_navigation():
                    self.page.keyboard.press("Enter")
                assert self.page.get_by_role("alert").all_inner_texts() == []
                return
            self.answer(at)
        raise AssertionError(f"{name} cannot be reached by keyboard on {self.page.url}")

    def answer(self, at: dict[str, Any]) -> None:
        """Answer where the focus is."""
        keys, key = self.page.keyboard, at["name"].removeprefix("q_")
        match at["tag"], at["type"]:
            case "summary", _:
                keys.press("Enter")
            case "input", "radio" if not at["isChecked"] and key not in self.said:
                keys.press("Space")
                self.said[key] = self.page.evaluate("document.activeElement.value")
            case "input", "checkbox" if (
                at["value"] not in {"none", "nb", "remove"} and not at["isChecked"]
            ):
                keys.press("Space")
                self.said.setdefault(key, []).append(at["value"])
            case "select", _:
                place = len(self.said.setdefault(key, [])) + 1
                if place <= self.page.evaluate("document.activeElement.options.length") - 1:
                    keys.type(str(place))
                    chosen = self.page.evaluate("document.activeElement.value")
                    self.said[key].append(chosen.partition(":")[2])
            case "input", "file" if key not in self.said:
                with self.page.expect_file_chooser() as opened:
                    keys.press("Space")
                given = {"name": "iso.pdf", "mimeType": "application/pdf", "buffer": PDF}
                opened.value.set_files(given)  # type: ignore[arg-type] # as playwright documents it
                self.said[key] = "iso.pdf"
            case "input", "date" if key not in self.said:
                keys.type("02022020")  # the same whether days or months come first
                self.said[key] = "2020-02-02"
            case (("input" | "textarea"), _) if key not in self.said:
                words = "12" if at["name"] in {"q_spend", "q_with_them"} else f"Words {key}"
                keys.type(words)
                self.said[key] = words


def begin(server: Server, page: Page, definition: Questionnaire) -> Invited:
    [tomas] = open_wave(server.app, "Tomas Vey", definition=definition)
    page.goto(tomas.link)
    return tomas


def walk(hands: Keyboard) -> None:
    """From the start page to the receipt."""
    hands.press("Start")
    walked = 0
    while not hands.page.url.endswith("/review"):
        walked += 1
        assert walked < PAGES_AT_MOST, hands.page.url
        hands.press("Save and continue")
    hands.press("Send my answers")
    assert hands.page.url.endswith("/sent")
    hands.look(hands.page)


@pytest.mark.parametrize(
    "definition", [all_together(), find("relationship-core")], ids=["all", "core"]
)
def test_a_questionnaire_is_answered_and_sent_by_keyboard_alone(
    server: Server, chromium: Browser, definition: Questionnaire
) -> None:
    with browsing(chromium, server, width=1280) as page:
        tomas = begin(server, page, definition)
        hands = Keyboard(page)
        walk(hands)
    [answers] = sent(server.app, tomas.slug)
    stored = {key: as_typed(value) for key, value in answers.items()}
    calculated = {item.id for _, item in definition.items() if item.kind == "calculated"}
    counted = {key for key in hands.said if key in stored or "." not in key}
    assert {key: stored.get(key) for key in counted} == {key: hands.said[key] for key in counted}
    assert stored.keys() - hands.said.keys() == calculated & stored.keys()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_kind_is_clean_in_the_dark(server: Server, chromium: Browser, width: int) -> None:
    with browsing(chromium, server, width=width, dark=True) as page:
        begin(server, page, all_together())
        walk(Keyboard(page, lambda page: check(page, page.url)))
        dark = page.evaluate(BACKGROUND)
        page.emulate_media(color_scheme="light")
        assert page.evaluate(BACKGROUND) != dark, "there is no dark theme"


def test_zoomed_to_400_percent_nothing_is_cut_and_for_who_asks_nothing_moves(
    server: Server, chromium: Browser
) -> None:
    with browsing(chromium, server, width=320) as page:
        page.emulate_media(reduced_motion="reduce")
        begin(server, page, all_together())
        walk(Keyboard(page, look_closely))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_of_files_handed_in_is_clean(
    server: Server, chromium: Browser, width: int
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey", definition=feature("files"))
    hand_in(server.app.test_client(), tomas, PDF).submit(tomas)
    cookie = sign_in(server.app, "kestrin").get_cookie("session")
    assert cookie is not None
    with browsing(chromium, server, width=width) as page:
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.url}])
        page.goto(LIST)
        check(page, "files")
        with page.expect_download() as saved:
            page.get_by_role("link", name="iso.pdf").click()
        assert saved.value.path().read_bytes() == PDF


def look_closely(page: Page) -> None:
    """At 1280 by 1024 zoomed to 400% a window is 320 wide."""
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, page.url
    assert page.evaluate(CUT) == [], page.url
    assert page.evaluate(MOVING) == [], page.url


def as_typed(value: Any) -> Any:
    match value:
        case {"name": name}:
            return name
        case {"escape": code}:
            return code
        case list():
            return value
        case _:
            return str(value)
