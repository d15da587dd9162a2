from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.web import result_pages as results
from tests.conftest import Checked, check_page
from tests.reports.contexts import (
    METHOD,
    make_lone_answer,
    make_portfolio,
    make_scorecard,
    make_silent,
    make_whole,
    make_whole_portfolio,
)

Show = Callable[[ScorecardContext | PortfolioContext], Checked]


@pytest.fixture
def show(app: Flask) -> Show:
    """Draw a context through the application and check what must hold on every page."""

    def draw(context: ScorecardContext | PortfolioContext) -> Checked:
        with app.test_request_context("/results"):
            if isinstance(context, ScorecardContext):
                text = results.show_scorecard(
                    context, pdf_url="/s.pdf", overview_url="/results", wave_url="/results/a"
                )
            else:
                text = results.show_portfolio(
                    context,
                    pdf_url="/p.pdf",
                    overview_url="/results",
                    archive_url="/results/a/archive",
                    url_of=lambda row: f"/results/{row.key}",
                )
            return check_page(app.make_response(text))

    return draw


@pytest.mark.parametrize(
    "context",
    [
        make_scorecard(),
        make_whole(),
        make_lone_answer(),
        make_silent(),
        make_silent(standing="suppressed", method=replace(METHOD, minimum_answers=3)),
        make_scorecard(coverage=(), climate=()),
        make_portfolio(),
        make_portfolio(266, silent=5, spread=5.5, error=8.1, is_priced=False),
        make_portfolio(4, silent=4),
        make_whole_portfolio(),
        make_whole_portfolio(400, silent=60),
        make_whole_portfolio(1, silent=0),
    ],
)
def test_every_kind_of_result_is_a_sound_page(
    show: Show, context: ScorecardContext | PortfolioContext
) -> None:
    checked = show(context)
    assert checked.html.count("<svg ") == checked.html.count("<svg xmlns")
    assert checked.html.count("<title>") >= checked.html.count("<svg ")
    assert "What these numbers cannot tell" in checked.text


def test_the_scorecard_says_on_the_web_what_it_says_on_paper(show: Show) -> None:
    text = show(make_scorecard()).text
    assert "We cannot tell yet whether Aldermere Foods is at risk: 19 of 31 answered." in text
    assert "We are 90% sure it lies between 40 and 54." in text
    assert "Assumed, not estimated" in text
    assert "Fingerprint 3f9a 51c0." in text


def test_every_chart_is_drawn_for_a_wide_screen_and_for_a_phone(show: Show) -> None:
    html = show(make_scorecard()).html
    assert html.count('class="chart chart-wide"') == html.count('class="chart chart-narrow"') == 9


def test_the_numbers_stand_in_a_table_too(show: Show) -> None:
    html = show(make_scorecard()).html
    assert "<details" in html
    assert "40 to 54" in html


def test_an_at_risk_name_leads_to_its_page(show: Show) -> None:
    portfolio = make_portfolio()
    checked = show(portfolio)
    worst = portfolio.at_risk[0]
    assert f'<a href="/results/{worst.key}">{worst.name}</a>' in checked.html


def test_a_name_is_text_on_the_page(show: Show) -> None:
    html = show(make_scorecard(buyer="<script>alert(1)</script>")).html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_table_of_hundreds_is_folded(show: Show) -> None:
    assert '<details class="numbers" open>' in " ".join(show(make_portfolio()).html.split())
    long = show(make_portfolio(266, silent=5)).html
    assert "open>" not in long.split("Every relationship, coldest first")[1][:400]


def test_what_is_known_beside_the_estimates_stands_on_the_web_too(show: Show) -> None:
    text = show(make_whole()).text
    assert "Hear the 3 silent deciders before the renewal on 30 June 2027." in text
    assert "Competency fell; people are split on Competency" in text
    assert "fell by 9 from 51" in text
    assert "supplier 16 higher" in text
    assert text.count("missed 3 quarters running") == 4  # three rows and one reason
    assert "SEQ in Spring 2026: issued 54, now seen as 53, no change we can tell." in text
    assert "Loved but failing" in text


def test_what_is_not_known_has_no_empty_section(show: Show) -> None:
    text = show(make_scorecard()).text
    assert "SEQ by function" not in text
    assert "Since the last wave" not in text
    assert "No facts are known of this relationship" in text


def test_movement_and_roll_ups_of_a_portfolio_stand_on_the_web_too(show: Show) -> None:
    checked = show(make_whole_portfolio())
    text = checked.text
    assert "All together fell by 1 (under 1 to 2)." in text
    assert "▼ 3 fell" in text
    assert '<a href="/results/glenlane-health">Glenlane Health</a>' in checked.html
    assert "51 to 42" in text
    assert "For 32 there is no change we can tell. Not measured in Spring 2026: 3." in text
    assert "By service team" in text
    assert "3 smaller groups together" in text
    assert "not shown: too few answers to keep them confidential" in text
    assert "Not called at risk, most at stake" in text
    assert "61 of 96 deciders answered; no decider spoke for 6 customers." in text


def test_without_a_last_wave_or_groups_there_is_no_empty_section(show: Show) -> None:
    text = show(make_portfolio()).text
    assert "Movement since" not in text
    assert "By segment" not in text
