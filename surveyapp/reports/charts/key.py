"""Samples of the marks, for the page that explains how to read them."""

from typing import Final, Literal

from markupsafe import Markup

from surveyapp.reports.charts import marks
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart

Mark = Literal[
    "estimate", "beyond", "outside", "norm", "nothing", "supplier", "change", "no change", "stale"
]

TITLES: Final = {
    "estimate": "A filled dot on a bar.",
    "beyond": "A bar that ends in an arrowhead.",
    "outside": "A bar that ends in two arrowheads.",
    "norm": "An upright tick.",
    "nothing": "A dotted line.",
    "supplier": "An open diamond on a thin bar.",
    "change": "An arrow from an open ring to a bar.",
    "no change": "An open grey ring on a thin bar.",
    "stale": "A dotted line that ends in an open ring.",
}


def sample_mark(mark: Mark, canvas: Canvas, title: str = "") -> Markup:
    """Draw one mark as the charts draw it; the title says what it looks like."""
    height = canvas.text * 1.3
    middle = height / 2
    scale = Scale(2, canvas.width - 2, 0, 1)
    drawn = {
        "estimate": lambda: marks.estimate(
            scale, 0.12, 0.5, 0.88, middle, thickness=2.6, radius=4.4
        ),
        "beyond": lambda: marks.estimate(scale, 0.12, 0.5, 1.4, middle, thickness=2.6, radius=4.4),
        "outside": lambda: marks.estimate(
            scale, -0.8, -0.2, 0.7, middle, thickness=2.6, radius=4.4
        ),
        "norm": lambda: marks.rule(
            (scale(0.5), height * 0.1), (scale(0.5), height * 0.9), "field", 1.6
        ),
        "nothing": lambda: marks.dotted((scale(0), middle), (scale(1), middle)),
        "supplier": lambda: marks.diamond(scale, 0.12, 0.5, 0.88, middle),
        "change": lambda: _change(scale, height),
        "no change": lambda: marks.uncertain(scale, 0.12, 0.5, 0.88, middle),
        "stale": lambda: (
            marks.dotted((scale(0.1), middle), (scale(0.85), middle))
            + marks.ring((scale(0.9), middle), 3.2)
        ),
    }[mark]()
    return chart(title or TITLES[mark], canvas.width, height, drawn, variant=canvas.variant)


def _change(scale: Scale, height: float) -> Markup:
    bar = marks.estimate(scale, 0.06, 0.34, 0.62, height * 0.72, thickness=2.6, radius=4.0)
    return bar + marks.arrow(scale, 0.9, 0.34, height * 0.22)
