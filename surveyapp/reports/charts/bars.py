"""A plain bar in a table cell, for money."""

from markupsafe import Markup

from surveyapp.reports.charts import palette
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import chart, element


def share_bar(share: float, canvas: Canvas, *, title: str, colour: str = "act") -> Markup:
    """A bar as long as this share of the largest value, in the colour of action unless told."""
    height = canvas.text * 0.9
    width = max(share * canvas.width, 1.0)
    bar = element("rect", x=0, y=0, width=width, height=height, **palette.fill(colour))
    return chart(title, canvas.width, height, bar, variant=canvas.variant)
