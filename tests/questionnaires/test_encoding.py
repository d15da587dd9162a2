"""Answers to vectors: whole numbers of 1/10,000 point, centred on the reference."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.answers import on_path, units
from surveyapp.questionnaires.catalogue import find
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import (
    ScoringPlan,
    item_scores,
    respondent_vector,
    scoring_plan,
)
from surveyapp.questionnaires.loading import load
from surveyapp.questionnaires.values import Value, escape


@pytest.fixture(scope="module")
def plan(every_kind: Questionnaire) -> ScoringPlan:
    return scoring_plan(every_kind, reference_means=70)


def vector(plan: ScoringPlan, **answers: Value) -> tuple[int | None, ...]:
    return respondent_vector(plan, answers)


def test_the_plan_lists_items_by_dimension_in_the_author_s_order(plan: ScoringPlan) -> None:
    assert [dimension.id for dimension in plan.dimensions] == ["trust", "speed"]
    assert plan.item_ids == ("honest", "renew", "fast", "late")
    assert plan.reversed_items == (False, False, False, True)


def test_items_are_rescaled_and_reversed(plan: ScoringPlan) -> None:
    assert vector(plan, honest=5, renew="yes", fast=5, late=1) == (1_000_000, 1_000_000)
    assert vector(plan, honest=1, renew="no", fast=1, late=5) == (0, 0)
    assert vector(plan, honest=2, renew="yes", fast=4, late=4) == (625_000, 500_000)


def test_under_the_minimum_a_dimension_is_missing_and_never_imputed(
    every_kind: Questionnaire,
) -> None:
    core = scoring_plan(find("relationship-core"), reference_means=70)
    position = [dimension.id for dimension in core.dimensions].index("integrity")
    assert vector(core, bad_news=7)[position] is None
    assert vector(core, bad_news=7, agreed_in_writing=7)[position] == 1_000_000
    assert set(vector(core)) == {None}


def test_no_basis_and_options_without_points_are_missing(plan: ScoringPlan) -> None:
    assert vector(plan, honest=escape("nb"), renew="perhaps") == (None, None)
    assert vector(plan, honest=4, renew="perhaps") == (750_000, None)


def test_items_are_centred_on_their_reference_means(every_kind: Questionnaire) -> None:
    means = {"honest": 60, "renew": 80, "fast": 50, "late": 50.00005}
    plan = scoring_plan(every_kind, reference_means=means)
    # the distance of 75 from 60, on top of the mean of 60 and 80
    assert vector(plan, honest=4)[0] == 850_000
    # with every item answered the reference cancels
    assert vector(plan, honest=4, renew="no")[0] == 375_000


def test_constraints_are_left_out_unless_asked_for() -> None:
    q = find("relationship-core")
    assert "constraint" not in [d.id for d in scoring_plan(q, reference_means=70).dimensions]
    shown = scoring_plan(q, reference_means=70, kinds=("constraint",))
    assert shown.item_ids == ("change_costs", "moving_is_hard")
    assert vector(shown, change_costs=4, moving_is_hard=7) == (750_000,)


def test_rounding_is_once_and_half_to_even() -> None:
    plan = scoring_plan(find("relationship-core"), reference_means=70)
    position = [dimension.id for dimension in plan.dimensions].index("savvy")
    found = vector(plan, knows_our_money=2, knows_our_decisions=2, speaks_market=3)[position]
    assert found == round(Fraction(100 * 4, 6 * 3) * 10_000) == 222_222


def test_the_hash_follows_what_changes_a_score(
    every_kind: Questionnaire, plan: ScoringPlan
) -> None:
    assert plan.hash() == scoring_plan(every_kind, reference_means=70.0).hash()
    assert plan.hash() != scoring_plan(every_kind, reference_means=71).hash()
    means: Mapping[str, float] = dict.fromkeys(units(every_kind), 70.0)
    assert plan.hash() == scoring_plan(every_kind, reference_means=means).hash()


def test_a_changed_label_keeps_the_plan_and_a_changed_point_does_not(
    edit: Callable[..., Path], folder: Path, plan: ScoringPlan
) -> None:
    edit("label: Perhaps", "label: Maybe")
    assert scoring_plan(load(folder), reference_means=70).hash() == plan.hash()
    (folder / "golden.json").unlink()
    edit("label: Maybe}", "label: Maybe, points: 0.5}")
    assert scoring_plan(load(folder), reference_means=70).hash() != plan.hash()


def test_a_reference_without_an_item_is_refused(every_kind: Questionnaire) -> None:
    with pytest.raises(ValueError, match="no mean for the item renew"):
        scoring_plan(every_kind, reference_means={"honest": 70.0})
    with pytest.raises(ValueError, match=r"must lie in 0\.\.100"):
        scoring_plan(every_kind, reference_means=170)


def test_a_questionnaire_without_scoring_has_no_plan(every_kind: Questionnaire) -> None:
    with pytest.raises(ValueError, match="every-kind has no scoring"):
        scoring_plan(every_kind.model_copy(update={"scoring": None}), reference_means=70)


def test_nothing_stands_where_nothing_scores(plan: ScoringPlan) -> None:
    responses: list[dict[str, Value]] = [
        {"honest": 4, "renew": "yes", "fast": 1, "late": 1},
        {"honest": escape("nb"), "fast": 5},
        {},
    ]
    assert [respondent_vector(plan, each) for each in responses] == [
        (875_000, 500_000),
        (None, 1_000_000),
        (None, None),
    ]
    assert [item_scores(plan, each) for each in responses] == [
        [75, 100, 0, 100],
        [None, None, 100, None],
        [None] * 4,
    ]


ratings = st.none() | st.integers(1, 5) | st.just(escape("nb"))


@given(st.fixed_dictionaries({"honest": ratings, "fast": ratings, "late": ratings}))
def test_vectors_stay_on_the_scale_when_the_reference_is_uniform(
    every_kind: Questionnaire, raw: dict[str, int | None]
) -> None:
    plan = scoring_plan(every_kind, reference_means=70)
    answers = on_path(every_kind, {key: value for key, value in raw.items() if value is not None})
    for entry in respondent_vector(plan, answers):
        assert entry is None or 0 <= entry <= 1_000_000


@given(st.integers(1, 5), st.integers(1, 5))
def test_reversing_mirrors_a_score(every_kind: Questionnaire, fast: int, late: int) -> None:
    plan = scoring_plan(every_kind, reference_means=50)
    entry = respondent_vector(plan, {"fast": fast, "late": late})[1]
    mirrored = respondent_vector(plan, {"fast": 6 - fast, "late": 6 - late})[1]
    assert entry is not None
    assert mirrored == 1_000_000 - entry
