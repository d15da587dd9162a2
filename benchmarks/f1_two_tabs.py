"""F1: two tabs of a questionnaire post different pages at once; no acknowledged answer is lost.

Each try opens two pages of one assignment in one browser, posts both at once to two web processes and
reads the database; the pages hold every kind of item, files too, in all pairs. In every fourth try both tabs hold the same page with different words: then at most
one may be acknowledged unless the other is shown as newer, and what was acknowledged last must stand.
A text of nothing but line breaks counts as no answer, on paper as here; the texts sent are never blank.
Run: ``python -m benchmarks.f1_two_tabs [--quick]``.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Barrier

import httpx

from benchmarks import every_kind
from benchmarks.stage import Browser, Outcome, Stage, drafts, is_acknowledged, main
from tests.questionnaires.feature import all_together
from tests.web.world import Invited, open_wave

PEOPLE = 19
"""No multiple of four, so that everybody meets every kind of try, and other answers each time."""
_PAIRS = tuple(combinations(every_kind.SECTIONS, 2))


def play(stage: Stage, tries: int) -> Outcome:
    """Let some people take turns with two tabs each."""
    names = (f"Person {number}" for number in range(PEOPLE))
    invited = open_wave(stage.app, *names, definition=all_together())
    stage.start_pages(workers=2)
    outcome = Outcome()
    refused = 0
    with ThreadPoolExecutor(2) as hands:
        tabs = [_two_tabs(stage, person) for person in invited]
        for number in range(tries):
            person, pair = invited[number % PEOPLE], tabs[number % PEOPLE]
            if number % 4 == 3:
                refused += _same_page(outcome, hands, person, pair, number)
            else:
                _two_pages(outcome, hands, person, pair, number)
            outcome.tries += 1
    outcome.wrong += stage.faults()
    outcome.detail["shown_as_newer"] = refused
    return outcome


def _two_tabs(stage: Stage, person: Invited) -> tuple[Browser, Browser]:
    """Two connections of one browser: the second shares the first one's cookies."""
    first, second = Browser(stage.url), Browser(stage.url)
    first.begin(person.link)
    second.http.cookies = first.http.cookies
    return first, second


def _at_once(
    hands: ThreadPoolExecutor,
    pair: tuple[Browser, Browser],
    forms: list[tuple[str, str, every_kind.Page]],
) -> list[httpx.Response]:
    start = Barrier(2)

    def post(browser: Browser, path: str, token: str, page: every_kind.Page) -> httpx.Response:
        start.wait()
        return browser.save(path, token, page.files, **page.typed)

    waiting = [
        hands.submit(post, browser, *form) for browser, form in zip(pair, forms, strict=True)
    ]
    return [each.result() for each in waiting]


def _two_pages(
    outcome: Outcome,
    hands: ThreadPoolExecutor,
    person: Invited,
    pair: tuple[Browser, Browser],
    number: int,
) -> None:
    sections = _PAIRS[number % len(_PAIRS)]
    pages = [every_kind.page(section, number) for section in sections]
    paths = [person.at(section) for section in sections]
    tokens = [pair[0].token(path) for path in paths]
    found = _at_once(hands, pair, list(zip(paths, tokens, pages, strict=True)))
    stands = drafts([person.slug])[person.slug]
    for section, page, each in zip(sections, pages, found, strict=True):
        outcome.check(is_acknowledged(each), f"try {number}: {section} got {each.status_code}")
        is_there = every_kind.is_stored(stands, page.stored)
        outcome.check(is_there, f"try {number}: lost of {section}, {stands}")
        if page.files and is_there:
            outcome.check(every_kind.has_bytes(person.slug, stands), f"try {number}: lost bytes")


def _same_page(
    outcome: Outcome,
    hands: ThreadPoolExecutor,
    person: Invited,
    pair: tuple[Browser, Browser],
    number: int,
) -> int:
    path = person.at("own_words")
    # each tab opens the page for itself: one page posted again is its person going on
    tokens = [browser.token(path) for browser in pair]
    words = [f"Tab {tab}, try {number}" for tab in (1, 2)]
    pages = [every_kind.Page({"change_first": each}, {}) for each in words]
    found = _at_once(hands, pair, [(path, *each) for each in zip(tokens, pages, strict=True)])
    stands = drafts([person.slug])[person.slug].get("change_first")
    accepted = [word for word, each in zip(words, found, strict=True) if is_acknowledged(each)]
    outcome.check(
        accepted == [stands], f"try {number}: acknowledged {accepted}, but {stands!r} stands"
    )
    shown = [each for each in found if each.status_code == httpx.codes.CONFLICT]
    for each in shown:
        both = all(word in each.text for word in words)
        outcome.check(both, f"try {number}: the newer answer is not shown beside what was typed")
    return len(shown)


if __name__ == "__main__":
    main("F1", "answers lost", play, tries=500, quick=80, description=__doc__ or "")
