from pathlib import Path

import pypdf
import pytest

from tests.cli.conftest import Run


def test_packs_are_listed_with_their_languages(run: Run) -> None:
    lines = run("reports", "list").output.splitlines()
    assert "scorecard\tscorecard\ten de\tRelationship scorecard" in lines
    assert any(line.startswith("portfolio\tportfolio\ten de\t") for line in lines)


def test_a_sample_is_drawn_in_german_on_letter(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "card.pdf"
    options = ("--locale", "de", "--paper", "letter", "--output", str(target))
    told = run("reports", "render", "scorecard", "--sample", *options).output
    assert told.startswith(f"{target}: ")
    page = pypdf.PdfReader(target).pages[0]
    assert page.mediabox.width == pytest.approx(612, abs=1)
    assert page.mediabox.height == pytest.approx(792, abs=1)
    assert "Wie wahrscheinlich ist jede Stufe?" in page.extract_text()


def test_an_own_pack_is_drawn_from_its_folder(run: Run, tmp_path: Path) -> None:
    pack = tmp_path / "own"
    pack.mkdir()
    (pack / "report.yaml").write_text("title: Own\ncontext: scorecard\nlocales: [en]\n")
    (pack / "template.html").write_text(
        '<html lang="en"><title>{{ report.title }}</title><p>{{ context.buyer }}</p></html>'
    )
    (pack / "style.css").write_text("p { color: #123456 }")
    target = tmp_path / "own.pdf"
    run("reports", "render", str(pack), "--sample", "--output", str(target))
    assert "Aldermere Foods" in pypdf.PdfReader(target).pages[0].extract_text()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("scorecard",), 2, "Say --sample"),
        (("dashboard", "--sample"), 2, "There are: portfolio, scorecard"),
        (("scorecard", "--sample", "--locale", "xx_1"), 2, "is no language"),
        (("scorecard", "--sample", "--locale", "fr"), 2, "written in en, de, not in 'fr'"),
        ((".", "--sample"), 2, "holds no report.yaml"),
        (("scorecard", "--sample", "--output", "/nowhere/x.pdf"), 2, "cannot be written"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(
    run: Run, arguments: tuple[str, ...], exit_code: int, told: str
) -> None:
    assert told in run("reports", "render", *arguments, exit_code=exit_code).output
