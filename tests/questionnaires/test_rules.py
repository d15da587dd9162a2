"""The path: computed from the answers each time, blind to what is off it."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import missing, on_path
from surveyapp.questionnaires.catalogue import find
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.questionnaires.values import Value, escape


def ids(q: Questionnaire, answers: dict[str, Value]) -> list[str]:
    return [section.id for section in rules.visible_sections(q, answers)]


def shown(q: Questionnaire, section: str, answers: dict[str, Value]) -> list[str]:
    return [item.id for item in rules.visible_items(q, q.section(section), answers)]


def test_unknown_shows_nothing(every_kind: Questionnaire) -> None:
    assert ids(every_kind, {}) == ["first"]
    assert shown(every_kind, "second", {}) == []


def test_no_basis_is_answered_and_compares_as_unknown(every_kind: Questionnaire) -> None:
    assert ids(every_kind, {"honest": escape("nb")}) == ["first"]
    # answered(recommend) is true, but "not recommend > 6" is unknown
    assert ids(every_kind, {"recommend": escape("nb")}) == ["first"]
    assert ids(every_kind, {"recommend": 6}) == ["first", "third"]


def test_a_section_without_shown_items_is_left_out(every_kind: Questionnaire) -> None:
    assert ids(every_kind, {"honest": 5, "fast": 5, "recommend": 9}) == ["first"]


def test_a_row_of_a_grid_steers_like_an_item(every_kind: Questionnaire) -> None:
    assert ids(every_kind, {"honest": 5, "fast": 2}) == ["first", "second"]


def test_a_rule_may_depend_on_the_page_it_stands_on(every_kind: Questionnaire) -> None:
    low: dict[str, Value] = {"honest": 1}
    assert shown(every_kind, "second", low) == ["renew", "products", "since", "role"]
    low["products"] = ["pumps", "seals"]
    assert shown(every_kind, "second", low) == ["renew", "products", "share", "since", "role"]


def test_next_and_previous_skip_what_is_hidden(every_kind: Questionnaire) -> None:
    answers: dict[str, Value] = {"honest": 5, "recommend": 1}
    first = rules.next_section(every_kind, answers, None)
    assert first is not None
    assert first.id == "first"
    after = rules.next_section(every_kind, answers, "first")
    assert after is not None
    assert after.id == "third"
    assert rules.next_section(every_kind, answers, "third") is None
    before = rules.previous_section(every_kind, answers, "third")
    assert before is not None
    assert before.id == "first"
    assert rules.previous_section(every_kind, answers, "first") is None
    # a page that has just been hidden still knows its place
    assert rules.next_section(every_kind, answers, "second") == after
    with pytest.raises(KeyError):
        rules.next_section(every_kind, answers, "fourth")


def test_required_if_asks_only_when_it_is_true(every_kind: Questionnaire) -> None:
    honest: dict[str, Value] = {"honest": 1}
    assert [gap.id for gap in missing(every_kind, {})] == ["honest"]
    assert missing(every_kind, honest) == []
    assert missing(every_kind, honest | {"renew": escape("not_me")}) == []
    (gap,) = missing(every_kind, honest | {"renew": "yes"})
    assert (gap.section_id, gap.id, gap.text) == ("second", "role", "What is your role?")
    assert missing(every_kind, honest | {"renew": "yes", "role": "Buyer"}) == []


def test_a_required_answer_may_be_no_basis(every_kind: Questionnaire) -> None:
    assert missing(every_kind, {"honest": escape("nb")}) == []


def test_a_required_grid_asks_for_each_row(edit: Callable[..., object]) -> None:
    from_text = find("relationship-core")
    grid = from_text.section("being_straight").items[0]
    section = from_text.section("being_straight").model_copy(
        update={"items": (grid.model_copy(update={"required": True}),)}
    )
    q = from_text.model_copy(update={"sections": (section,)})
    gaps = missing(q, {"bad_news": 3})
    assert [gap.id for gap in gaps] == ["agreed_in_writing", "contract_gaps"]


CHAIN = json.dumps(
    {
        "id": "chain",
        "version": 1,
        "purpose": "perception",
        "title": "Chain",
        "language": "en",
        "authors": ["surveyapp"],
        "licence": "CC0-1.0",
        "minutes": 1,
        "anonymity": "identified",
        "views": ["buyer-on-supplier"],
        "scales": [{"id": "s", "points": [1, 2, 3]}],
        "sections": [
            {
                "id": f"p{n}",
                "title": "Page",
                **({"visible_if": f"q{n - 1} == 1"} if n % 2 else {}),
                "items": [
                    {
                        "id": f"q{n}",
                        "kind": "rating",
                        "scale": "s",
                        "text": "?",
                        **({"visible_if": f"q{n - 1} == 1"} if n and not n % 2 else {}),
                    }
                ],
            }
            for n in range(5)
        ],
    }
)


def test_hiding_one_item_hides_everything_that_hangs_on_it() -> None:
    q = from_canonical_json(CHAIN)
    every = {f"q{n}": 1 for n in range(5)}
    assert on_path(q, every) == every
    assert on_path(q, every | {"q1": 2}) == {"q0": 1, "q1": 2}


@given(st.dictionaries(st.sampled_from([f"q{n}" for n in range(5)]), st.integers(1, 3)))
def test_off_path_answers_change_nothing(answers: dict[str, int]) -> None:
    q = from_canonical_json(CHAIN)
    kept = on_path(q, answers)
    assert rules.path(q, answers).pages == rules.path(q, kept).pages
    assert on_path(q, kept) == kept
    assert kept.items() <= answers.items()


def test_answers_come_back_when_the_path_returns(every_kind: Questionnaire) -> None:
    draft: dict[str, Value] = {"honest": 2, "renew": "yes"}
    assert "renew" in on_path(every_kind, draft)
    assert "renew" not in on_path(every_kind, draft | {"honest": 5})
    assert "renew" in on_path(every_kind, draft | {"honest": 1})


def test_strange_keys_never_count(every_kind: Questionnaire) -> None:
    assert on_path(every_kind, {"nonsense": 1, "pace": 3}) == {}


def test_facts_steer_when_they_are_known() -> None:
    q = from_canonical_json(CHAIN.replace('"q0 == 1"', "\"contact.function == 'it'\""))
    assert rules.is_visible(q, q.section("p1").items[0], {}) is False
    facts = {"contact": {"function": "it"}}
    assert rules.is_visible(q, q.section("p1").items[0], {}, facts) is True
    assert [page.section.id for page in rules.path(q, {}, facts).pages] == ["p0", "p1"]
