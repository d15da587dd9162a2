"""What stands on the printed pages of a whole scorecard, and where."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pikepdf
import pypdf
import pytest
from weasyprint.formatting_structure.boxes import Box, TableCellBox, TextBox

from surveyapp.reports import html, packs, pdf
from surveyapp.reports.context import CoverageRow, ScorecardContext
from surveyapp.reports.html import Sheet
from tests.reports.contexts import (
    make_facts,
    make_functions,
    make_lone_answer,
    make_scorecard,
    make_silent,
    make_whole,
)

PACK = packs.find("scorecard")
LONG = (
    "The Worshipful Company of Extraordinarily Long-Named Manufacturers (Holdings) GmbH & Co. KGaA"
)
SLACK = 1.0


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when WeasyPrint has anything to say."""
    caplog.set_level(logging.INFO, "weasyprint")
    yield
    told = [r.getMessage() for r in caplog.records if r.name.startswith("weasyprint")]
    assert [line for line in told if not line.startswith("Step ")] == []


def boxes(box: Any, cell: Any = None) -> Iterator[tuple[Any, Any]]:
    """Every text of a page with the table cell it stands in."""
    if isinstance(box, TextBox):
        yield box, cell
    inner = box if isinstance(box, TableCellBox) else cell
    for child in getattr(box, "children", ()):
        if isinstance(child, Box):
            yield from boxes(child, inner)


def astray(page: Any) -> list[str]:
    """Texts that leave their cell or the sheet."""
    found = []
    for text, cell in boxes(page._page_box):
        right, foot = text.position_x + text.width, text.position_y + text.height
        is_off = text.position_x < 0 or right > page.width + SLACK or foot > page.height + SLACK
        if cell is not None:
            end = cell.position_x + cell.border_width() + SLACK
            is_off = is_off or right > end
        if is_off:
            found.append(text.text)
    return found


def many_functions() -> tuple[CoverageRow, ...]:
    return tuple(CoverageRow(function=f"Function {n}", invited=9, answered=4) for n in range(40))


def plain(card: ScorecardContext) -> ScorecardContext:
    """Without the counts by dimension, which would not fit other coverage."""
    return replace(card, coverage=many_functions())


@pytest.mark.parametrize("sheet", ["a4", "letter"])
@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_a_whole_scorecard_has_four_pages_and_nothing_astray(locale: str, sheet: Sheet) -> None:
    document = pdf.laid_out(html.render(PACK, make_whole(locale=locale), sheet=sheet), PACK)
    assert len(document.pages) == 4
    assert [astray(page) for page in document.pages] == [[], [], [], []]
    width, height = {"a4": (210, 297), "letter": (215.9, 279.4)}[sheet]
    for page in document.pages:
        assert (page.width, page.height) == pytest.approx((width * 96 / 25.4, height * 96 / 25.4))


@pytest.mark.parametrize(
    ("card", "pages"),
    [
        (make_whole(buyer=LONG, supplier=LONG), 4),
        (make_whole(buyer="アルダーメア食品株式会社", supplier="شركة كسترين للخدمات"), 4),
        (make_whole(buyer="“Aldermere” & <Söhne>", wave="Herbst “2026”"), 4),
        (make_whole(facts=(), quadrant=None), 3),
        (make_scorecard(facts=make_facts()), 3),
        (make_silent(facts=make_facts()), 3),
        (make_scorecard(by_function=make_functions()), 3),
        (plain(make_scorecard()), 3),
        (make_lone_answer(), 2),
        (make_silent(), 2),
    ],
    ids=[
        *("long names", "cjk and arabic", "quotes and markup", "no facts", "facts alone"),
        *("facts without answers", "functions alone", "forty functions", "lone", "silent"),
    ],
)
def test_odd_data_break_no_page(card: ScorecardContext, pages: int) -> None:
    document = pdf.laid_out(html.render(PACK, card), PACK)
    assert len(document.pages) == pages
    assert [astray(page) for page in document.pages] == [[]] * pages


def read(card: ScorecardContext) -> tuple[bytes, list[str]]:
    content = pdf.write(html.render(PACK, card), PACK)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return content, [" ".join(page.extract_text().split()) for page in pages]


def in_order(text: str, *parts: str) -> bool:
    """Tell whether the parts are read one after the other."""
    places = [text.find(part) for part in parts]
    return all(0 <= a < b for a, b in pairwise(places))


def test_a_whole_scorecard_reads_in_order_is_tagged_small_and_always_the_same() -> None:
    content, (first, second, third, last) = read(make_whole())
    assert in_order(
        first,
        "We cannot tell yet",
        "Sales-equity score",
        "How likely is each level",
        "the buyer sees Competency and Proactivity colder",
        "Who has spoken",
        "Do these 3 things",
        "Hear the 3 silent deciders",
        "Agree a recovery plan",
        "Before you act",
    )
    assert in_order(second, "Competency fell; people are split", "Integrity", "SEQ by function")
    assert "9 from 51" in second
    assert second.count("not shown: fewer than 3 answers") == 2
    assert second.count("no answers yet") == 2
    assert in_order(third, "3 of 6 facts missed", "On-time delivery", "Perception beside facts")
    assert third.count("missed 3 quarters running") == 3
    assert "stale" in third
    assert "14 months" in third
    assert "of the whole organisation" in third
    assert in_order(last, "Who answered, by function", "What these numbers", "Signed by")
    assert len(content) < 150_000
    assert content == read(make_whole())[0]
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        tags = {
            str(item.get("/S"))
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        }
    assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI"} <= tags


def test_without_facts_the_last_page_says_so() -> None:
    _, pages = read(make_scorecard())
    assert "No facts are known of this relationship: perception stands alone." in pages[-1]
    _, pages = read(make_whole())
    assert "No facts are known" not in pages[-1]
