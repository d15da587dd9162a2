"""The bars of a whole and the curve of answers."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.reports.charts import answers
from surveyapp.reports.charts.answers import Fan, Tick
from surveyapp.reports.charts.scales import Canvas, phone, screen

CANVAS = Canvas(200.0, 13.0)
POINTS = ((0.0, 0.0), (1.0, 20.0), (2.0, 35.0))
FAN = Fan(60, 50, 75, ((3.0, 45.0), (5.0, 60.0)), "60 (50 to 75)")
ENDS = (Tick(0.0, "5 Oct", is_marked=False), Tick(5.0, "9 Oct", is_marked=False))


def widths(drawn: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect [^>]*?width="([\d.]+)"', drawn)]


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_filled_never_leaves_the_box(some: float, part_way: float) -> None:
    drawn = answers.whole_bar(some, CANVAS, title="x", colour="ink", part_way=part_way)
    *filled, box = widths(drawn)
    assert box == 199
    assert sum(filled) <= box + 0.1
    assert drawn.index("<title>") < drawn.index("<rect")


def test_nothing_is_drawn_of_nothing() -> None:
    assert widths(answers.whole_bar(0.0, CANVAS, title="0%", colour="ink")) == [199]


@pytest.mark.parametrize("canvas", [screen(545.0), phone()], ids=["screen", "phone"])
def test_the_curve_labels_its_marks_where_they_stand(canvas: Canvas) -> None:
    ticks = (ENDS[0], Tick(2.0, "first reminder"), ENDS[1])
    drawn = answers.curve(
        POINTS, canvas, days=5.0, title="Answers", now="35 on 6 October", ticks=ticks, fan=FAN
    )
    for label in ("35 on 6 October", "60 (50 to 75)", "5 Oct", "first reminder", "9 Oct"):
        assert f">{label}<" in drawn
    assert "style" not in drawn
    right = [float(x) for x in re.findall(r' x="([\d.]+)"', drawn)]
    assert max(right) < canvas.width


def test_labels_of_days_without_room_leave_their_tick() -> None:
    many = [Tick(2.0 + number / 10, f"reminder number {number}") for number in range(4)]
    drawn = answers.curve(
        POINTS, phone(), days=5.0, title="Answers", now="35", ticks=(ENDS[0], *many, ENDS[1])
    )
    named = [tick.label for tick in many if tick.label in drawn]
    assert 0 < len(named) < len(many)
    assert drawn.count("<line ") == 1 + len(many)
    assert "5 Oct" in drawn
    assert "9 Oct" in drawn


def test_a_fan_of_no_growth_is_drawn_flat() -> None:
    flat = replace(FAN, expected=35, low=35, high=35, path=((5.0, 35.0),))
    drawn = answers.curve(POINTS, phone(), days=5.0, title="x", now="35", ticks=ENDS, fan=flat)
    assert "nan" not in drawn
    assert "<polygon" in drawn


def test_one_day_is_enough_for_a_curve() -> None:
    drawn = answers.curve(
        ((0.0, 0.0), (1.0, 3.0)), phone(), days=1.0, title="x", now="3", ticks=ENDS[:1]
    )
    assert "<polyline" in drawn
