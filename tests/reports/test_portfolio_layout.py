"""What stands on the printed pages of a portfolio report, and where."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pypdf
import pytest

from surveyapp.reports import html, packs, pdf
from surveyapp.reports.context import Interval, Partnership, PortfolioContext
from surveyapp.reports.html import Sheet
from surveyapp.reports.portfolio import MOST_ROWS, PortfolioPage
from tests.reports.contexts import (
    METHOD,
    make_drivers,
    make_portfolio,
    make_whole_portfolio,
)
from tests.reports.test_layout import LONG, astray, in_order

PACK = packs.find("portfolio")
MANY_NOTES = ("A note that says something about these data and takes a line or two.",) * 5


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when WeasyPrint has anything to say."""
    caplog.set_level(logging.INFO, "weasyprint")
    yield
    told = [r.getMessage() for r in caplog.records if r.name.startswith("weasyprint")]
    assert [line for line in told if not line.startswith("Step ")] == []


def renamed(portfolio: PortfolioContext, name: str) -> PortfolioContext:
    """The same with long or foreign names everywhere a name can stand."""
    rows = tuple(
        replace(row, name=f"{name} {number}") for number, row in enumerate(portfolio.relationships)
    )
    rollups = tuple(
        replace(
            rollup,
            rows=tuple(
                replace(row, name=f"{name} {number}") for number, row in enumerate(rollup.rows)
            ),
        )
        for rollup in portfolio.rollups
    )
    return replace(portfolio, relationships=rows, rollups=rollups, programme=name)


def read(content: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return [" ".join(page.extract_text().split()) for page in pages]


@pytest.mark.parametrize("sheet", ["a4", "letter"])
@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_the_sample_has_five_pages_and_nothing_astray(locale: str, sheet: Sheet) -> None:
    sample = replace(PACK.sample(), locale=locale)
    document = pdf.laid_out(html.render(PACK, sample, sheet=sheet), PACK)
    assert len(document.pages) == 5
    assert [astray(page) for page in document.pages] == [[]] * 5
    width, height = {"a4": (297, 210), "letter": (279.4, 215.9)}[sheet]
    for page in document.pages:
        assert (page.width, page.height) == pytest.approx((width * 96 / 25.4, height * 96 / 25.4))


@pytest.mark.parametrize(
    ("portfolio", "pages"),
    [
        (make_whole_portfolio(4, silent=4), 3),
        (make_whole_portfolio(1, silent=0), 4),
        (make_portfolio(2, silent=1, is_priced=False), 3),
        (renamed(make_whole_portfolio(), LONG), 5),
        (renamed(make_whole_portfolio(), "アルダーメア食品株式会社"), 5),
        (renamed(make_whole_portfolio(), "شركة كسترين للخدمات اللوجستية"), 5),
        (renamed(make_whole_portfolio(), "“Aldermere” & <Söhne>"), 5),
        (make_whole_portfolio(notes=MANY_NOTES, data_note="Answers simulated, facts real"), 5),
        (make_whole_portfolio(400, silent=60), 7),
        (make_whole_portfolio(900, silent=300, drivers=make_drivers(is_told=False)), 7),
    ],
    ids=[
        *("no answers", "one", "without money", "long names", "cjk", "arabic", "quotes"),
        *("notes", "four hundred", "nine hundred"),
    ],
)
@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_odd_data_break_no_page(portfolio: PortfolioContext, pages: int, locale: str) -> None:
    document = pdf.laid_out(html.render(PACK, replace(portfolio, locale=locale)), PACK)
    assert len(document.pages) == pages
    assert [astray(page) for page in document.pages] == [[]] * pages


def test_a_whole_portfolio_reads_in_order_is_tagged_small_and_always_the_same() -> None:
    content = pdf.write(html.render(PACK, make_whole_portfolio()), PACK)
    first, groups, everyone, _, method = read(content)
    assert in_order(
        first,
        "We expect 12 of 39 customers to be colder than Predisposed.",
        "more than half of it in 5 names",
        "Every measured relationship",
        "Before you act on this page",
        "no decider spoke for 6 customers",
        "No current facts: 6 of 42 customers.",
        "Level mix",
        "At risk, by money",
        "Not called at risk, most at stake",
        "Movement since Spring 2026",
        "3 fell: Glenlane Health 51 to 42",
        "1 rose: Oakford Textiles 41 to 49",
        "Not measured in Spring 2026: 3.",
        "Who has not spoken",
        "3 customers, €5.2M a year",
    )
    assert in_order(groups, "By segment", "By product line", "By service team", "By region")
    assert "3 smaller groups together" in groups
    assert "not shown: too few answers to keep them confidential" in groups
    assert in_order(everyone, "Every relationship, coldest first", "Thornden Paints", "at risk")
    assert "Versions and fingerprint" in method
    assert len(content) < 150_000
    assert content == pdf.write(html.render(PACK, make_whole_portfolio()), PACK)
    with pikepdf.open(io.BytesIO(content)) as document:
        tags = {
            str(item.get("/S"))
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        }
    assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI"} <= tags


def test_hundreds_are_listed_as_far_as_paper_goes_and_the_others_counted() -> None:
    portfolio = make_whole_portfolio(400, silent=60)
    content = pdf.write(html.render(PACK, portfolio), PACK)
    assert len(content) < 150_000
    told = " ".join(read(content)[1:])
    coldest = portfolio.measured[::-1][: MOST_ROWS + 160]
    assert all(row.name in told for row in coldest)
    assert f"And {340 - len(coldest)} more, on the results page." in told
    assert all(row.name in told for row in portfolio.silent)


def test_what_a_contract_hides_is_counted_and_not_shown() -> None:
    whole = make_whole_portfolio(method=replace(METHOD, minimum_answers=3))
    hidden = [
        replace(
            row, standing="suppressed", seq=None, chances=None, call=None, change=None, answered=2
        )
        if number < 2
        else row
        for number, row in enumerate(whole.relationships)
    ]
    first, *_ = read(
        pdf.write(html.render(PACK, replace(whole, relationships=tuple(hidden))), PACK)
    )
    assert "Not shown: 2 customers with fewer than 3 answers." in first
    assert hidden[0].name not in first


def test_what_goes_with_seq_is_said_as_surely_as_it_is_known() -> None:
    whole = make_whole_portfolio()
    told = " ".join(read(pdf.write(html.render(PACK, whole), PACK)))
    assert "Competency goes with SEQ by more than an equal share. " in told
    assert "need not cause it" in told
    alike = replace(
        make_drivers(),
        rows=tuple(
            replace(row, share=Interval(value=1 / 6, low=0.08, high=0.3))
            for row in make_drivers().rows
        ),
    )
    page = html.page_of(replace(whole, drivers=alike))
    assert isinstance(page, PortfolioPage)
    assert page.drivers_finding == (
        "All 6 dimensions go with SEQ, and no order can be told: every bar holds an equal share."
    )
    few = html.page_of(replace(whole, drivers=make_drivers(is_told=False)))
    assert isinstance(few, PortfolioPage)
    assert "takes 30 relationships" in few.drivers_finding
    assert (few.drivers_note, few.driver_rows) == ("", [])


@pytest.mark.parametrize(("suppliers", "said"), [(1, "at one supplier"), (38, "at 38 suppliers")])
def test_the_other_side_is_said_with_how_many_stand_behind_it(suppliers: int, said: str) -> None:
    sample = PACK.sample()
    assert isinstance(sample, PortfolioContext)
    index = Partnership(
        score=Interval(value=54.0, low=50.5, high=57.5), people=96, suppliers=suppliers
    )
    drawn = html.render(PACK, replace(sample, partnership=index))
    assert "54 (51 to 58)" in drawn
    assert f"96 people {said} rate it" in drawn
