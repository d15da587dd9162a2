"""Every feature of the language on its small questionnaire: sound, played, previewed, stored and read back."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import missing, on_path, parse, said, units
from surveyapp.questionnaires.catalogue import find
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.definition import Grid, MultipleChoice, Questionnaire
from surveyapp.questionnaires.encoding import (
    PARTS_A_POINT,
    item_scores,
    respondent_vector,
    scoring_plan,
)
from surveyapp.questionnaires.evaluation import UNKNOWN, evaluate
from surveyapp.questionnaires.expressions import to_text
from surveyapp.questionnaires.loading import canonical_json, from_canonical_json
from surveyapp.questionnaires.parsing import parse as parse_expression
from surveyapp.questionnaires.preview import preview
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.questionnaires.repeating import expanded
from surveyapp.questionnaires.shuffling import shuffled
from surveyapp.questionnaires.telling import AnswersInWords
from surveyapp.questionnaires.values import Value
from surveyapp.questionnaires.wording import addressed, localised
from surveyapp.services.score_answers import ItemScores
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


def test_a_repeated_section_is_written_out_once_for_each_option() -> None:
    q = expanded(feature("repeated"))
    assert [section.id for section in q.sections] == [
        "places",
        "site@berlin",
        "site@lyon",
        "site@oslo",
    ]
    berlin = q.section("site@berlin")
    assert berlin.title == "Berlin"
    assert [item.id for item in berlin.items] == ["fast@berlin", "why@berlin", "detail@berlin"]
    assert units(q)["fast@berlin"].text == "{them} in Berlin are fast."
    assert berlin.visible_if is not None
    assert to_text(berlin.visible_if) == 'any_of(sites, ["berlin"])'
    assert to_text(berlin.items[1].visible_if) == "fast@berlin <= 2"  # type: ignore[arg-type] # it has one
    assert expanded(q) == q


BERLIN: dict[str, Value] = {"sites": ["berlin"], "fast@berlin": 2, "why@berlin": "Traffic"}


def test_the_path_walks_the_repetitions_that_were_chosen() -> None:
    q = feature("repeated")
    assert [page.section.id for page in rules.path(q, BERLIN).pages] == ["places", "site@berlin"]
    assert on_path(q, {**BERLIN, "fast@lyon": 5, "fast": 5}) == BERLIN
    following = rules.next_section(q, BERLIN, "places")
    assert following is not None
    assert following.id == "site@berlin"


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_a_repeated_item_scores_as_the_mean_of_its_answers(points: list[int]) -> None:
    plan = scoring_plan(feature("repeated"), reference_means=70)
    sites = ["berlin", "lyon", "oslo"][: len(points)]
    answers: dict[str, Value] = {
        f"fast@{site}": point for site, point in zip(sites, points, strict=True)
    }
    mean = sum(points) / len(points)
    [score, *_] = item_scores(plan, answers)
    assert score is not None
    assert float(score) == pytest.approx(25 * (mean - 1))
    [stored, *_] = ItemScores(plan).of(answers)
    assert stored == round(score * PARTS_A_POINT), "a run sees what a vector is made of"
    alone: dict[str, Value] = {"fast@lyon": points[0], "fast@lyon.comment": "5"}
    asked_once = {"fast": points[0]}
    assert respondent_vector(plan, alone) == respondent_vector(plan, asked_once)


def test_everybody_has_an_order_of_their_own_that_never_changes() -> None:
    q = feature("shuffled")
    orders = {seed: _order(shuffled(q, seed)) for seed in range(40)}
    assert orders == {seed: _order(shuffled(q, seed)) for seed in range(40)}
    for position in range(4):
        assert len({order[position] for order in orders.values()}) == 6, "three things, six orders"
    assert all(order[3][-1] == "other" for order in orders.values()), "other stays last"
    assert orders[1] == (
        ("rows", "options", "statements"),
        ("fair", "clear", "fast"),
        ("warm", "near", "open"),
        ("visits", "portal", "phone", "other"),
    )
    plan = scoring_plan(shuffled(find("relationship-core"), 7), reference_means=70)
    assert plan == scoring_plan(find("relationship-core"), reference_means=70)


def _order(q: Questionnaire) -> tuple[tuple[str, ...], ...]:
    grid = q.section("rows").items[0]
    choice = q.section("options").items[0]
    assert isinstance(grid, Grid)
    assert isinstance(choice, MultipleChoice)
    return (
        tuple(section.id for section in q.sections),
        tuple(item.id for item in q.section("statements").items),
        tuple(row.id for row in grid.rows),
        tuple(option.code for option in choice.options),
    )


GIVEN: dict[str, Value] = {
    "project": "{them} & {{ cost.label }} <b>",
    "partner": "them",
    "ends_on": "2027-03-04",
    "cost": 1200.5,
}


def test_texts_name_earlier_answers_and_read_no_braces_in_them() -> None:
    q, names = feature("named"), {"them": "{{ project.label }} Ltd", "us": "Halm"}
    told = addressed(q, names, AnswersInWords(q, names, GIVEN, {})).section("second")
    assert told.title == "About {them} & {{ cost.label }} <b>"
    assert told.introduction == (
        "Led by {{ project.label }} Ltd, until 4 March 2027, for 1,200.5 EUR."
    )
    assert told.items[0].hint == "Led by {{ project.label }} Ltd."
    nothing = addressed(q, names, AnswersInWords(q, names, {}, {})).section("second")
    assert nothing.introduction == "Led by …, until …, for …."


def test_calculated_values_are_named_by_later_texts() -> None:
    q, given = feature("calculated"), {"fast": 3, "clear": 4}
    told = addressed(q, {}, AnswersInWords(q, {}, given, {}))
    assert told.section("reasons").items[0].text == (
        "You give 3.5 of 5 for service, which is mixed. Why?"
    )


@given(
    st.dictionaries(
        st.sampled_from(["fast", "clear"]), st.sampled_from([1, 3, 5, {"escape": "nb"}])
    )
)
def test_a_calculated_value_is_there_exactly_when_it_is_known(answers: dict[str, Value]) -> None:
    numbers = [value for value in answers.values() if isinstance(value, int)]
    kept = on_path(feature("calculated"), answers)
    assert ("service" in kept) == (len(numbers) == 2)
    assert ("mood" in kept) <= ("fast" in kept)
    assert on_path(feature("calculated"), kept) == kept


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 1, 1))


@given(DAYS, DAYS)
def test_days_between_counts_calendar_days(first: date, last: date) -> None:
    tree = parse_expression("days_between(a, today())")
    sources = {"clock": {"today": last.isoformat()}}
    assert evaluate(tree, {"a": first.isoformat()}, sources) == (last - first).days
    assert evaluate(tree, {"a": first.isoformat()}) is UNKNOWN
    assert evaluate(tree, {}, sources) is UNKNOWN
