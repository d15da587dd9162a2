from dataclasses import replace
from datetime import date

import pytest

from surveyapp.reports.actions import MOST, RULES, Action, actions
from surveyapp.reports.context import ClimateRow, CoverageRow, Interval, ScorecardContext
from surveyapp.reports.numbers import Numbers
from tests.reports.contexts import (
    make_climate,
    make_detailed_climate,
    make_facts,
    make_score,
    make_scorecard,
    make_silent,
    make_whole,
)

NUMBERS = Numbers("en_GB")
FLAT = make_climate((50.0,) * 6, 4.0)
HEARD = (CoverageRow(function="IT", invited=9, answered=3),)


def told(card: ScorecardContext) -> list[Action]:
    return actions(card, NUMBERS)


def quiet(**changes: object) -> ScorecardContext:
    """A scorecard that asks for nothing."""
    return replace(make_scorecard(climate=FLAT, coverage=HEARD), **changes)


def detailed(dimension: str) -> ClimateRow:
    return next(row for row in make_detailed_climate() if row.dimension == dimension)


def only(card: ScorecardContext) -> Action:
    found = told(card)
    assert len(found) == 1, found
    return found[0]


def test_where_nothing_calls_for_it_nothing_is_asked() -> None:
    assert told(quiet()) == []


def test_at_most_three_things_are_asked_the_most_pressing_first() -> None:
    found = told(make_whole())
    assert [action.rule for action in found] == ["silent decider", "late fact", "fallen"]
    assert len(found) == MOST


def test_a_silent_decider_before_the_renewal_comes_first_and_is_named() -> None:
    action = told(make_whole())[0]
    assert action.what == "Hear the 3 silent deciders before the renewal on 30 June 2027."
    assert action.why == "2 of 5 deciders answered; their part is a guess."
    assert action.who == (
        "Maren Holt (Executive sponsor), Ines Vidal (Executive sponsor) and Finance"
    )


@pytest.mark.parametrize(
    ("renewal_on", "rules"),
    [
        (None, ["silent decider"]),
        (date(2027, 6, 30), ["silent decider"]),
        (date(2029, 1, 1), []),
        (date(2026, 1, 1), []),
    ],
)
def test_a_silent_decider_matters_within_a_year_of_the_renewal(
    renewal_on: date | None, rules: list[str]
) -> None:
    coverage = (
        CoverageRow(function="IT", invited=9, answered=3, deciders_invited=1, deciders_answered=0),
    )
    found = told(quiet(coverage=coverage, renewal_on=renewal_on))
    assert [action.rule for action in found] == rules


def test_a_fact_missed_three_quarters_running_asks_for_a_plan() -> None:
    late = make_facts()[0]
    action = only(quiet(facts=(late,)))
    assert action.what == "Agree a recovery plan for “On-time delivery”."
    assert action.why == "91% against a target of 96%, missed 3 quarters running."
    assert told(quiet(facts=(replace(late, missed_running=2),))) == []


def test_a_stale_fact_is_never_late_and_asks_to_be_renewed() -> None:
    stale = replace(make_facts()[-1], missed_running=5)
    action = only(quiet(facts=(stale,)))
    assert action.rule == "stale fact"
    assert action.why == "It is 14 months old and not counted."


def test_a_fall_beyond_chance_is_asked_about_and_one_within_is_not() -> None:
    row = replace(detailed("competency"), own=None, gap=None, agreement=None)
    action = told(quiet(climate=(row,)))[0]
    assert (action.rule, action.why) == (
        "fallen",
        "It fell by 9 to 42, more than chance explains.",
    )
    assert row.change is not None
    within = replace(row, change=replace(row.change, is_beyond_chance=False))
    assert "fallen" not in [each.rule for each in told(quiet(climate=(within,)))]


def test_a_blind_spot_needs_the_whole_gap_above_nothing() -> None:
    row = replace(FLAT[0], own=make_score(62.0, 4.0), gap=Interval(value=12.0, low=3.0, high=21.0))
    action = only(quiet(climate=(row,)))
    assert action.rule == "blind spot"
    assert action.why == ("Aldermere Foods sees 50, Kestrin Logistics believes 62: a blind spot.")
    unsure = replace(row, gap=Interval(value=12.0, low=-1.0, high=25.0))
    assert told(quiet(climate=(unsure,))) == []


def test_the_coldest_dimension_surely_below_the_reference_is_named() -> None:
    action = only(quiet(climate=make_climate((50.0, 40.0, 38.0, 50.0, 50.0, 50.0), 4.0)))
    assert action.what == "Find out what is behind Recognition."
    assert action.why == "It is 38, and its whole bar (31 to 45) lies below the reference."


def test_a_split_asks_to_read_the_functions() -> None:
    row = replace(FLAT[0], agreement=detailed("competency").agreement)
    action = only(quiet(climate=(row,)))
    assert action.what == "Read the functions on Integrity, not the mean."


def test_where_nobody_answered_people_are_to_be_reminded() -> None:
    coverage = (CoverageRow(function="IT", invited=9, answered=0),)
    assert only(make_silent(coverage=coverage)).why == "0 of 9 answered."


def test_every_rule_has_a_name_of_its_own_and_says_when_it_holds() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.when for rule in RULES)
