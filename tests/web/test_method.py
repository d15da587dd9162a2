from pathlib import Path

from tests.conftest import Page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_method_page_explains_itself_to_whoever_asks(page: Page) -> None:
    found = page("/method")
    assert found.h1 == "How the numbers are made"
    for heading in ("The model", "Levels and calls", "What these numbers cannot tell"):
        assert heading in found.text


def test_the_method_page_prints_the_figures_of_the_documentation(page: Page) -> None:
    found = page("/method").text
    documented = (DOCS / "scoring.md").read_text(encoding="utf-8")
    three = next(line for line in documented.splitlines() if line.startswith("| 3 |"))
    plain, model, facts = (cell.split("/")[0].strip()[1:] for cell in three.split("|")[2:5])
    assert f"off by {model} spreads, and by {facts} where facts are known" in found
    assert f"against {plain} for a plain mean" in found
    over_all = next(line for line in documented.splitlines() if line.startswith("| all |"))
    wrong = [cell.split("/")[1].strip()[2:] for cell in over_all.split("|")[2:5]]
    expected = f"{wrong[1]} of 100 labels are wrong, {wrong[2]} with facts, against {wrong[0]}"
    assert expected in found
