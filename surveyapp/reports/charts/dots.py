"""Rows of dot and bar: one estimate each, with the mean of the reference as a tick."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks
from surveyapp.reports.charts.scales import TICKS, Canvas, Scale
from surveyapp.reports.charts.svg import chart
from surveyapp.reports.context import Score

_THICKNESS: Final = 2.6
_RADIUS: Final = 4.4
_INSET: Final = 0.5


def dot_row(
    score: Score | None, reference: float, canvas: Canvas, *, height: float, title: str, why: str
) -> Markup:
    """One row of a table: the bar, or a dotted line and the reason why there is none."""
    scale = _scale(canvas)
    middle = height / 2
    parts = [_grid(scale, height)]
    if score is None:
        parts += [
            marks.dotted((scale.left, middle), (scale.right, middle)),
            lettering.line(
                why,
                canvas.width / 2,
                middle + canvas.text * 0.34,
                canvas.text,
                anchor="middle",
                colour="muted",
                is_knocked_out=True,
            ),
        ]
    else:
        if scale.has(reference):
            x = scale(reference)
            parts.append(marks.rule((x, height * 0.14), (x, height * 0.86), "field", 1.6))
        parts.append(
            marks.estimate(
                scale,
                score.low,
                score.value,
                score.high,
                middle,
                thickness=_THICKNESS,
                radius=_RADIUS,
            )
        )
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def dot_axis(canvas: Canvas, *, title: str) -> Markup:
    """The numbers below the rows, on the same scale."""
    scale = _scale(canvas)
    size = canvas.text
    numbers = marks.axis_numbers(scale, size * 1.1, size)
    return chart(title, canvas.width, size * 1.5, numbers, variant=canvas.variant)


def _scale(canvas: Canvas) -> Scale:
    return Scale(_INSET, canvas.width - _INSET)


def _grid(scale: Scale, height: float) -> Markup:
    return Markup("").join(
        marks.rule((scale(tick), 0), (scale(tick), height), "grid", 1.0) for tick in TICKS
    )
