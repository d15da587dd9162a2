"""The browser shows and hides as the server would, says no more than it must, and is never needed."""

import gzip
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect

from surveyapp.questionnaires.evaluation import UNKNOWN, evaluate
from surveyapp.questionnaires.expressions import Answer, Expression, Literally
from surveyapp.questionnaires.parsing import parse
from tests.browser.conftest import Server, browsing, follow
from tests.browser.test_accessibility import check
from tests.browser.test_kinds import begin, save
from tests.questionnaires.feature import feature
from tests.questionnaires.test_expressions import VECTORS, grow
from tests.web.world import draft, open_wave

EVALUATE = """async ([url, cases]) => {
  const { evaluate } = await import(url);
  return cases.map(([tree, answers, sources]) => evaluate(tree, answers, sources));
}"""
VALUES = st.one_of(
    st.integers(-9, 9),
    st.sampled_from([0.5, 2.5, -1.25]),
    st.sampled_from(["x", "yes", "2026-02-28", "2026-03-01", ""]),
    st.lists(st.sampled_from(["x", "yes"]), min_size=1, unique=True),
    st.just({"escape": "nb"}),
)
LEAVES = st.one_of(
    st.sampled_from("abc").map(lambda name: Answer(id=name)),
    st.sampled_from([1, 2, 0, "x", "2026-03-01"]).map(lambda value: Literally(value=value)),
)
TREES = st.recursive(LEAVES, grow, max_leaves=4)
CASES = st.lists(
    st.tuples(TREES, st.dictionaries(st.sampled_from("abc"), VALUES)), min_size=300, max_size=300
)


def in_browser(server: Server, page: Page, cases: list[list[Any]]) -> list[Any]:
    page.goto("/")
    return list(page.evaluate(EVALUATE, [f"{server.url}/static/js/expressions.js", cases]))


def test_the_browser_makes_of_the_shared_vectors_what_they_say(
    server: Server, chromium: Browser
) -> None:
    cases = [
        [
            parse(vector["text"]).model_dump(mode="json"),
            vector["answers"],
            vector.get("sources", {}),
        ]
        for vector in VECTORS
    ]
    with browsing(chromium, server) as page:
        found = in_browser(server, page, cases)
    wrong = [
        (vector["text"], one)
        for vector, one in zip(VECTORS, found, strict=True)
        if one != vector["comes_to"] or type(one) is bool is not type(vector["comes_to"])
    ]
    assert wrong == []


@settings(
    max_examples=1,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
@given(cases=CASES)
def test_the_browser_and_the_server_agree_on_expressions_nobody_thought_of(
    server: Server, chromium: Browser, cases: list[tuple[Expression, dict[str, Any]]]
) -> None:
    asked = [[tree.model_dump(mode="json"), answers, {}] for tree, answers in cases]
    with browsing(chromium, server) as page:
        found = in_browser(server, page, asked)
    here = [evaluate(tree, answers) for tree, answers in cases]
    wrong = [
        (case, one, other)
        for case, one, other in zip(cases, here, found, strict=True)
        if not is_same(one, other)
    ]
    assert wrong == []


def is_same(here: object, there: object) -> bool:
    if isinstance(here, list):
        return isinstance(there, list)
    if isinstance(here, float) and isinstance(there, int | float):
        return math.isclose(here, there)
    return there is None if here is UNKNOWN else here == there


@pytest.mark.parametrize("width", [390, 1280])
def test_a_question_comes_and_goes_with_the_answer_that_asks_for_it(
    server: Server, chromium: Browser, width: int
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, width=width) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        happened = page.get_by_label("What happened?")
        assert happened.count() == 0
        page.locator("input[name=q_delivers][value='2']").check()
        expect(page.locator("[role=status].visually-hidden")).to_have_text(
            "One more question because of your answer."
        )
        check(page, "a question that came")
        happened.fill("Late twice.")
        page.locator("input[name=q_delivers][value='6']").check()
        assert happened.is_hidden()
        page.locator("input[name=q_delivers][value='1']").check()
        assert happened.input_value() == "Late twice."
        save(page)
        assert page.url.endswith(tomas.at("every_other"))
        assert draft(server.app, tomas.slug) == {"delivers": 1, "what_happened": "Late twice."}
        page.go_back()
        expect(page.get_by_label("What happened?")).to_be_visible()


def test_without_a_script_the_page_is_complete_and_asks_after_saving(
    server: Server, chromium: Browser
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey")
    with browsing(chromium, server, script=False) as page:
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        page.locator("input[name=q_delivers][value='2']").check()
        assert page.get_by_label("What happened?").count() == 0
        save(page)
        page.get_by_label("What happened?").fill("Late.")
        save(page)
        assert draft(server.app, tomas.slug) == {"delivers": 2, "what_happened": "Late."}


def test_other_kinds_steer_as_well(server: Server, chromium: Browser) -> None:
    with browsing(chromium, server) as page:
        # what is saved while the page is open has its own tests; here it would come or not in time
        page.route("**/quiet", lambda _request: None)
        tomas = begin(server, page, "ranked")
        why = page.get_by_label("Why price?")
        page.get_by_label("Price").last.select_option("1")
        page.get_by_label("Speed").last.select_option("2")
        why.wait_for()
        page.locator("select[name=q_best_two]").first.select_option("")
        why.wait_for(state="hidden")
        save(page)
        assert page.get_by_role("alert").is_visible(), "place 1 is open, and the server says so"
        assert draft(server.app, tomas.slug) == {}


def test_the_first_page_with_everything_it_needs_is_light(
    server: Server, chromium: Browser
) -> None:
    [tomas] = open_wave(server.app, "Tomas Vey", definition=feature("ranked"))
    urls: set[str] = set()
    with browsing(chromium, server) as page:
        page.on("requestfinished", lambda request: urls.add(request.url))
        page.goto(tomas.link)
        follow(page.get_by_role("button", name="Start"))
        page.goto(tomas.at("order"))
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_load_state("networkidle")
        wanted = {url for url in urls if "/static/" in url} | {page.url}
        bodies = {url: page.request.get(url).body() for url in wanted}
    assert len([url for url in wanted if ".js" in url]) == 5
    assert len([url for url in wanted if ".woff2" in url]) == 2
    # as a proxy sends them: texts compressed; fonts are compressed already
    sizes = {
        url: len(body) if ".woff2" in url else len(gzip.compress(body))
        for url, body in bodies.items()
    }
    assert sum(sizes.values()) < 60_000, sizes
