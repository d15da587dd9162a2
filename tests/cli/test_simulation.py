"""The simulation's command, and that the method's documentation prints what it finds."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from surveyapp.cli import commands
from surveyapp.cli.simulation import draw, tables
from surveyapp.reports.charts.accuracy import accuracy
from surveyapp.reports.charts.scales import Canvas
from surveyapp.scoring.simulation import Simulation, simulate

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def documented() -> Simulation:
    return simulate(20_000, np.random.default_rng(1))


def test_the_documentation_prints_what_the_simulation_finds(documented: Simulation) -> None:
    printed = (DOCS / "scoring.md").read_text(encoding="utf-8")
    errors, _shares, calibration = tables(documented).split("\n\n")
    assert errors in printed
    assert calibration in printed


def test_the_documented_chart_is_the_one_drawn_now(documented: Simulation) -> None:
    assert (DOCS / "images" / "simulation.svg").read_text(encoding="utf-8") == draw(documented)


def test_the_method_reaches_its_figures(documented: Simulation) -> None:
    found = {(row.method, row.respondents): row for row in documented.table}
    assert found["model with facts", "3"].rmse <= 0.57
    assert found["model", "3"].rmse <= 0.66
    assert found["model with facts", "all"].wrong_level <= 0.35
    assert 0.88 <= round(found["model with facts", "all"].coverage, 2) <= 0.92
    assert np.abs(documented.shares[0] - documented.shares[1]).max() <= 0.06


def test_the_same_seed_prints_the_same_tables_and_draws_a_chart(tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    arguments = ["scores", "simulate", "--relationships", "200", "--seed", "5"]
    first = CliRunner().invoke(commands, [*arguments, "--chart", str(chart)])
    second = CliRunner().invoke(commands, arguments)
    assert first.exit_code == second.exit_code == 0
    assert first.output.startswith(second.output)
    assert len(ET.parse(chart).findall(".//{*}polyline")) == 3  # noqa: S314 our own file


def test_too_few_relationships_are_refused_in_words() -> None:
    result = CliRunner().invoke(commands, ["scores", "simulate", "--relationships", "99"])
    assert result.exit_code == 2
    assert "99 is not in the range x>=100" in result.output


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    drawn = accuracy(
        {"a": [1.0, 0.5], "b": [0.9, 0.5]}, [1, 2], canvas=Canvas(400, 13), title="Errors"
    )
    root = ET.fromstring(str(drawn))  # noqa: S314 our own chart
    heights = [float(t.get("y") or 0) for t in root.findall("{*}text") if t.text in {"a", "b"}]
    assert abs(heights[0] - heights[1]) >= 13


def test_a_chart_with_an_error_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="each with 2 errors"):
        accuracy({"a": [1.0]}, [1, 2], canvas=Canvas(400, 13), title="Errors")
