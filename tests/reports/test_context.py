from dataclasses import replace

import pytest

from surveyapp.errors import Invalid
from surveyapp.reports.context import (
    ClimateRow,
    CoverageRow,
    Levels,
    PortfolioContext,
    Score,
    ScorecardContext,
)
from tests.reports.contexts import (
    LEVELS,
    make_lone_answer,
    make_portfolio,
    make_scorecard,
    make_silent,
)


@pytest.mark.parametrize("card", [make_scorecard(), make_lone_answer(), make_silent()])
def test_a_scorecard_survives_json(card: ScorecardContext) -> None:
    assert ScorecardContext.from_json(card.to_json()) == card


def test_a_portfolio_survives_json() -> None:
    portfolio = make_portfolio(12)
    assert PortfolioContext.from_json(portfolio.to_json()) == portfolio


def test_a_wrong_sample_names_every_place() -> None:
    text = make_scorecard().to_json().replace('"buyer": "Aldermere Foods"', '"byer": 7')
    with pytest.raises(Invalid) as caught:
        ScorecardContext.from_json(text, place="my/sample.json")
    places = {problem.place for problem in caught.value.problems}
    assert {"my/sample.json:buyer", "my/sample.json:byer"} <= places


def test_a_sample_that_is_not_json_is_invalid() -> None:
    with pytest.raises(Invalid):
        ScorecardContext.from_json("{")


def test_a_bar_that_does_not_hold_its_value_is_refused() -> None:
    with pytest.raises(ValueError, match="low <= value <= high"):
        Score(value=60, low=40, high=54, points=70, points_low=60, points_high=80, n=3)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="low <= value <= high"):
        Score(value=50, low=float("nan"), high=54, points=70, points_low=60, points_high=80, n=3)


def test_a_suppressed_row_cannot_hold_a_score() -> None:
    score = make_scorecard().seq
    with pytest.raises(ValueError, match="shown row only"):
        ClimateRow(dimension="savvy", label="Savvy", standing="suppressed", score=score)


def test_a_silent_card_cannot_hold_a_score() -> None:
    with pytest.raises(ValueError, match="shown scorecard only"):
        replace(make_scorecard(), standing="silent")


def test_chances_must_sum_to_one() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        make_scorecard(chances=(0.2, 0.2, 0.2, 0.2))


def test_nobody_answers_who_was_not_asked() -> None:
    with pytest.raises(ValueError, match="more answered than asked"):
        CoverageRow(function="IT", invited=1, answered=2)


def test_cuts_must_ascend() -> None:
    with pytest.raises(ValueError, match="ascend"):
        Levels(names=LEVELS.names, reference_shares=LEVELS.reference_shares, cuts=(40, 39, 60))


def test_times_carry_their_zone() -> None:
    card = make_scorecard()
    with pytest.raises(ValueError, match="time zone"):
        replace(card, made_at=card.made_at.replace(tzinfo=None))


def test_the_at_risk_list_is_ordered_by_money_times_chance() -> None:
    listed = make_portfolio(120, spread=14).at_risk
    stakes = [row.money_at_risk for row in listed]
    assert len(listed) > 5
    assert stakes == sorted(stakes, reverse=True)
    assert all(row.cold >= 0.80 for row in listed)


def test_the_at_risk_list_is_ordered_by_chance_when_no_money_is_known() -> None:
    listed = make_portfolio(120, spread=14, is_priced=False).at_risk
    chances = [row.cold for row in listed]
    assert len(listed) > 5
    assert chances == sorted(chances, reverse=True)


def test_amounts_in_two_currencies_are_not_compared() -> None:
    portfolio = make_portfolio(20, silent=0)
    first, *others = portfolio.relationships
    dollars = replace(first, annual_value=replace(first.annual_value, currency="USD"))
    assert replace(portfolio, relationships=(dollars, *others)).currency is None


def test_the_expected_wrong_names_are_the_sum_of_their_chances_of_being_warm() -> None:
    portfolio = make_portfolio(120, spread=14)
    expected = sum(row.chances[2] + row.chances[3] for row in portfolio.at_risk)
    assert portfolio.expected_wrong == pytest.approx(expected)
