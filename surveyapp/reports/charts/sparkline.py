"""A fact's last eight quarters as a line: dashed target, end dot; act colour where it is missed."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from markupsafe import Markup

from surveyapp.reports.charts import marks, palette
from surveyapp.reports.charts.scales import Scale
from surveyapp.reports.charts.svg import chart, element

State = Literal["current", "late", "stale"]
_INSET: Final = 5.0
_LINE: Final = 1.6
_RADIUS: Final = 3.2
_SMALL: Final = 1.4
_COLOURS: Final[dict[State, str]] = {"current": "ink", "late": "act", "stale": "field"}


def sparkline(
    series: Sequence[float | None],
    target: float | None,
    *,
    state: State,
    title: str,
    width: float = 132.0,
    height: float = 28.0,
) -> Markup:
    """Draw values from the oldest to the newest; a gap stays a gap.

    A stale fact is dotted and ends in an open ring: it is not counted.
    """
    seen = [value for value in series if value is not None]
    scale = _heights([*seen, *([] if target is None else [target])], height)
    across = Scale(_INSET, width - _INSET, 0, max(len(series) - 1, 1))
    points = [
        None if value is None else (across(place), scale(value))
        for place, value in enumerate(series)
    ]
    parts: list[Markup] = []
    if target is not None:
        level = scale(target)
        parts.append(marks.rule((0, level), (width, level), "soft", 1.0, dashes="3 2"))
    colour = _COLOURS[state]
    dashes = "1 3" if state == "stale" else None
    for start, end in pairwise(points):
        if start and end:
            parts.append(marks.rule(start, end, colour, _LINE, dashes=dashes))
    drawn = [point for point in points if point]
    parts += [_dot(point, _SMALL, colour) for point in drawn[:-1]]
    if drawn:
        parts.append(
            _ring(drawn[-1], colour) if state == "stale" else _dot(drawn[-1], _RADIUS, colour)
        )
    return chart(title, width, height, *parts, variant="chart-spark")


def _heights(values: Sequence[float], height: float) -> Scale:
    """Fit the values; where they are all alike they stand in the middle."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high <= low:
        low, high = low - 1.0, high + 1.0
    return Scale(height - _INSET, _INSET, low, high)


def _dot(point: marks.Point, radius: float, colour: str) -> Markup:
    return element("circle", cx=point[0], cy=point[1], r=radius, **palette.fill(colour))


def _ring(point: marks.Point, colour: str) -> Markup:
    return element(
        "circle", cx=point[0], cy=point[1], r=_RADIUS, **palette.outlined("paper", colour, 1.4)
    )
