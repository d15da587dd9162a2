"""One square per person: filled when answered, open while silent."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import palette
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import chart, element

_SMALLEST: Final = 4.0
_MOST: Final = 60
_GAP: Final = 0.45
"""Between squares, as a share of their side."""


def squares(invited: int, answered: int, canvas: Canvas, *, title: str) -> Markup:
    """Squares in rows, smaller where many people were asked; none where they would be dust."""
    if invited > _MOST:
        return Markup("")
    side = canvas.text * 0.72
    per_row = _per_row(canvas.width, side)
    while invited > per_row * 2 and side > _SMALLEST:
        side = max(side * 0.85, _SMALLEST)
        per_row = _per_row(canvas.width, side)
    step = side * (1 + _GAP)
    rows = max((invited + per_row - 1) // per_row, 1)
    parts = [
        _square(
            (index % per_row) * step, (index // per_row) * step, side, is_filled=index < answered
        )
        for index in range(invited)
    ]
    height = rows * step - side * _GAP + 1
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def _per_row(width: float, side: float) -> int:
    return max(int((width + side * _GAP) / (side * (1 + _GAP))), 1)


def _square(x: float, y: float, side: float, *, is_filled: bool) -> Markup:
    look = palette.outlined("ink", "ink", 1.0) if is_filled else palette.stroke("field", 1.0)
    inner = side - 1
    return element("rect", x=x + 0.5, y=y + 0.5, width=inner, height=inner, **look)
