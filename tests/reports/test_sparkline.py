"""A fact's line: gaps, target, and the looks of what is late and of what is stale."""

import re

import pytest

from surveyapp.reports.charts.sparkline import sparkline


def lines(svg: str) -> list[str]:
    return re.findall(r"<line [^>]*>", svg)


def test_a_gap_in_the_series_stays_a_gap_and_the_newest_value_has_the_dot() -> None:
    svg = sparkline((0.1, 0.2, None, 0.3), None, state="current", title="On time: 30%")
    assert svg.index("<title>On time: 30%</title>") < svg.index("<line")
    assert len(lines(svg)) == 1, "only the first two values are neighbours"
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    assert [float(radius) for *_place, radius in dots] == [1.4, 1.4, 3.2]
    across = [float(x) for x, *_rest in dots]
    assert across == sorted(across)
    heights = [float(y) for _x, y, _radius in dots]
    assert heights == sorted(heights, reverse=True), "higher values stand higher"


def test_the_target_is_a_dashed_line_at_its_height() -> None:
    svg = sparkline((1.0, 3.0), 2.0, state="late", title="t")
    [target] = [line for line in lines(svg) if 'stroke-dasharray="3 2"' in line]
    assert 'y1="14" ' in target
    assert svg.count("#A13A14") == 3, "act colour: the line and its two dots"


def test_what_is_stale_is_dotted_and_ends_in_an_open_ring() -> None:
    svg = sparkline((1.0, 3.0), None, state="stale", title="t")
    assert 'stroke-dasharray="1 3"' in svg
    assert 'r="3.2" fill="#FFFFFF"' in svg


@pytest.mark.parametrize("series", [(None,) * 8, (2.0,) * 8, (5.0,), ()])
@pytest.mark.parametrize("target", [None, 2.0])
def test_nothing_equal_values_and_one_value_are_drawn_inside_the_frame(
    series: tuple[float | None, ...], target: float | None
) -> None:
    svg = sparkline(series, target, state="current", title="t", width=100, height=20)
    places = [float(y) for y in re.findall(r'(?:cy|y1|y2)="([-\d.]+)"', svg)]
    assert all(0 <= place <= 20 for place in places)
    assert "nan" not in svg
