"""The line above a page is set in columns only where all of it surely fits."""

import re

import pytest

from surveyapp.reports import html, packs, page_heads, pdf
from surveyapp.reports.reading import page_words
from tests.reports.contexts import make_scorecard

PACK = packs.find("scorecard")
LONG = "Wissenschaftliche Gesellschaft für Maschinenbau und Verfahrenstechnik"


@pytest.mark.parametrize(
    ("title", "part", "note", "share"),
    [
        ("Scorecard", "made today", None, 20),
        ("Aldermere Foods and Kestrin Logistics", "Wave Autumn 2026", None, 40),
        ("Aldermere Foods and Kestrin Logistics", "Wave Autumn 2026", "Sample data", 50),
        (LONG, "Wave Autumn 2026", "Sample data", None),
        ("Scorecard", f"Wave {LONG}, {LONG}", None, None),
    ],
)
def test_a_title_has_the_share_it_needs_or_none_where_lines_may_wrap(
    title: str, part: str, note: str | None, share: int | None
) -> None:
    assert page_heads.share(title, [part], note, width=178) == share


def test_columns_hold_the_words_that_a_flexible_head_holds() -> None:
    page = html.render(PACK, make_scorecard(data_note="Sample data"))
    flexible, heads = re.subn(r" one-line share-\d0", "", page)
    assert heads >= 2
    assert page_words(pdf.write(page, PACK)) == page_words(pdf.write(flexible, PACK))


def test_a_long_title_keeps_its_flexible_head() -> None:
    page = html.render(PACK, make_scorecard(buyer=LONG, supplier=LONG))
    assert page.count('class="page-head"') >= 1
