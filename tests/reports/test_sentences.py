from dataclasses import replace
from decimal import Decimal

import pytest

from surveyapp.reports import detail_sentences, portfolio_sentences, sentences
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.context import CoverageRow, Money, Reference, ScorecardContext
from surveyapp.reports.html import page_of
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.portfolio import PortfolioPage
from surveyapp.reports.scorecard import ScorecardPage
from tests.reports.contexts import (
    METHOD,
    OWN,
    make_climate,
    make_lone_answer,
    make_portfolio,
    make_scorecard,
    make_silent,
    make_whole,
    make_whole_portfolio,
)

NUMBERS = Numbers("en_GB")
FLAT = make_climate((50.0,) * 6, 4.0)


def headline(card: ScorecardContext) -> str:
    return sentences.headline(card, NUMBERS)


def test_at_risk_is_told_with_its_chance() -> None:
    card = make_scorecard(42.0, 4.5, climate=FLAT)
    assert card.call == "at risk"
    assert headline(card) == (
        "Aldermere Foods is at risk: 81 in 100 that it is no warmer than Transactional."
    )


def test_not_at_risk_is_told_with_its_level() -> None:
    card = make_scorecard(52.0, 3.0, climate=FLAT)
    assert headline(card) == "Aldermere Foods is not at risk: Predisposed."


def test_cannot_tell_yet_is_told_with_how_many_answered() -> None:
    card = make_scorecard(climate=FLAT)
    assert headline(card) == (
        "We cannot tell yet whether Aldermere Foods is at risk: 19 of 31 answered."
    )


def test_a_lone_answer_is_told_as_one_person() -> None:
    assert "one person was asked and answered" in headline(make_lone_answer())


def test_silent_deciders_are_told() -> None:
    coverage = (CoverageRow(function="IT", invited=9, answered=3, deciders_invited=2),)
    card = make_scorecard(climate=FLAT, coverage=coverage)
    assert headline(card).endswith("3 of 9 answered, and none of its 2 deciders has answered.")
    assert "All 2 deciders are silent" in sentences.silent_deciders(card, NUMBERS)


def test_the_coldest_climate_is_told_when_its_whole_bar_is_below_the_reference() -> None:
    assert headline(make_scorecard()).endswith("It is coldest on Proactivity and Competency.")


@pytest.mark.parametrize(
    ("invited", "text"),
    [
        (0, "Nobody at Aldermere Foods has been asked, so there is no score."),
        (1, "Nobody at Aldermere Foods has answered yet: one person was asked."),
        (9, "Nobody at Aldermere Foods has answered yet: 9 people were asked."),
    ],
)
def test_silence_is_told_as_silence(invited: int, text: str) -> None:
    coverage = (CoverageRow(function="IT", invited=invited, answered=0),) if invited else ()
    assert headline(make_silent(coverage=coverage)) == text


@pytest.mark.parametrize(
    ("invited", "answered", "text"),
    [
        (1, 1, "The one person asked at Aldermere Foods answered, but nothing that can be scored."),
        (9, 2, "2 of 9 people at Aldermere Foods answered, but nothing that can be scored."),
    ],
)
def test_answers_without_one_that_counts_are_not_told_as_silence(
    invited: int, answered: int, text: str
) -> None:
    coverage = (CoverageRow(function="IT", invited=invited, answered=answered),)
    climate = tuple(replace(row, standing="unscored") for row in make_silent().climate)
    card = make_silent(standing="unscored", coverage=coverage, climate=climate)
    assert headline(card) == text
    assert sentences.level(card, NUMBERS) == "No answers that can be scored"
    assert sentences.climate_finding(card, NUMBERS) == "Climate: no answers that can be scored"


def test_the_portfolio_keeps_silence_and_answers_without_a_score_apart() -> None:
    portfolio = make_portfolio(4, silent=3)
    *rows, last = portfolio.relationships
    portfolio = replace(
        portfolio, relationships=(*rows, replace(last, standing="unscored", answered=2))
    )
    assert last.name not in portfolio_sentences.silence(portfolio, NUMBERS)
    assert portfolio_sentences.silence(portfolio, NUMBERS).startswith("2 customers: ")
    told = portfolio_sentences.unscored(portfolio, NUMBERS)
    assert told == f"1 customer: {last.name}. People answered, but nothing that can be scored."
    assert PortfolioPage(portfolio).why(portfolio.unscored[0]) == "no answers that can be scored"
    assert PortfolioPage(portfolio).ordered[-3:] == (*portfolio.unscored, *portfolio.silent)
    assert portfolio_sentences.unscored(make_portfolio(), NUMBERS) == ""


def test_few_answers_under_a_contract_are_kept_confidential() -> None:
    card = make_silent(standing="suppressed", method=replace(METHOD, minimum_answers=3))
    assert "fewer than 3 people are kept confidential" in headline(card)
    assert sentences.level(card, NUMBERS) == "Not shown: fewer than 3 answers"


def test_the_bar_is_told_in_words() -> None:
    told = sentences.certainty(make_scorecard(), NUMBERS)
    assert told == "We are 90% sure it lies between 40 and 54."


def test_the_bar_is_told_with_the_confidence_of_the_run() -> None:
    card = make_scorecard(method=replace(METHOD, confidence=0.8))
    assert sentences.certainty(card, NUMBERS).startswith("We are 80% sure")


def test_climate_names_up_to_three_dimensions_and_counts_more() -> None:
    three = make_climate((40.0, 40.0, 40.0, 50.0, 50.0, 50.0), 3.0)
    told = sentences.climate_finding(make_scorecard(climate=three), NUMBERS)
    assert told == "Climate: Integrity, Competency and Recognition are colder than the reference"
    four = make_climate((40.0, 40.0, 40.0, 40.0, 50.0, 60.0), 3.0)
    told = sentences.climate_finding(make_scorecard(climate=four), NUMBERS)
    assert told == "Climate: 4 of 6 dimensions are colder; Chemistry is warmer than the reference"


def test_climate_without_a_difference_says_so() -> None:
    told = sentences.climate_finding(make_scorecard(climate=FLAT), NUMBERS)
    assert told == "Climate: no difference from the reference that we can tell"


def test_assumed_spreads_are_the_first_caveat() -> None:
    assert ScorecardPage(make_scorecard()).caveats[0] == sentences.ASSUMED
    estimated = make_scorecard(method=replace(METHOD, is_assumed=False))
    assert sentences.ASSUMED not in ScorecardPage(estimated).caveats


def test_a_long_name_is_cut_in_the_headline_only() -> None:
    name = "The Worshipful Company of Extraordinarily Long-Named Manufacturers and Merchants"
    told = headline(make_scorecard(buyer=name))
    assert name not in told
    assert "The Worshipful Company of Extraordinarily… is at risk" in told
    assert f"{'A' * 47}… is at risk" in headline(make_scorecard(buyer="A" * 300))


def test_where_one_buyer_reads_the_headline_names_the_supplier() -> None:
    card = make_scorecard(subject="supplier")
    assert f"the relationship with {card.supplier} is at risk" in headline(card).replace(
        "The", "the"
    )
    assert card.buyer not in headline(card)


def test_the_portfolio_expects_the_sum_of_chances_and_counts_money() -> None:
    told = portfolio_sentences.headline(make_portfolio(), NUMBERS)
    expected = NUMBERS.about(make_portfolio().expected_cold)
    assert told.startswith(f"We expect {expected} of 39 customers to be colder than Predisposed.")
    assert "a year at risk" in told


def test_the_portfolio_without_money_says_for_how_many_we_cannot_tell() -> None:
    told = portfolio_sentences.headline(make_portfolio(is_priced=False), NUMBERS)
    assert "can be named; for" in told
    assert told.endswith("we cannot tell yet.")


def test_the_list_of_names_says_how_many_to_expect_wrong() -> None:
    portfolio = make_portfolio(160, spread=12, error=6.0)
    wrong = round(portfolio.expected_wrong)
    assert wrong >= 1
    told = portfolio_sentences.at_risk_note(portfolio, NUMBERS)
    assert told.endswith(f"Expect {wrong} of these {len(portfolio.at_risk)} names to be wrong.")


def test_a_portfolio_of_silence_has_no_number() -> None:
    told = portfolio_sentences.headline(make_portfolio(4, silent=4), NUMBERS)
    assert told == "No answers to show yet from 4 customers."


def test_facts_that_are_all_too_old_are_said_to_be_none() -> None:
    card = make_whole()
    assert detail_sentences.facts_headline(card, NUMBERS) != "No current facts."
    old = replace(card, facts=tuple(replace(fact, is_stale=True) for fact in card.facts))
    assert detail_sentences.facts_headline(old, NUMBERS) == "No current facts."


def test_where_small_numbers_are_hidden_nobody_is_said_to_have_answered() -> None:
    portfolio = make_portfolio(4, silent=0)
    assert (
        portfolio_sentences.silence(portfolio, NUMBERS) == "Nobody is silent: 4 customers answered."
    )
    *rows, last = portfolio.relationships
    hidden = replace(last, standing="suppressed", seq=None, chances=None, call=None, answered=0)
    told = portfolio_sentences.silence(replace(portfolio, relationships=(*rows, hidden)), NUMBERS)
    assert told == ""


def test_money_sits_in_few_names_only_where_they_are_few() -> None:
    told = portfolio_sentences.headline(make_portfolio(), NUMBERS)
    assert "more than half of it in 5 names, 3 of them called at risk." in told
    told = portfolio_sentences.headline(make_portfolio(3, silent=0), NUMBERS)
    assert "more than half" not in told


def test_one_or_two_names_that_hold_half_of_the_money_are_named() -> None:
    portfolio = make_portfolio()
    first, second, *others = portfolio.relationships
    rich = [
        replace(
            each, standing="shown", annual_value=Money(amount=Decimal(90_000_000), currency="EUR")
        )
        for each in (first, second)
    ]
    told = portfolio_sentences.headline(replace(portfolio, relationships=(*rich, *others)), NUMBERS)
    assert f"more than half of it at {rich[1].name} and {rich[0].name}" in told


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        (Reference(origin="assumed"), "the reference set assumed-1: assumed, not estimated."),
        (OWN, "your own 1,873 relationships of Autumn 2026, supplier group…, frozen on 23"),
        (
            replace(OWN, origin="imported", source="An association"),
            "imported reference set assumed-1: 1,873 relationships, An association, as of 23 Oct",
        ),
    ],
)
def test_each_origin_of_fifty_is_said(reference: Reference, told: str) -> None:
    method = replace(METHOD, reference=reference)
    page = page_of(make_scorecard(method=method))
    assert told in page.reference
    german = page_of(make_scorecard(method=method, locale="de_DE")).reference
    assert german.startswith("50 ist das Mittel ")


def test_a_change_of_seq_is_told_where_the_change_of_climate_is() -> None:
    card = make_whole()
    assert card.last_wave is not None
    assert card.seq is not None
    fallen = replace(
        card.last_wave,
        now_seen=replace(card.last_wave.now_seen, value=card.seq.value + 9.0),
        is_beyond_chance=True,
    )
    moved = replace(card, last_wave=fallen)
    assert detail_sentences.climate_headline(moved, NUMBERS).startswith("SEQ fell; ")
    told = detail_sentences.last_wave(moved, NUMBERS)
    assert told.endswith(", fell by 9 since, more than chance explains")
    assert "SEQ fell" not in detail_sentences.climate_headline(card, NUMBERS)


def test_the_mix_of_the_wave_a_set_was_frozen_from_is_not_drawn() -> None:
    portfolio = make_whole_portfolio()
    frozen = replace(portfolio.method, reference=replace(OWN, source="Spring 2026"))
    for card, is_drawn in ((portfolio, True), (replace(portfolio, method=frozen), False)):
        drawn = PortfolioPage(card).mix(Canvas(400.0, 10.0))
        assert ("Spring 2026" in drawn) is is_drawn
        assert "Reference set" in drawn
