"""Every feature of the language on its small questionnaire: sound, played, previewed, stored and read back."""

import json

import pytest

from surveyapp.questionnaires.answers import missing, on_path, parse, said, units
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.loading import canonical_json, from_canonical_json
from surveyapp.questionnaires.preview import preview
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.questionnaires.values import Value
from surveyapp.questionnaires.wording import localised
from tests.questionnaires.feature import FOLDER, NAMES, feature

USED: dict[str, Value] = {"used": ["elsewhere"], "used.elsewhere": "Chat", "used.more": "x"}


@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound_and_its_golden_answers_give_what_they_must(name: str) -> None:
    assert check(FOLDER / name) == []
    assert len(json.loads((FOLDER / name / "golden.json").read_text())["cases"]) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_each_is_the_same_after_storage_and_can_be_previewed(name: str) -> None:
    q = feature(name)
    assert from_canonical_json(canonical_json(q)) == q
    text = preview(q)
    assert all(item.id in text for _, item in q.items())
    assert max(len(line) for line in text.splitlines()) <= 88


def test_words_go_with_the_answer_they_belong_to() -> None:
    q = feature("own-words")
    words = {unit.id: unit.text for _, item in q.items() for unit in said(q, item)}
    assert words == {
        "honest.comment": "Comment",
        "pace.comment": "Comment",
        "channel.other": "Which way?",
        "channel.comment": "Comment",
        "used.elsewhere": "What else?",
        "used.more": "And what more?",
    }
    assert on_path(q, USED) == {"used": ["elsewhere"], "used.elsewhere": "Chat"}
    assert [gap.id for gap in missing(q, {"channel": "other"})] == ["channel.other"]
    assert missing(q, {"channel": "other", "channel.other": "Chat"}) == []
    assert units(localised(q, "de"))["channel.other"].text == "Auf welchem Weg?"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (["2:price", "1:speed", "", "3:advice"], ["speed", "price", "advice"]),
        (["speed", "price", "advice"], ["speed", "price", "advice"]),
        (["", "", ""], None),
        ([], None),
    ],
)
def test_an_order_is_read_from_places_and_from_codes(
    raw: list[str], value: list[str] | None
) -> None:
    assert parse(units(feature("ranked"))["matters"], raw) == value


@pytest.mark.parametrize(
    ("key", "raw", "sentence"),
    [
        ("matters", ["1:price", "1:speed", "2:advice"], "Place 1 is given twice."),
        ("matters", ["1:price", "3:advice"], "Place 2 is still open. Give each place from 1 to 3."),
        ("matters", ["1:price", "2:price", "3:speed"], "Choose among the answers offered."),
        ("matters", ["1:price", "2:speed", "3:gold"], "Choose among the answers offered."),
        ("matters", ["0:price"], "Give places from 1 to 3."),
        ("matters", ["first:price"], "Give places from 1 to 3."),
        ("matters", ["٣:price"], "Give places from 1 to 3."),
        ("best_two", ["1:price", "2:speed", "3:advice"], "Give places from 1 to 2."),
        ("best_two", ["1:price", "nb"], "Choose either “No basis to judge” or the other answers."),
    ],
)
def test_what_is_no_order_is_refused_with_words(key: str, raw: list[str], sentence: str) -> None:
    with pytest.raises(AnswerError) as refused:
        parse(units(feature("ranked"))[key], raw)
    assert str(refused.value).startswith(sentence)


def test_assured_answers_are_called_what_the_questionnaire_calls_them() -> None:
    q = feature("assured")
    asked = units(localised(q, "de"))
    assert [option.label for option in asked["backups"].options] == [
        "Ganz",
        "Teilweise",
        "Nein",
        "Trifft nicht zu",
    ]
    assert asked["backups.na"].text == "Warum trifft es nicht zu?"
    with pytest.raises(AnswerError):
        parse(asked["backups"], "perhaps")
