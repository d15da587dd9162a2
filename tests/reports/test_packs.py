import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdf
import pytest

from surveyapp.errors import Invalid, NotFound
from surveyapp.reports import html, packs, pdf
from surveyapp.reports.context import CoverageRow
from surveyapp.reports.packs import Pack, ReportContext
from tests.reports.contexts import (
    METHOD,
    make_climate,
    make_lone_answer,
    make_portfolio,
    make_scorecard,
    make_silent,
)

LONG = (
    "The Worshipful Company of Extraordinarily Long-Named Manufacturers (Holdings) GmbH & Co. KGaA"
)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when WeasyPrint has anything to say."""
    caplog.set_level(logging.INFO, "weasyprint")
    yield
    told = [r.getMessage() for r in caplog.records if r.name.startswith("weasyprint")]
    assert [line for line in told if not line.startswith("Step ")] == []


def written(pack: Pack, context: ReportContext) -> bytes:
    return pdf.write(html.render(pack, context), pack)


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", ["scorecard", "portfolio"])
def test_every_pack_renders_its_sample_as_tagged_pdf(name: str) -> None:
    pack = packs.find(name)
    sample = pack.sample()
    content = written(pack, sample)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.MarkInfo.Marked
        assert document.Root.Lang == "en-GB"
        assert str(document.docinfo["/Title"]).startswith(pack.report.title)
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert "pdfuaid" in str(document.Root.Metadata.read_bytes())
        fonts = {
            str(font.BaseFont) for page in document.pages for font in page.Resources.Font.values()
        }
    assert all("SourceSansPro" in font.replace("-", "") for font in fonts), fonts
    assert len(content) < 150_000


def test_bundled_packs_are_the_two_reports() -> None:
    assert [pack.name for pack in packs.bundled()] == ["portfolio", "scorecard"]


@pytest.mark.parametrize("name", ["scorecard", "portfolio"])
def test_the_same_context_gives_the_same_bytes(name: str) -> None:
    pack = packs.find(name)
    assert written(pack, pack.sample()) == written(pack, pack.sample())


@pytest.mark.parametrize("name", ["scorecard", "portfolio"])
def test_html_has_a_title_in_every_drawing_and_no_inline_style(name: str) -> None:
    pack = packs.find(name)
    page = html.render(pack, pack.sample())
    assert len(re.findall(r"<svg ", page)) > 10
    assert len(re.findall(r"<svg [^>]*><title>[^<]", page)) == len(re.findall(r"<svg ", page))
    assert "style=" not in page
    assert "<style" not in page


@pytest.mark.usefixtures("quiet")
def test_the_first_page_says_it_and_the_second_says_where_it_comes_from() -> None:
    first, second = pages_of(written(packs.find("scorecard"), make_scorecard()))
    assert "We cannot tell yet whether Aldermere Foods is at risk" in first.replace("\n", " ")
    assert "We are 90% sure it lies between" in first.replace("\n", " ")
    assert "Assumed, not estimated" in first
    assert "Page 1 of 2" in first
    assert "Sample data" in first
    assert "fingerprint 3f9a 51c0" in first
    assert "What these numbers cannot tell" in second
    assert "3f9a 51c0 b7e4" in second
    assert "Page 2 of 2" in second


def test_every_drawing_has_an_alternative_text() -> None:
    content = written(packs.find("scorecard"), make_scorecard())
    with pikepdf.open(io.BytesIO(content)) as document:
        figures = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]
        assert len(figures) > 10
        assert all(str(figure.get("/Alt", "")) for figure in figures)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("context", "pages"),
    [
        (make_lone_answer(), 2),
        (make_silent(), 2),
        (make_silent(standing="suppressed", method=replace(METHOD, minimum_answers=3)), 2),
        (make_scorecard(33, 4), 2),
        (make_scorecard(80, 2), 2),
        (make_scorecard(buyer=LONG, supplier=LONG, narrowed_by=("Line X", "EMEA")), 2),
        (make_scorecard(climate=(), coverage=(), data_note=None), 2),
        (make_scorecard(closed_on=None, opened_on=None, notes=("A note.",) * 4), 2),
        (make_scorecard(coverage=make_scorecard().coverage * 6), 3),
        (make_scorecard(climate=make_climate((45.0,) * 6, 5.0) * 4), 3),
    ],
)
def test_odd_data_keep_the_page_in_order(context: ReportContext, pages: int) -> None:
    texts = pages_of(written(packs.find("scorecard"), context))
    assert len(texts) == pages
    assert "Sales-equity score" in texts[0]
    assert "Who has spoken" in texts[0]
    assert "Versions and fingerprint" in texts[-1]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "context",
    [
        make_portfolio(),
        make_portfolio(3, silent=1),
        make_portfolio(60, silent=0, spread=15, error=3.5),
        replace(
            make_portfolio(20),
            relationships=tuple(
                replace(row, name=f"{LONG} {index}")
                for index, row in enumerate(make_portfolio(20).relationships)
            ),
            notes=("A note that says something about these data.",) * 5,
        ),
    ],
)
def test_the_portfolio_keeps_its_first_page(context: ReportContext) -> None:
    texts = pages_of(written(packs.find("portfolio"), context))
    assert "Level mix" in texts[0]
    assert "Who has not spoken" in texts[0]
    assert "Every relationship, coldest first" in texts[1]
    assert "Versions and fingerprint" in texts[-1]


@pytest.mark.usefixtures("quiet")
def test_a_silent_portfolio_says_so() -> None:
    texts = pages_of(written(packs.find("portfolio"), make_portfolio(4, silent=4)))
    assert "No answers to show yet from 4 customers." in texts[0]
    assert "No answers yet: 4" in texts[1]


LONG_NOTE = "Real answers of the survey of 2001, asked by telephone; customers' names are numbers"


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("note", ["Sample data", LONG_NOTE, LONG_NOTE.ljust(120, ".")])
@pytest.mark.parametrize("name", ["scorecard", "portfolio"])
def test_the_data_note_and_the_dates_never_break_in_two(name: str, note: str) -> None:
    pack = packs.find(name)
    first, *_, last = pages_of(written(pack, replace(pack.sample(), data_note=note)))
    assert all(any(note in line for line in text.splitlines()[:2]) for text in (first, last))
    assert "made 6 November 2026" in first


def test_deciders_have_a_column_only_where_some_were_asked() -> None:
    pack = packs.find("scorecard")
    assert ">Deciders<" in html.render(pack, make_scorecard())
    asked = (CoverageRow(function="User", invited=2, answered=1),)
    assert ">Deciders<" not in html.render(pack, make_scorecard(coverage=asked))


@pytest.mark.usefixtures("quiet")
def test_answers_that_cannot_be_scored_are_told_as_such() -> None:
    coverage = (CoverageRow(function="User", invited=1, answered=1),)
    card = make_silent(standing="unscored", coverage=coverage)
    first = pages_of(written(packs.find("scorecard"), card))[0].replace("\n", " ")
    assert "answered, but nothing that can be scored" in first
    assert "Nobody" not in first
    portfolio = make_portfolio(4, silent=4)
    rows = tuple(replace(row, standing="unscored", answered=1) for row in portfolio.relationships)
    texts = pages_of(written(packs.find("portfolio"), replace(portfolio, relationships=rows)))
    assert "4 customers: " in texts[0]
    assert "obody answered" not in texts[0]
    assert texts[1].count("no answers that can be scored") == 4


def test_names_are_escaped() -> None:
    page = html.render(packs.find("scorecard"), make_scorecard(buyer="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_suppressed_numbers_are_nowhere_on_the_page() -> None:
    rows = tuple(replace(row, standing="suppressed") for row in make_silent().climate)
    method = replace(METHOD, minimum_answers=3)
    card = make_silent(standing="suppressed", climate=rows, method=method)
    first = pages_of(written(packs.find("scorecard"), card))[0]
    assert first.count("not shown: fewer than 3 answers") >= 6
    assert "in 100" not in first


def test_names_without_a_glyph_are_logged_and_break_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "weasyprint")
    texts = pages_of(written(packs.find("scorecard"), make_scorecard(buyer="\U0001fbfe Ltd")))
    assert len(texts) == 2
    assert any("1FBFE" in record.getMessage() for record in caplog.records)


def test_a_pack_refuses_the_other_kind_of_context() -> None:
    with pytest.raises(Invalid, match="renders a portfolio, not a ScorecardContext"):
        html.render(packs.find("portfolio"), make_scorecard())


def test_a_pack_refuses_a_language_it_is_not_written_in() -> None:
    with pytest.raises(Invalid, match="written in en, de, not in 'fr'"):
        html.render(packs.find("scorecard"), make_scorecard(locale="fr_FR"))


def test_an_unknown_pack_names_those_there_are() -> None:
    with pytest.raises(NotFound, match="There are: portfolio, scorecard"):
        packs.find("dashboard")


def make_pack(folder: Path, template: str, report: str = "") -> Pack:
    pack = folder / "own"
    pack.mkdir()
    settings = report or "title: Own\ncontext: scorecard\nlocales: [en]\n"
    (pack / "report.yaml").write_text(settings)
    (pack / "template.html").write_text(template)
    (pack / "style.css").write_text("@page { size: A5 }")
    return packs.find("own", [folder])


def test_an_operators_pack_is_found_first_and_may_show_its_logo(tmp_path: Path) -> None:
    pack = make_pack(
        tmp_path, '<html lang="en"><title>Own</title><img alt="Logo" src="pack:logo.svg"></html>'
    )
    (pack.folder / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
    )
    assert written(pack, make_scorecard()).startswith(b"%PDF")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/logo.svg",
        "pack:../secret.svg",
        "pack:%2e%2e/secret.svg",
        "pack:/etc/passwd",
        "pack:missing.svg",
        "font:../__init__.py",
    ],
)
def test_a_pack_reads_nothing_outside_itself(tmp_path: Path, address: str) -> None:
    (tmp_path / "secret.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    template = f'<html lang="en"><title>Own</title><img alt="x" src="{address}"></html>'
    pack = make_pack(tmp_path, template)
    with pytest.raises(Invalid, match="cannot be rendered"):
        written(pack, make_scorecard())


def test_a_pack_does_not_follow_a_link_out_of_its_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    pack = make_pack(
        tmp_path, '<html lang="en"><title>Own</title><img alt="x" src="pack:logo.svg"></html>'
    )
    (pack.folder / "logo.svg").symlink_to(secret)
    with pytest.raises(Invalid, match="leads out of the pack"):
        written(pack, make_scorecard())


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ("title: Own\ncontext: dashboard\nlocales: [en]\n", "report.yaml:context"),
        ("title: Own\ncontext: scorecard\nlocales: [no]\n", "report.yaml:locales.0"),
        ("title: Own\ncontext: scorecard\nlocales: [en]\nsize: A4\n", "report.yaml:size"),
        ("title: [Own\n", "report.yaml:2:1"),
    ],
)
def test_a_wrong_report_yaml_is_named_with_its_place(
    tmp_path: Path, report: str, problem: str
) -> None:
    with pytest.raises(Invalid) as caught:
        make_pack(tmp_path, "", report)
    assert any(found.place.endswith(problem) for found in caught.value.problems)


def test_the_hash_of_a_pack_changes_with_its_look_and_not_with_its_sample(tmp_path: Path) -> None:
    pack = make_pack(tmp_path, "<p></p>")
    before = pack.sha256
    (pack.folder / "sample.json").write_text("{}")
    assert pack.sha256 == before
    (pack.folder / "style.css").write_text("@page { size: A4 }")
    assert pack.sha256 != before
