"""Rows of shares that sum to one, each with its bar, on an axis from none to the largest."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import marks
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart
from surveyapp.reports.context import Interval

_THICKNESS: Final = 2.6
_RADIUS: Final = 4.4
_INSET: Final = 0.5


def share_row(
    share: Interval, even: float, most: float, canvas: Canvas, *, height: float, title: str
) -> Markup:
    """One share with its bar; the tick is an equal share of all."""
    scale = Scale(_INSET, canvas.width - _INSET, 0.0, most)
    foot = marks.rule((scale(0.0), 0), (scale(0.0), height), "grid", 1.0)
    x = scale(even)
    tick = marks.rule((x, height * 0.14), (x, height * 0.86), "field", 1.6)
    bar = marks.estimate(
        scale,
        share.low,
        share.value,
        share.high,
        height / 2,
        thickness=_THICKNESS,
        radius=_RADIUS,
    )
    return chart(title, canvas.width, height, foot, tick, bar, variant=canvas.variant)
