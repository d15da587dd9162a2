"""Perception beside facts: one relationship with both bars among the others of its programme."""

from collections.abc import Mapping
from typing import Final, Literal

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.lettering import SEMIBOLD
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart, element
from surveyapp.reports.context import Interval, Quadrant

Corner = Literal["top left", "top right", "bottom left", "bottom right"]
_TICKS: Final = (30, 50, 70)
_MEAN: Final = 50.0
_THICK: Final = 2.6
_ASPECT: Final = 0.78


def quadrant(
    found: Quadrant,
    perception: Interval,
    canvas: Canvas,
    *,
    corners: Mapping[Corner, str],
    across: str,
    up: str,
    title: str,
) -> Markup:
    """Facts to the right, perception upwards; each ring is another relationship.

    ``across`` and ``up`` name the axes; the cross carries both bars.
    """
    size = canvas.text
    left, top = size * 1.9, canvas.leading * 1.3
    height = canvas.width * _ASPECT
    foot = top + height
    x = Scale(left, canvas.width - 1)
    y = Scale(foot, top)
    parts = [
        lettering.line(up, 0, size, size, weight=SEMIBOLD, colour="soft"),
        element(
            "rect",
            x=left,
            y=top,
            width=canvas.width - 1 - left,
            height=height,
            **palette.stroke("rule", 1),
        ),
        marks.rule((x(_MEAN), top), (x(_MEAN), foot), "field", 1.2),
        marks.rule((left, y(_MEAN)), (x.right, y(_MEAN)), "field", 1.2),
    ]
    parts += [
        marks.ring((x(each.facts), y(each.perception)), 2.6, "field", 1.1)
        for each in found.others
        if x.has(each.facts) and y.has(each.perception)
    ]
    parts += [_corner(place, name, x, y, canvas) for place, name in corners.items()]
    parts += _cross(found.facts, perception, x, y)
    parts.append(marks.axis_numbers(x, foot + size * 1.2, size, _TICKS))
    parts += [
        lettering.line(
            str(tick), left - size * 0.4, y(tick) + size * 0.34, size, anchor="end", colour="muted"
        )
        for tick in _TICKS
    ]
    parts.append(
        lettering.line(
            across, x.right, foot + size * 2.5, size, anchor="end", weight=SEMIBOLD, colour="soft"
        )
    )
    return chart(title, canvas.width, foot + size * 3, *parts, variant=canvas.variant)


def _corner(place: Corner, name: str, x: Scale, y: Scale, canvas: Canvas) -> Markup:
    size = canvas.text
    is_top, is_left = place.startswith("top"), place.endswith("left")
    room = (x.right - x.left) / 2 - size
    fitting = min(size, room / max(lettering.text_width(name, 1.0, SEMIBOLD), 1.0))
    return lettering.line(
        name,
        x.left + size * 0.5 if is_left else x.right - size * 0.5,
        y.right + size * 1.3 if is_top else y.left - size * 0.6,
        fitting,
        anchor="start" if is_left else "end",
        weight=SEMIBOLD,
        is_knocked_out=True,
    )


def _cross(facts: Interval, perception: Interval, x: Scale, y: Scale) -> list[Markup]:
    at = (x.clamped(facts.value), y.clamped(perception.value))
    return [
        marks.rule((x.clamped(facts.low), at[1]), (x.clamped(facts.high), at[1]), "ink", _THICK),
        marks.rule(
            (at[0], y.clamped(perception.low)), (at[0], y.clamped(perception.high)), "ink", _THICK
        ),
        element("circle", cx=at[0], cy=at[1], r=5.2, **palette.outlined("ink", "paper", 1.0)),
    ]
