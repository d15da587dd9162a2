"""F1: two tabs of a questionnaire post different pages at once; no acknowledged answer is lost.

Each try opens two pages of one assignment in one browser, posts both at once to two web processes and
reads the database. In every fourth try both tabs hold the same page with different words: then at most
one may be acknowledged unless the other is shown as newer, and what was acknowledged last must stand.
A text of nothing but line breaks counts as no answer, on paper as here; the texts sent are never blank.
Run: ``python -m benchmarks.f1_two_tabs [--quick]``.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from benchmarks.stage import Browser, Outcome, Stage, drafts, is_acknowledged, main
from tests.web.world import Invited, open_wave

PEOPLE = 19
"""No multiple of four, so that everybody meets every kind of try, and other answers each time."""
_PATHS = ("promises", "own_words")


def play(stage: Stage, tries: int) -> Outcome:
    """Let some people take turns with two tabs each."""
    invited = open_wave(stage.app, *(f"Person {number}" for number in range(PEOPLE)))
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
    forms: list[tuple[str, str, dict[str, str]]],
) -> list[httpx.Response]:
    start = Barrier(2)

    def post(browser: Browser, path: str, token: str, answers: dict[str, str]) -> httpx.Response:
        start.wait()
        return browser.save(path, token, **answers)

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
    point, words = number % 4 + 4, f"Words {number}"
    sent = ({"delivers": str(point)}, {"change_first": words})
    forms = [
        (person.at(page), pair[0].token(person.at(page)), answers)
        for page, answers in zip(_PATHS, sent, strict=True)
    ]
    first, second = _at_once(hands, pair, forms)
    stands = drafts([person.slug])[person.slug]
    outcome.check(is_acknowledged(first), f"try {number}: a tab got {first.status_code}")
    outcome.check(is_acknowledged(second), f"try {number}: a tab got {second.status_code}")
    outcome.check(stands.get("delivers") == point, f"try {number}: lost the rating, {stands}")
    outcome.check(stands.get("change_first") == words, f"try {number}: lost the words, {stands}")


def _same_page(
    outcome: Outcome,
    hands: ThreadPoolExecutor,
    person: Invited,
    pair: tuple[Browser, Browser],
    number: int,
) -> int:
    path = person.at("own_words")
    token = pair[0].token(path)
    words = [f"Tab {tab}, try {number}" for tab in (1, 2)]
    found = _at_once(hands, pair, [(path, token, {"change_first": each}) for each in words])
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
