"""How far people lie apart: a grey block for the usual spread, a line with caps for the one found."""

from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import marks, palette
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import chart, element
from surveyapp.reports.context import Agreement

_WIDEST: Final = 2.0
"""Spreads beyond so many times the usual one end at the edge."""
_CAP: Final = 4.0


def agreement_mark(agreement: Agreement, canvas: Canvas, *, height: float, title: str) -> Markup:
    """Both spreads about one middle, so that they can be compared at a glance."""
    middle, y = canvas.width / 2, height / 2
    unit = (middle - 1) / _WIDEST
    found = min(agreement.spread / agreement.usual, _WIDEST) * unit
    block = element(
        "rect", x=middle - unit, y=y - 3.5, width=2 * unit, height=7, **palette.fill("rule")
    )
    width = 2.4 if agreement.is_split else 1.6
    line = [marks.rule((middle - found, y), (middle + found, y), "ink", width)]
    line += [
        marks.rule((x, y - _CAP), (x, y + _CAP), "ink", width)
        for x in (middle - found, middle + found)
    ]
    return chart(title, canvas.width, height, block, *line, variant=canvas.variant)
