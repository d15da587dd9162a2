"""Words of charts reach paper a line at a time, and read as they stand."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from surveyapp.reports import chart_words, packs, pdf
from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.svg import chart, element
from surveyapp.reports.reading import page_words

PACK = packs.find("scorecard")


def drawn(*parts: str) -> bytes:
    """A page with one chart."""
    picture = chart("A chart", 300, 60, *parts)
    return pdf.write(
        f'<html lang="en"><head><title>x</title></head><body>{picture}</body></html>', PACK
    )


def shown(content: bytes) -> list[bytes]:
    """The strings of glyphs a page shows, in order."""
    [page] = pdf_streams(content)
    return re.findall(rb"\[[^\]]*\] TJ", page)


def pdf_streams(content: bytes) -> list[bytes]:
    """The drawing of each page, without the forms it uses."""
    found = [page.get_contents() for page in PdfReader(BytesIO(content)).pages]
    return [each.get_data() for each in found if each is not None]


@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
def test_a_line_of_a_chart_is_one_string_of_its_page(anchor: lettering.Anchor) -> None:
    content = drawn(lettering.line("Trusted Advisor", 150, 30, 12, anchor=anchor))
    assert page_words(content)[0][:2] == ["Trusted", "Advisor"]
    assert len(shown(content)) == len(shown(drawn())) + 1


def test_words_stand_before_about_or_behind_their_place() -> None:
    starts = {}
    for anchor in ("start", "middle", "end"):
        content = drawn(lettering.line("Competency", 150, 30, 12, anchor=anchor))
        [page] = pdf_streams(content)
        before, _, _ = page.partition(b" TJ")
        starts[anchor] = float(re.findall(rb"([-\d.]+) [-\d.]+ Tm", before)[-1])
    width = lettering.text_width("Competency", 12)
    assert starts["start"] == pytest.approx(150)
    assert starts["middle"] == pytest.approx(150 - width / 2, abs=0.5)
    assert starts["end"] == pytest.approx(150 - width, abs=0.5)


def test_letters_that_are_turned_or_moved_stay_with_weasyprint() -> None:
    turned = element("text", "Turned", x=1, y=2, rotate="10 20")
    parts = str(element("text", "A", element("tspan", "b"), x=1, y=2))
    assert chart_words.straight(f"{turned}{parts}") == f"{turned}{parts}"
    assert page_words(drawn(turned))[0][0] == "Turned"


def test_a_line_without_words_draws_nothing() -> None:
    assert shown(drawn(lettering.line("", 10, 10, 12))) == shown(drawn())
