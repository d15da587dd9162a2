"""Rows of differences: the supplier's view minus the buyer's, with its bar, about 0."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart
from surveyapp.reports.context import Interval

WIDEST: Final = 25.0
"""The axis goes so far to both sides, in T."""
_INSET: Final = 0.5


def gap_row(gap: Interval | None, canvas: Canvas, *, height: float, title: str) -> Markup:
    """Filled where the whole bar lies on one side of 0, else an open ring on a thin bar."""
    scale, middle = _scale(canvas), height / 2
    parts = [
        marks.rule((scale(tick), 0), (scale(tick), height), "grid", 1.0)
        for tick in (-WIDEST, WIDEST)
    ]
    parts.append(marks.rule((scale(0), 0), (scale(0), height), "ink", 1.2))
    if gap is None:
        parts.append(marks.dotted((scale.left, middle), (scale.right, middle)))
    elif gap.is_off(0.0):
        parts.append(
            marks.estimate(scale, gap.low, gap.value, gap.high, middle, thickness=2.6, radius=4.4)
        )
    else:
        parts.append(marks.uncertain(scale, gap.low, gap.value, gap.high, middle))
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def gap_axis(canvas: Canvas, *, title: str) -> Markup:
    """The numbers below the rows; the ends are named inside the drawing."""
    scale, size = _scale(canvas), canvas.text
    y = size * 1.1
    ends = f"{WIDEST:.0f}"
    return chart(
        title,
        canvas.width,
        size * 1.5,
        lettering.line(f"\u2212{ends}", 0, y, size, colour="muted"),
        lettering.line("0", scale(0), y, size, anchor="middle", colour="muted"),
        lettering.line(f"+{ends}", canvas.width, y, size, anchor="end", colour="muted"),
        variant=canvas.variant,
    )


def _scale(canvas: Canvas) -> Scale:
    return Scale(_INSET, canvas.width - _INSET, -WIDEST, WIDEST)
