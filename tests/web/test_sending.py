from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.clock import utcnow
from tests.conftest import check_page
from tests.web.walker import Walker
from tests.web.world import Invited, change_wave, draft, dump, open_wave, sent


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    return walker


def test_review_shows_every_answer_in_words_with_a_way_to_change_it(
    walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="4", fixes_cause="nb")
    walker.answer(
        tomas.at("every_other"),
        data="5",
        recommend="9",
        alternatives="no",
        used=["portal", "visits"],
        orders="1200",
        last_visit="2026-10-02",
    )
    assert walker.answer(tomas.at("own_words"), change_first="Call\nearlier.") == tomas.at("review")
    found = walker.open(tomas.at("review"))
    for words in (
        "Kestrin deliver what was promised. 4: Neither",
        "No basis to judge",
        "How do you like these? Equipment 5: Very high Sales support Not answered",
        "Would you recommend Kestrin? 9",
        "Are you looking at alternatives? No",
        "Portal and Visits",
        "1,200 orders",
        "2 October 2026",
        "Call earlier.",
    ):
        assert words in found.text
    assert "What happened?" not in found.text
    assert found.link("Change Doing what Kestrin promised") == tomas.at("promises")


def test_review_names_what_is_missing_and_submit_refuses_until_it_is_there(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("own_words"), change_first="Prices")
    found = walker.open(tomas.at("review"))
    assert "One answer is still needed" in found.text
    link = found.link("Kestrin deliver what was promised.")
    assert link == f"{tomas.at('promises')}#question-delivers"
    refused = check_page(walker.submit(tomas), status=422)
    assert refused.title.startswith("Problem: ")
    assert sent(app, tomas.slug) == []
    walker.answer(link, delivers="6")
    assert walker.submit(tomas).location == tomas.at("sent")
    assert sent(app, tomas.slug) == [{"delivers": 6, "change_first": "Prices"}]


def test_receipt_says_when_and_about_whom_and_stays(walker: Walker, tomas: Invited) -> None:
    walker.answer(tomas.at("promises"), delivers="6")
    walker.submit(tomas)
    for _ in range(2):
        found = walker.open(tomas.at("sent"))
        assert found.h1 == "Thank you. Your answers have arrived."
        at = utcnow()
        assert f"Sent on {at.day} {at:%B %Y}" in found.text
        assert "about Kestrin" in found.text


def test_hidden_answers_are_not_part_of_what_is_sent(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    target = walker.answer(tomas.at("promises"), delivers="2")
    walker.answer(target, what_happened="Late twice.")
    walker.answer(tomas.at("promises"), delivers="6")
    walker.submit(tomas)
    assert sent(app, tomas.slug) == [{"delivers": 6}]
    assert draft(app, tomas.slug)["what_happened"] == "Late twice."


def test_submitting_again_leads_to_the_same_receipt_and_sends_nothing_more(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="6")
    page = walker.open(tomas.at("review"))
    locations = [
        walker.client.post(page.forms[0], data=page.as_posted()).location for _ in range(3)
    ]
    assert locations == [tomas.at("sent")] * 3
    assert len(sent(app, tomas.slug)) == 1


def test_after_sending_every_page_says_it_is_answered_and_a_late_one_changes_nothing_sent(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    page = walker.open(tomas.at("promises"))
    walker.fill(page, delivers="6")
    late = walker.open(tomas.at("promises"))
    walker.submit(tomas)
    before = dump(app)
    for path in (tomas.link, tomas.at("promises"), tomas.at("review"), tomas.at("stopped")):
        found = walker.open(path)
        assert found.h1 == "You have already answered"
    assert walker.client.post(tomas.link).location == tomas.at("sent")
    assert dump(app) == before
    assert walker.fill(late, delivers="1").location == tomas.at("sent")
    after = dump(app)
    assert len(after.pop("held_page")) == 1
    before.pop("held_page")
    assert after == before


def test_receipt_before_sending_leads_to_the_review(walker: Walker, tomas: Invited) -> None:
    response = walker.client.get(tomas.at("sent"))
    assert (response.status_code, response.location) == (303, tomas.at("review"))


def test_receipt_names_what_is_still_open_under_the_same_link(
    app: Flask, client: FlaskClient
) -> None:
    [tomas] = open_wave(app, "Tomas Vey", suppliers=2, slug="two")
    walker = Walker(client)
    overview = walker.open(walker.start(tomas))
    first = overview.link("Kestrin 1")
    slug = first.split("/")[2]
    walker.answer(first, delivers="6")
    review = walker.open(f"/r/{slug}/review")
    found = walker.open(client.post(review.forms[0], data=review.as_posted()).location)
    assert "Kestrin 2" in found.links.values()
    overview = walker.open(f"/r/{slug}/overview")
    assert overview.link("Kestrin 1") == f"/r/{slug}/sent"
    assert "Kestrin 1" in overview.text


def test_submit_without_the_pass_or_with_a_foreign_form_sends_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="6")
    review = walker.open(tomas.at("review"))
    section = walker.open(tomas.at("promises"))
    submit = review.forms[0]
    assert walker.client.post(submit).status_code == 400
    foreign = walker.client.post(submit, data={"page_token": section.hidden("page_token")})
    assert check_page(foreign, status=400).h1 == "Look over your answers"
    stranger = app.test_client().post(submit, data=review.as_posted())
    assert check_page(stranger, status=403).h1 == "Open your link again to go on"
    assert sent(app, tomas.slug) == []


def test_submit_after_the_close_is_refused(app: Flask, walker: Walker, tomas: Invited) -> None:
    walker.answer(tomas.at("promises"), delivers="6")
    review = walker.open(tomas.at("review"))
    change_wave(app, lambda wave: wave.close(at=utcnow()))
    response = walker.client.post(review.forms[0], data=review.as_posted())
    assert check_page(response, status=410).h1 == "This questionnaire is closed"
    assert sent(app, tomas.slug) == []


def test_clicking_send_many_times_at_once_sends_once(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="6")
    review = walker.open(tomas.at("review"))
    cookie = walker.client.get_cookie("answering", path=f"/r/{tomas.slug}")
    assert cookie is not None

    def click(_: int) -> str:
        other = app.test_client()
        other.set_cookie("answering", cookie.value, path=f"/r/{tomas.slug}")
        return other.post(review.forms[0], data=review.as_posted()).location

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(click, range(12))) == {tomas.at("sent")}
    assert sent(app, tomas.slug) == [{"delivers": 6}]


def test_two_tabs_posting_different_sections_at_once_lose_nothing(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    cookie = walker.client.get_cookie("answering", path=f"/r/{tomas.slug}")
    assert cookie is not None
    pages = {name: walker.open(tomas.at(name)) for name in ("promises", "every_other", "own_words")}
    answers = {
        "promises": {"delivers": "6"},
        "every_other": {"data": "3", "role": "Buyer"},
        "own_words": {"change_first": "Prices"},
    }

    def save(name: str) -> int:
        tab = app.test_client()
        tab.set_cookie("answering", cookie.value, path=f"/r/{tomas.slug}")
        return Walker(tab).fill(pages[name], **answers[name]).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(save, list(answers) * 4)) == {303}
    assert draft(app, tomas.slug) == {
        "delivers": 6,
        "data": 3,
        "role": "Buyer",
        "change_first": "Prices",
    }
