"""Each kind of item on its page: filled, saved, shown again, looked over, sent; nonsense is named."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import check_page
from tests.questionnaires.feature import feature
from tests.web.walker import Answer, Walker
from tests.web.world import Invited, draft, open_wave, sent


@pytest.fixture
def walker(client: FlaskClient) -> Walker:
    return Walker(client)


def begin(app: Flask, walker: Walker, name: str) -> Invited:
    [tomas] = open_wave(app, "Tomas Vey", definition=feature(name))
    walker.start(tomas)
    return tomas


def refused(walker: Walker, path: str, **typed: Answer) -> str:
    return check_page(walker.fill(walker.open(path), **typed), status=422).text


def test_words_are_kept_with_their_answers_and_sent_with_those_that_count(
    app: Flask, walker: Walker
) -> None:
    tomas = begin(app, walker, "own-words")
    path = tomas.at("answers")
    text = refused(walker, path, channel="other")
    assert text.count("Please answer this question.") == 2
    typed: dict[str, Answer] = {
        "channel": "other",
        "channel.other": "By <b>pigeon</b>",
        "used": ["portal"],
        "used.elsewhere": "Not ticked",
        "honest.comment": "Mostly.\nNot always.",
        "pace.comment": "Hard to say",
    }
    assert walker.answer(path, **typed) == tomas.at("after")
    again = walker.open(path)
    assert again.as_posted()["q_used.elsewhere"] == ["Not ticked"]
    assert again.textareas["q_honest.comment"].strip() == "Mostly.\nNot always."
    review = walker.open(tomas.at("review"))
    for words in ("Which way? By <b>pigeon</b>", "Comment Mostly.", "Comment Hard to say"):
        assert words in review.text
    assert "Not ticked" not in review.text
    assert walker.submit(tomas).status_code == 303
    assert sent(app, tomas.slug) == [
        {
            "channel": "other",
            "channel.other": "By <b>pigeon</b>",
            "honest.comment": "Mostly.\nNot always.",
            "pace.comment": "Hard to say",
            "used": ["portal"],
        }
    ]


def test_an_own_line_that_is_missing_is_named_on_the_review_page_and_linked(
    app: Flask, walker: Walker
) -> None:
    tomas = begin(app, walker, "own-words")
    walker.answer(tomas.at("answers"), "stop", channel="other")
    review = walker.open(tomas.at("review"))
    link = review.link("Which way?")
    assert link == f"{tomas.at('answers')}#question-channel.other"
    assert "question-channel.other" in walker.open(tomas.at("answers")).ids
    assert check_page(walker.submit(tomas), status=422)


def test_places_are_given_without_a_script_and_shown_again_as_given(
    app: Flask, walker: Walker
) -> None:
    tomas = begin(app, walker, "ranked")
    path = tomas.at("order")
    assert "Please answer this question." in refused(walker, path)
    twice = ["1:price", "1:speed", "2:advice"]
    page = check_page(walker.fill(walker.open(path), matters=twice), status=422)
    assert page.text.count("Place 1 is given twice. Give each place once.") == 2
    assert page.selected("q_matters") == twice
    typed: dict[str, Answer] = {
        "matters": ["2:price", "1:speed", "3:advice"],
        "best_two": ["", "2:speed", "1:price"],
    }
    assert walker.answer(path, **typed).startswith(f"{path}?new=why_price")
    assert walker.open(path).selected("q_matters") == ["2:price", "1:speed", "3:advice"]
    assert draft(app, tomas.slug) == {
        "matters": ["speed", "price", "advice"],
        "best_two": ["price", "speed"],
    }
    assert "1. Speed, 2. Price, 3. Advice" in walker.open(tomas.at("review")).text


def test_assurance_asks_why_where_it_must(app: Flask, walker: Walker) -> None:
    tomas = begin(app, walker, "assured")
    path = tomas.at("practices")
    page = check_page(walker.fill(walker.open(path), backups="partly"), status=422)
    question = "Backups are kept in another place. What is missing?"
    assert page.links["#q_backups.partly"] == question, (
        "with many such questions one must know which"
    )
    walker.answer(path, **{"backups": "na", "backups.na": "Nothing is stored.", "exercised": "no"})
    review = walker.open(tomas.at("review")).text
    assert "Not applicable" in review
    assert "Why does it not apply? Nothing is stored." in review
    assert walker.submit(tomas).status_code == 303
    assert sent(app, tomas.slug) == [
        {"backups": "na", "backups.na": "Nothing is stored.", "exercised": "no"}
    ]
