import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import check_page
from tests.web.walker import Walker
from tests.web.world import Invited, draft, dump, open_wave, questionnaire

FILLED = {
    "data": "4",
    "errors": "2",
    "recommend": "9",
    "alternatives": "not_my_role",
    "used": ["portal", "visits"],
    "orders": "1 200",
    "last_visit": "2026-10-02",
    "role": "Buyer",
}
STORED = {
    "data": 4,
    "errors": 2,
    "recommend": 9,
    "alternatives": {"escape": "not_my_role"},
    "used": ["portal", "visits"],
    "orders": 1200,
    "last_visit": "2026-10-02",
    "role": "Buyer",
}


@pytest.fixture
def tomas(app: Flask) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey")
    return tomas


@pytest.fixture
def walker(client: FlaskClient, tomas: Invited) -> Walker:
    walker = Walker(client)
    walker.start(tomas)
    return walker


def test_each_kind_of_answer_is_saved_and_shown_again_as_it_was_given(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    assert walker.answer(tomas.at("every_other"), **FILLED) == tomas.at("own_words")
    assert draft(app, tomas.slug) == STORED
    again = walker.open(tomas.at("every_other")).as_posted()
    given = {
        f"q_{name}": [value] if isinstance(value, str) else value for name, value in FILLED.items()
    }
    assert {name: again[name] for name in given} == {**given, "q_orders": ["1200"]}


def test_saving_leads_on_stopping_leads_out_and_the_link_leads_back_to_where_one_was(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    assert walker.answer(tomas.at("promises"), delivers="6") == tomas.at("every_other")
    stopped = walker.answer(tomas.at("every_other"), action="stop", data="4")
    assert stopped == tomas.at("stopped")
    found = walker.open(stopped)
    assert "Sections 1 and 2 saved at" in found.text
    assert "not sent yet" in found.text
    laptop = Walker(app.test_client())
    assert laptop.start(tomas) == tomas.at("own_words")
    assert laptop.open(tomas.at("every_other")).as_posted()["q_data"] == ["4"]


def test_page_says_where_one_is_what_is_saved_and_how_long_it_still_takes(
    walker: Walker, tomas: Invited
) -> None:
    first = walker.open(tomas.at("promises"))
    assert "Section 1 of 3" in first.text
    assert "about 4 minutes left" in first.text
    assert "saved at" not in first.text
    second = walker.open(walker.answer(tomas.at("promises"), delivers="6"))
    assert "Section 2 of 3" in second.text
    assert "Section 1 saved at" in second.text
    assert second.link("Back to section 1") == tomas.at("promises")
    assert second.link("Doing what Kestrin promised") == tomas.at("promises")


def test_going_back_and_forth_keeps_what_was_saved(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("promises"), delivers="6", fixes_cause="nb")
    walker.answer(tomas.at("every_other"), **FILLED)
    walker.answer(tomas.at("promises"), delivers="7")
    assert draft(app, tomas.slug) == {"delivers": 7, "fixes_cause": {"escape": "nb"}, **STORED}


def test_empty_text_takes_an_answer_back(app: Flask, walker: Walker, tomas: Invited) -> None:
    walker.answer(tomas.at("every_other"), **FILLED)
    walker.answer(tomas.at("every_other"), role="", used=[], recommend="", orders=" ")
    left = {name: STORED[name] for name in ("data", "errors", "alternatives", "last_visit")}
    assert draft(app, tomas.slug) == left


def test_an_answer_that_asks_for_more_brings_the_page_back_saved_with_the_new_question(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    before = walker.open(tomas.at("promises"))
    assert "What happened?" not in before.text
    target = walker.answer(tomas.at("promises"), delivers="2")
    assert target == f"{tomas.at('promises')}?new=what_happened#question-what_happened"
    found = walker.open(target)
    assert "One more question because of your answer." in found.text
    assert "Section 1 saved at" in found.text
    assert "Please answer" not in found.text
    assert draft(app, tomas.slug) == {"delivers": 2}
    assert walker.answer(target, what_happened="Late twice.") == tomas.at("every_other")
    assert draft(app, tomas.slug) == {"delivers": 2, "what_happened": "Late twice."}


def test_the_new_question_may_stay_empty_and_is_not_announced_twice(
    walker: Walker, tomas: Invited
) -> None:
    target = walker.answer(tomas.at("promises"), delivers="2")
    assert walker.answer(target, what_happened="") == tomas.at("every_other")


def test_answers_of_a_question_that_disappears_stay_in_the_draft(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    target = walker.answer(tomas.at("promises"), delivers="2")
    walker.answer(target, what_happened="Late twice.")
    assert walker.answer(tomas.at("promises"), delivers="6") == tomas.at("every_other")
    assert draft(app, tomas.slug)["what_happened"] == "Late twice."
    assert "What happened?" not in walker.open(tomas.at("promises")).text
    back = walker.open(walker.answer(tomas.at("promises"), delivers="1"))
    assert back.textareas["q_what_happened"].strip() == "Late twice."


def test_missing_required_answer_is_named_on_top_and_at_its_place_and_the_rest_is_kept(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    response = walker.fill(walker.open(tomas.at("promises")), fixes_cause="5")
    found = check_page(response, status=422)
    assert found.title.startswith("Problem: ")
    assert "One answer needs a look" in found.text
    assert found.links["#q_delivers-0"] == "Kestrin deliver what was promised."
    assert found.text.count("Please answer this question.") == 2
    assert found.as_posted()["q_fixes_cause"] == ["5"]
    assert draft(app, tomas.slug) == {}


def test_stopping_does_not_insist_on_required_answers(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    target = walker.answer(tomas.at("promises"), action="stop", fixes_cause="5")
    assert target == tomas.at("stopped")
    assert draft(app, tomas.slug) == {"fixes_cause": 5}


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("data", "9", "Choose one of the points from 1 to 5."),
        ("data", "nb", "Choose one of the points from 1 to 5."),
        ("recommend", "11", "Choose one of the points from 0 to 10."),
        ("alternatives", "maybe", "Choose one of the answers offered."),
        ("used", ["portal", "canteen"], "Choose among the answers offered."),
        ("orders", "twelve", "Write a number, for example 12."),
        ("orders", "-1", "Write a number of at least 0."),
        ("orders", "1e9", "Write a number, for example 12."),
        ("last_visit", "2026-02-30", "There is no such day."),
        ("last_visit", "yesterday", "Write the date as year-month-day"),
        ("role", "x" * 201, "Shorten it to 200 or fewer."),
    ],
)
def test_nonsense_gets_words_at_its_place_and_leaves_the_draft_alone(
    app: Flask,
    walker: Walker,
    tomas: Invited,
    *,
    name: str,
    typed: str | list[str],
    sentence: str,
) -> None:
    walker.answer(tomas.at("every_other"), **FILLED)
    before = dump(app)
    response = walker.fill(walker.open(tomas.at("every_other")), **{name: typed})
    found = check_page(response, status=422)
    assert found.text.count(sentence) == 2
    assert dump(app) == before
    if isinstance(typed, str) and name in {"orders", "last_visit", "role"}:
        assert found.as_posted()[f"q_{name}"] == [typed]


def test_a_hundred_thousand_characters_are_refused_with_words_and_kept_on_the_page(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    text = "ä🙂<b>{{7*7}}" * 10_000
    response = walker.fill(walker.open(tomas.at("own_words")), change_first=text)
    found = check_page_with_text(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "Shorten it to 4000 or fewer." in found
    assert draft(app, tomas.slug) == {}


def check_page_with_text(html: str) -> str:
    assert "<b>" not in html
    assert "{{7*7}}" in html
    return html


def test_control_characters_are_dropped_and_markup_stays_text(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("own_words"), change_first="a\x00b\x1b <script>alert(1)</script>")
    assert draft(app, tomas.slug) == {"change_first": "ab <script>alert(1)</script>"}
    assert "<script>" not in walker.open(tomas.at("own_words")).html
    assert "<script>" not in walker.open(tomas.at("review")).html


def test_an_empty_post_takes_nothing_back_but_unticked_boxes(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    walker.answer(tomas.at("every_other"), **FILLED)
    page = walker.open(tomas.at("every_other"))
    token = page.hidden("page_token")
    response = walker.client.post(page.forms[0], data={"page_token": token})
    assert response.status_code == 303
    assert draft(app, tomas.slug) == {key: STORED[key] for key in STORED if key != "used"}


def test_fields_of_other_pages_are_not_read(app: Flask, walker: Walker, tomas: Invited) -> None:
    walker.answer(tomas.at("every_other"), **FILLED)
    page = walker.open(tomas.at("every_other"))
    strange = {**page.as_posted(), "q_delivers": "1", "q_nothing": "x", "version": "99"}
    assert walker.client.post(page.forms[0], data=strange).status_code == 303
    assert draft(app, tomas.slug) == STORED


def test_more_than_the_server_takes_is_refused_with_words(
    app: Flask, walker: Walker, tomas: Invited
) -> None:
    response = walker.fill(walker.open(tomas.at("own_words")), change_first="x" * 3_000_000)
    found = check_page(response, status=413)
    assert "your text is still there" in found.text
    assert draft(app, tomas.slug) == {}


@pytest.mark.parametrize("body", [b"\xff\xfe", b"page_token=%ff%fe&q_delivers=%00", b"{}"])
def test_a_body_that_is_no_form_is_refused_with_words(
    app: Flask, walker: Walker, tomas: Invited, body: bytes
) -> None:
    before = dump(app)
    response = walker.client.post(
        tomas.at("promises"), data=body, content_type="application/x-www-form-urlencoded"
    )
    found = check_page(response, status=400)
    assert "nothing is saved yet" in found.text
    assert dump(app) == before


def test_a_section_that_does_not_exist_is_no_page(walker: Walker, tomas: Invited) -> None:
    assert walker.open(tomas.at("nothing_here"), status=404).h1 == "We do not know this link"


def test_a_section_hidden_by_earlier_answers_is_left_out_of_the_way(
    client: FlaskClient, app: Flask
) -> None:
    sections = questionnaire().model_dump(mode="json")["sections"]
    sections[1]["visible_if"] = "delivers <= 3"
    [dana] = open_wave(app, "Dana Roth", definition=questionnaire({"sections": sections}), slug="b")
    walker = Walker(client)
    walker.start(dana)
    assert "Section 1 of 2" in walker.open(dana.at("promises")).text
    assert walker.answer(dana.at("promises"), delivers="6") == dana.at("own_words")
    assert walker.open(dana.at("every_other"), status=404)


def test_two_invitations_in_one_browser_never_mix(app: Flask, client: FlaskClient) -> None:
    tomas, dana = open_wave(app, "Tomas Vey", "Dana Roth", slug="both")
    walker = Walker(client)
    walker.start(tomas)
    page_of_tomas = walker.open(tomas.at("promises"))
    walker.start(dana)
    page_of_dana = walker.open(dana.at("promises"))
    assert walker.fill(page_of_tomas, delivers="4").location == tomas.at("every_other")
    assert walker.fill(page_of_dana, delivers="7").location == dana.at("every_other")
    walker.answer(tomas.at("own_words"), change_first="from Tomas")
    walker.answer(dana.at("own_words"), change_first="from Dana")
    assert draft(app, tomas.slug) == {"delivers": 4, "change_first": "from Tomas"}
    assert draft(app, dana.slug) == {"delivers": 7, "change_first": "from Dana"}


def test_a_page_of_one_invitation_posted_to_another_is_not_taken(
    app: Flask, client: FlaskClient
) -> None:
    tomas, dana = open_wave(app, "Tomas Vey", "Dana Roth", slug="both")
    walker = Walker(client)
    walker.start(tomas)
    walker.start(dana)
    page = walker.open(tomas.at("promises"))
    before = dump(app)
    response = client.post(dana.at("promises"), data={**page.as_posted(), "q_delivers": "1"})
    assert response.status_code == 400
    assert dump(app) == before


def test_without_the_pass_every_page_asks_for_the_link(
    app: Flask, tomas: Invited, client: FlaskClient
) -> None:
    [dana] = open_wave(app, "Dana Roth", slug="other")
    walker = Walker(client)
    walker.start(dana)
    for name in ("promises", "review", "sent", "stopped", "contract", "overview", "nothing"):
        found = walker.open(tomas.at(name), status=403)
        assert found.h1 == "Open your link again to go on"
        assert "Tomas" not in found.html


def test_another_assignments_cookie_value_opens_nothing(app: Flask, tomas: Invited) -> None:
    [dana] = open_wave(app, "Dana Roth", slug="other")
    thief = app.test_client()
    thief.post(dana.link)
    cookie = thief.get_cookie("answering", path=f"/r/{dana.slug}")
    assert cookie is not None
    thief.set_cookie("answering", cookie.value, path=f"/r/{tomas.slug}")
    assert thief.get(tomas.at("promises")).status_code == 403
