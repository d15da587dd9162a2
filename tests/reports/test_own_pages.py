"""Pages of bundled packs take a short way to paper; it must lead to the same place."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from defusedxml import ElementTree

from surveyapp.reports import html, packs, pdf
from surveyapp.reports.filling import context_of
from surveyapp.reports.packs import Pack
from surveyapp.reports.reading import page_words
from tests.reports.contexts import make_scorecard


@dataclass(frozen=True)
class Foreign:
    """The look of a pack, drawn as somebody's own would be."""

    name: str
    folder: Path
    stylesheets: list[Path]
    is_bundled: bool = False


def sample_page(pack: Pack) -> str:
    return html.render(
        pack, context_of(pack, (pack.folder / "sample.json").read_text("utf-8")), sheet="a4"
    )


@pytest.mark.parametrize("pack", packs.bundled(), ids=lambda pack: pack.name)
def test_well_formed_pages_are_drawn_as_any_html_is_to_the_last_byte(pack: Pack) -> None:
    # charts reach the two ways differently: as pictures, and as a part of the page
    page = re.sub(r"<svg .*?</svg>", "", sample_page(pack), flags=re.DOTALL)
    ElementTree.fromstring(page)
    foreign = Foreign(pack.name, pack.folder, pack.stylesheets)
    assert pdf.write(page, pack) == pdf.write(page, foreign)


def test_a_name_that_xml_forbids_is_drawn_all_the_same() -> None:
    pack = packs.find("scorecard")
    named, plain = (
        pdf.write(html.render(pack, replace(make_scorecard(), supplier=name)), pack)
        for name in ("Kestrin\x0bLogistics", "Kestrin Logistics")
    )
    assert len(page_words(named)) == len(page_words(plain))
