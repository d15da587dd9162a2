"""F15: two invitations in one browser, their pages interleaved; every answer lands where it belongs.

Each try is one browser with the links of two people, each asked about two suppliers: four
questionnaires whose pages are opened, left open and posted in a random order, some at the same moment.
Every answer names the questionnaire it was typed into; one page has a ranking, an assured answer with its
reason, an option's own words and a comment.
Run: ``python -m benchmarks.f15_two_invitations [--quick]``.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select

from benchmarks.stage import Browser, Outcome, Stage, drafts, is_acknowledged, main
from surveyapp.extensions import reading
from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import Response
from tests.web.world import EVERY_KIND, Invited, open_wave, questionnaire

_SEED = 15
_KINDS: dict[str, Any] = {
    "id": "kinds",
    "title": "More kinds",
    "items": [
        {
            "id": "matters",
            "kind": "ranking",
            "text": "What matters?",
            "options": [{"code": "price", "label": "Price"}, {"code": "speed", "label": "Speed"}],
        },
        {"id": "backups", "kind": "assured", "text": "Backups are kept.", "comment": True},
        {
            "id": "channel",
            "kind": "single_choice",
            "text": "How?",
            "options": [
                {"code": "phone", "label": "By phone"},
                {"code": "other", "label": "Another way", "say": "Which?"},
            ],
        },
    ],
}
_WORDS = {"yes": "Fully", "partly": "Partly", "no": "No", "na": "Not applicable",
          "missing": "What is missing?", "reason": "Why?"}  # fmt: skip
_SECTIONS = ("promises", "every_other", "own_words", "kinds")


def play(stage: Stage, tries: int) -> Outcome:
    """Give each browser two people's links and shuffle what is done in it."""
    definition = questionnaire({"sections": [*EVERY_KIND["sections"], _KINDS], "assured": _WORDS})
    names = (f"Person {number}" for number in range(2 * tries))
    people = open_wave(stage.app, *names, suppliers=2, definition=definition)
    stage.start_pages(workers=2)
    outcome = Outcome(tries=tries)
    rng = random.Random(_SEED)
    answers = 0
    for number in range(tries):
        pair = people[2 * number], people[2 * number + 1]
        answers += _walk(stage, pair, rng, outcome)
    outcome.detail["answers"] = answers
    with reading() as session:
        doubled = session.execute(
            select(Response.assignment_id)
            .join(Assignment, Assignment.id == Response.assignment_id)
            .group_by(Response.assignment_id)
            .having(func.count() > 1)
        ).all()
    outcome.check(not doubled, f"{len(doubled)} questionnaires were delivered twice")
    outcome.wrong += stage.faults()
    return outcome


def _walk(stage: Stage, pair: tuple[Invited, Invited], rng: random.Random, outcome: Outcome) -> int:
    browser = Browser(stage.url)
    for invited in pair:
        browser.begin(invited.link)
    slugs = [slug for invited in pair for slug in invited.slugs]
    pages = [(slug, section) for slug in slugs for section in _SECTIONS]
    rng.shuffle(pages)
    # every page is opened before the first is posted, as in a row of tabs
    tokens = {page: browser.token(_path(*page)) for page in pages}
    rng.shuffle(pages)
    expected: dict[str, dict[str, object]] = {slug: {} for slug in slugs}

    def post(page: tuple[str, str]) -> None:
        slug, section = page
        typed, stored = _answers(slug, section)
        found = browser.save(_path(*page), tokens[page], **typed)
        if is_acknowledged(found):
            expected[slug] |= stored
            is_home = found.headers["location"].startswith(f"/r/{slug}/")
            outcome.check(is_home, f"{page} led to {found.headers['location']}")
        else:
            outcome.wrong.append(f"{page} got {found.status_code}")

    while pages:
        size = rng.choice((1, 1, 2, 3))
        together, pages = pages[:size], pages[size:]
        with ThreadPoolExecutor(len(together)) as hands:
            list(hands.map(post, together))
    found = drafts(slugs)
    for slug in slugs:
        outcome.check(found[slug] == expected[slug], f"{slug} holds {found[slug]}")
    _send_one_each(browser, pair, rng, outcome)
    browser.close()
    return sum(len(each) for each in expected.values())


def _path(slug: str, section: str) -> str:
    return f"/r/{slug}/{section}"


def _answers(slug: str, section: str) -> tuple[dict[str, str | list[str]], dict[str, object]]:
    """Return what is typed, and how it is stored: the words name the questionnaire."""
    match section:
        case "promises":
            point = 4 + sum(slug.encode()) % 4
            return {"delivers": str(point)}, {"delivers": point}
        case "every_other":
            return {"role": f"Role in {slug}"}, {"role": f"Role in {slug}"}
        case "kinds":
            order = ["price", "speed"] if sum(slug.encode()) % 2 else ["speed", "price"]
            said: dict[str, str] = {
                "backups": "na",
                "backups.na": f"Reason of {slug}",
                "backups.comment": f"Comment of {slug}",
                "channel": "other",
                "channel.other": f"Way of {slug}",
            }
            places = [f"{place}:{code}" for place, code in enumerate(order, 1)]
            return {**said, "matters": places}, {**said, "matters": order}
        case _:
            return {"change_first": f"Words of {slug}"}, {"change_first": f"Words of {slug}"}


def _send_one_each(
    browser: Browser, pair: tuple[Invited, Invited], rng: random.Random, outcome: Outcome
) -> None:
    """Send one questionnaire of each invitation; the others stay as they are."""
    sent = [rng.choice(invited.slugs) for invited in pair]
    tokens = [browser.token(f"/r/{slug}/review") for slug in sent]
    for slug, token in zip(sent, tokens, strict=True):
        found = browser.post(f"/r/{slug}/submit", {"page_token": token})
        is_right = found.headers.get("location") == f"/r/{slug}/sent"
        outcome.check(is_right, f"sending {slug} got {found.status_code}")
    with reading() as session:
        slugs = [slug for invited in pair for slug in invited.slugs]
        delivered = set(
            session.scalars(
                select(Assignment.slug).join(Response).where(Assignment.slug.in_(slugs))
            )
        )
    outcome.check(delivered == set(sent), f"sent {sent}, delivered {sorted(delivered)}")


if __name__ == "__main__":
    main("F15", "answers misplaced", play, tries=125, quick=20, description=__doc__ or "")
