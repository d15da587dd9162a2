"""Rows of dot and bar: one estimate each, with the mean of the reference as a tick."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks
from surveyapp.reports.charts.scales import TICKS, Canvas, Scale
from surveyapp.reports.charts.svg import chart
from surveyapp.reports.context import Change, Interval, Score

_THICKNESS: Final = 2.6
_RADIUS: Final = 4.4
_SMALL: Final = 1.5
_SMALL_RADIUS: Final = 3.4
_INSET: Final = 0.5


def dot_row(
    score: Score | Interval | None,
    reference: float,
    canvas: Canvas,
    *,
    height: float,
    title: str,
    why: str,
    own: Score | None = None,
    change: Change | None = None,
    is_small: bool = False,
) -> Markup:
    """One row of a table: the bar, or a dotted line and the reason why there is none.

    The supplier's own view stands below the buyer's; a change larger than chance is an arrow above.
    """
    scale = _scale(canvas)
    moved = change if change is not None and change.is_beyond_chance else None
    middle = height * (0.36 if own else 0.66 if moved else 0.5)
    parts = [_grid(scale, height)]
    if score is None:
        parts.append(_nothing(why, scale, middle if own else height / 2, canvas))
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
                thickness=_SMALL if is_small else _THICKNESS,
                radius=_SMALL_RADIUS if is_small else _RADIUS,
            )
        )
        if moved:
            parts.append(marks.arrow(scale, moved.before, score.value, height * 0.22))
    if own:
        parts.append(marks.diamond(scale, own.low, own.value, own.high, height * 0.74))
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def _nothing(why: str, scale: Scale, y: float, canvas: Canvas) -> Markup:
    return marks.dotted((scale.left, y), (scale.right, y)) + lettering.line(
        why,
        canvas.width / 2,
        y + canvas.text * 0.34,
        canvas.text,
        anchor="middle",
        colour="muted",
        is_knocked_out=True,
    )


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
