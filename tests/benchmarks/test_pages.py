"""The pages that programs renew have the places they renew."""

from pathlib import Path

import pytest

from benchmarks import bench, growth_page

DOCS = Path(__file__).parents[2] / "docs"
RENEWED = {
    bench.PAGE: (bench.BEGIN, bench.END),
    DOCS / "performance" / growth_page.PAGE: (growth_page.BEGIN, growth_page.END),
}


@pytest.mark.parametrize("page", RENEWED, ids=lambda page: page.name)
def test_a_page_has_one_place_for_its_table(page: Path) -> None:
    begin, end = RENEWED[page]
    text = page.read_text(encoding="utf-8")
    assert text.count(begin) == text.count(end) == 1
    assert text.index(begin) < text.index(end)


def test_every_investigation_is_in_the_index() -> None:
    index = bench.PAGE.read_text(encoding="utf-8")
    absent = [
        page.name for page in sorted((DOCS / "performance").glob("*.md")) if page.name not in index
    ]
    assert not absent
