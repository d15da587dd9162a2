"""Raw answers: what is accepted, what is refused, and in which words."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.answers import Unit, answerable, parse, problem, units
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.items import Number
from surveyapp.questionnaires.reading import AnswerError, read_number
from surveyapp.questionnaires.values import escape, is_escape

UnitOf = Callable[[str], Unit]
EVERY_ID = ["honest", "fast", "recommend", "renew", "products", "share", "since", "role", "why"]


def number(**bounds: Any) -> Number:
    return Number.model_validate({"id": "n", "kind": "number", "text": "?", **bounds})


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("honest", "3", 3),
        ("honest", 3, 3),
        ("honest", 3.0, 3),
        ("honest", ["3"], 3),
        ("honest", " 3 ", 3),
        ("honest", "nb", {"escape": "nb"}),
        ("honest", {"escape": "nb"}, {"escape": "nb"}),
        ("fast", "1", 1),
        ("recommend", "0", 0),
        ("recommend", 10, 10),
        ("recommend", "nb", {"escape": "nb"}),
        ("renew", "yes", "yes"),
        ("renew", "not_me", {"escape": "not_me"}),
        ("products", ["seals", "pumps", "seals"], ["pumps", "seals"]),
        ("products", "pumps", ["pumps"]),
        ("products", ["none"], {"escape": "none"}),
        ("share", "12,5", 12.5),
        ("share", "12.50", 12.5),
        ("share", "12.0", 12),
        ("share", 7, 7),
        ("share", 0.1, 0.1),
        ("since", "2026-02-28", "2026-02-28"),
        ("since", dt.date(2026, 2, 28), "2026-02-28"),
        ("role", "  Buyer ", "Buyer"),
        ("why", "one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("why", "a\x00b\x07c\td", "abc\td"),
        ("why", "e\u0301", "é"),
        ("why", "=1+1", "=1+1"),
        ("why", "\ud800 broken", "broken"),
    ],
)
def test_an_answer_is_read_as_what_it_means(
    unit: UnitOf, key: str, raw: object, value: object
) -> None:
    found = parse(unit(key), raw)
    assert found == value
    assert type(found) is type(value)
    assert problem(unit(key), raw) is None


@pytest.mark.parametrize("key", EVERY_ID)
@pytest.mark.parametrize("raw", [None, "", "   ", [], [""], ()])
def test_nothing_is_no_answer_and_no_problem(unit: UnitOf, key: str, raw: object) -> None:
    if isinstance(raw, list | tuple) and key in ("role", "why"):
        assert problem(unit(key), raw) == "Write text."
    else:
        assert parse(unit(key), raw) is None


@pytest.mark.parametrize("raw", ["\ufeff\u200b", " \u2060 "])
def test_words_that_cannot_be_seen_are_no_answer(unit: UnitOf, raw: str) -> None:
    assert parse(unit("why"), raw) is None


@pytest.mark.parametrize(
    ("key", "raw", "sentence"),
    [
        ("honest", "6", "Choose one of the points from 1 to 5."),
        ("honest", "0", "Choose one of the points from 1 to 5."),
        ("honest", "3.5", "Choose one of the points from 1 to 5."),
        ("honest", "9" * 5000, "Choose one of the points from 1 to 5."),
        ("honest", "NB", "Choose one of the points from 1 to 5."),
        ("honest", True, "Give the answer itself, not true or false."),
        ("honest", ["1", "2"], "Give one answer only."),
        ("honest", {"escape": "xx"}, "Choose one of the answers offered."),
        ("honest", {"escape": ["nb"]}, "Choose one of the answers offered."),
        ("honest", {"value": 3}, "Choose one of the answers offered."),
        ("honest", object(), "Give one answer only."),
        ("recommend", 11, "Choose one of the points from 0 to 10."),
        ("recommend", "-1", "Choose one of the points from 0 to 10."),
        ("renew", "Yes", "Choose one of the answers offered."),
        ("renew", {"escape": "nb"}, "Choose one of the answers offered."),
        ("products", ["pumps", "taps"], "Choose among the answers offered."),
        ("products", ["pumps", "none"], "Choose either “None of these” or the other answers."),
        ("products", ["pumps", ["seals", "valves"]], "Give one answer only."),
        ("share", "many", "Write a number, for example 12.5."),
        ("share", "1e3", "Write a number, for example 12.5."),
        ("share", "nan", "Write a number, for example 12.5."),
        ("share", float("inf"), "Write a number, for example 12.5."),
        ("share", float("nan"), "Write a number, for example 12.5."),
        ("share", 10**400, "Write a number, for example 12.5."),
        ("share", "1.200,5", "Write a number, for example 12.5."),
        ("share", "12.55", "Write at most 1 decimal places."),
        ("share", "100.1", "Write a number of at most 100."),
        ("share", "-0.1", "Write a number of at least 0."),
        ("since", "28.02.2026", "Write the date as year-month-day, for example 2026-11-22."),
        ("since", "2026-02-30", "There is no such day. Check the day and the month."),
        ("since", "0226-02-03", "Check the year: it must lie between 1900 and 2200."),
        ("since", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "Give one answer only."),
        ("role", "two\nlines", "Write this on one line."),
        ("role", "x" * 21, "This is 21 characters long. Shorten it to 20 or fewer."),
        ("why", "y" * 101, "This is 101 characters long. Shorten it to 100 or fewer."),
        ("why", 5, "Write text."),
    ],
)
def test_a_refusal_says_what_to_do(unit: UnitOf, key: str, raw: object, sentence: str) -> None:
    assert problem(unit(key), raw) == sentence
    with pytest.raises(AnswerError, match=r".+"):
        parse(unit(key), raw)


def test_numbers_follow_their_definition() -> None:
    assert read_number(number(), "1 200") == 1200
    assert read_number(number(), "1\u202f200") == 1200
    assert read_number(number(decimals=3), "1,250") == 1.25
    assert read_number(number(min=0.1, decimals=1), "0.1") == 0.1
    with pytest.raises(AnswerError, match="Write a whole number, without grouping signs"):
        read_number(number(), "1,2")


def test_an_escape_cannot_be_mistaken_for_a_real_answer() -> None:
    assert is_escape(escape("nb"))
    for value in ("nb", 0, ["escape"], {"escape": "nb", "more": 1}, None):
        assert not is_escape(value)


def test_sentences_are_translated_before_figures_are_set_in(unit: UnitOf) -> None:
    german = {
        "This is {length} characters long. Shorten it to {most} or fewer.": "{length} sind mehr als {most}."
    }
    found = problem(unit("role"), "x" * 30, translate=lambda pattern: german[pattern])
    assert found == "30 sind mehr als 20."


raws = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["nb", "yes", "3", "2026-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["escape", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(key=st.sampled_from(EVERY_ID), raw=raws)
def test_any_input_is_read_or_refused_and_reading_twice_changes_nothing(
    every_kind: Questionnaire, key: str, raw: object
) -> None:
    unit = units(every_kind)[key]
    sentence = problem(unit, raw)
    if sentence is None:
        value = parse(unit, raw)
        assert value is None or parse(unit, value) == value
    else:
        assert sentence.endswith(".")


def test_units_carry_what_a_page_needs(every_kind: Questionnaire) -> None:
    known = units(every_kind)
    assert list(known) == [
        "honest", "fast", "late", "recommend", "renew", "products", "share", "since", "role", "why",
    ]  # fmt: skip
    late = known["late"]
    assert late.item.id == "pace"
    assert late.reverse
    assert late.points == (1, 2, 3, 4, 5)
    assert late.labels == ((1, "Disagree"), (5, "Agree"))
    assert late.escape is not None
    assert late.short == "Not late"
    assert known["fast"].short == "{them} are fast."
    assert known["recommend"].labels == ((0, "Never"), (10, "Always"))
    assert [option.code for option in known["renew"].options] == ["yes", "no", "perhaps"]
    for _, item in every_kind.items():  # noqa: PERF102  # pairs, not a mapping
        assert [u.id for u in answerable(every_kind, item)] == list(item.answer_ids)
