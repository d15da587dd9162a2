"""What a page tells the browser about its conditions: enough to show and hide, and no fact of ours."""

import json
from typing import Any

import pytest

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.page_rules import page_rules
from surveyapp.questionnaires.parsing import parse
from tests.questionnaires.feature import feature

SECRET = {
    "kpi": {"on_time": 0.8312},
    "relationship": {"annual_value": 1234567.0},
    "prev": {"fast": 4, "used": ["portal"]},
}


def with_rule(rule: str) -> Questionnaire:
    """The last-wave questionnaire, its second item shown under another condition."""
    q = feature("last-wave")
    [section] = q.sections
    first, second, *rest = section.items
    second = second.model_copy(update={"visible_if": parse(rule)})
    items = (first, second, *rest)
    return q.model_copy(update={"sections": (section.model_copy(update={"items": items}),)})


def told(rule: str) -> tuple[Any, str]:
    q = with_rule(rule)
    found = page_rules(q, q.sections[0], {}, SECRET)
    return next((each["rule"] for each in found if each["id"] == "better"), None), json.dumps(found)


def test_what_hangs_on_the_page_alone_is_told_as_it_is() -> None:
    assert told("fast > 3")[0] == parse("fast > 3").model_dump(mode="json")


def test_facts_are_worked_out_before_the_page_leaves() -> None:
    rule, text = told("fast > 3 and kpi.on_time < 0.9 and relationship.annual_value > 1000")
    assert [part["node"] for part in rule["parts"]] == ["compare", "known", "known"]
    assert [part["value"] for part in rule["parts"][1:]] == [True, True]
    assert "0.83" not in text
    assert "1234567" not in text


@pytest.mark.parametrize(
    "rule",
    ["fast > kpi.on_time * 5", "fast + relationship.annual_value > 3", "kpi.on_time < 0.9"],
)
def test_a_fact_beside_an_answer_stays_on_the_server(rule: str) -> None:
    found, text = told(rule)
    assert found == "server"
    assert "0.83" not in text
    assert "1234567" not in text


def test_what_the_person_said_before_is_theirs() -> None:
    assert told("fast > prev.fast")[0]["right"] == {"node": "known", "value": 4}


def test_what_is_not_known_is_told_as_unknown() -> None:
    assert told("fast > prev.worse")[0]["right"] == {"node": "known", "value": None}


def test_answers_of_other_pages_are_worked_out() -> None:
    q = feature("own-words")
    assert page_rules(q, q.section("after"), {"channel": "other"}, {}) == []
    assert page_rules(q, q.section("answers"), {}, {}) == []


def test_calculated_values_are_written_out() -> None:
    q = feature("calculated")
    [statements, reasons] = q.sections
    why = reasons.items[0].model_copy(update={"visible_if": parse("service < 4")})
    section = statements.model_copy(update={"items": (*statements.items, why)})
    found = page_rules(q, section, {}, {})
    assert [each["id"] for each in found] == ["fast", "clear", "why"]
    assert found[2]["rule"]["left"] == parse("round(mean(fast, clear), 1)").model_dump(mode="json")
