"""The marks charts share: an estimate with its bar, the norm tick, the axis."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, palette
from surveyapp.reports.charts.scales import TICKS, Scale
from surveyapp.reports.charts.svg import element, number

Point = tuple[float, float]

_THINNEST: Final = 0.3


def rule(
    start: Point, end: Point, colour: str, width: float, *, dashes: str | None = None
) -> Markup:
    """A straight line."""
    return element(
        "line",
        x1=start[0],
        y1=start[1],
        x2=end[0],
        y2=end[1],
        stroke_dasharray=dashes,
        **palette.stroke(colour, width),
    )


def cut(x: float, top: float, foot: float) -> Markup:
    """The dashed line of a cut between levels."""
    return rule((x, top), (x, foot), "soft", 1.0, dashes="2.5 2")


def dotted(start: Point, end: Point) -> Markup:
    """A dotted line where a bar would be if there were a number to show."""
    return rule(start, end, "field", 1.2, dashes="1 3")


def estimate(
    scale: Scale,
    low: float,
    value: float,
    high: float,
    y: float,
    *,
    thickness: float,
    radius: float,
    colour: str = "ink",
    head: float | None = None,
    dot: str | None = None,
) -> Markup:
    """A filled dot on its bar, no caps.

    An end that leaves the axis is an arrowhead; two in a row where the value itself lies beyond.
    """
    left, right = scale.clamped(low), scale.clamped(high)
    head = head or max(2.2 * thickness, 4.0)
    parts = []
    if low < scale.low:
        parts += _arrowheads(left, y, head, colour, is_double=value < scale.low)
        left = min(left + head * 0.8, right)
    if high > scale.high:
        parts += _arrowheads(right, y, -head, colour, is_double=value > scale.high)
        right = max(right - head * 0.8, left)
    if right > left:
        parts.insert(0, _bar(left, right, y, thickness, colour))
    if scale.has(value):
        parts.append(
            element("circle", cx=scale(value), cy=y, r=radius, **palette.fill(dot or colour))
        )
    return Markup("").join(parts)


def _bar(left: float, right: float, y: float, thickness: float, colour: str) -> Markup:
    """A filled rectangle, because a stroke thinner than a pixel is drawn a whole pixel wide."""
    return element(
        "rect",
        x=left,
        y=y - thickness / 2,
        width=right - left,
        height=max(thickness, _THINNEST),
        **palette.fill(colour),
    )


def _arrowheads(x: float, y: float, length: float, colour: str, *, is_double: bool) -> list[Markup]:
    """One arrowhead at the end of the axis, or two: the estimate is further out still."""
    tips = [x, x + 1.2 * length] if is_double else [x]
    return [_arrowhead(tip, y, length, colour) for tip in tips]


def _arrowhead(x: float, y: float, length: float, colour: str) -> Markup:
    """A triangle with its tip at x; a positive length extends to the right of the tip."""
    half = abs(length) * 0.55
    corners = ((x, y), (x + length, y - half), (x + length, y + half))
    points = " ".join(f"{number(px)},{number(py)}" for px, py in corners)
    return element("polygon", points=points, **palette.fill(colour))


def axis_numbers(scale: Scale, y: float, size: float, ticks: Iterable[int] = TICKS) -> Markup:
    """The numbers below an axis."""
    return Markup("").join(
        lettering.line(str(tick), scale(tick), y, size, anchor="middle", colour="muted")
        for tick in ticks
    )


def ring(point: Point, radius: float, colour: str = "field", width: float = 1.5) -> Markup:
    """An open ring: a value of another time, or one that is not told from chance."""
    return element(
        "circle", cx=point[0], cy=point[1], r=radius, **palette.outlined("paper", colour, width)
    )


def uncertain(scale: Scale, low: float, value: float, high: float, y: float) -> Markup:
    """A field ring on a thin bar: a former value, or a difference we cannot tell from chance."""
    bar = rule((scale.clamped(low), y), (scale.clamped(high), y), "field", 1.5)
    return bar + (ring((scale(value), y), 3.6) if scale.has(value) else Markup(""))


def diamond(scale: Scale, low: float, value: float, high: float, y: float) -> Markup:
    """The supplier's view: an open diamond on a thin bar."""
    bar = rule((scale.clamped(low), y), (scale.clamped(high), y), "supplier", 1.6)
    if not scale.has(value):
        return bar
    x, half = scale(value), 4.4
    corners = ((x - half, y), (x, y - half), (x + half, y), (x, y + half))
    points = " ".join(f"{number(px)},{number(py)}" for px, py in corners)
    return bar + element("polygon", points=points, **palette.outlined("paper", "supplier", 1.5))


def arrow(
    scale: Scale,
    before: float,
    now: float,
    y: float,
    *,
    colour: str = "ink",
    radius: float = 3.0,
    clear: float = 0.0,
) -> Markup:
    """A change larger than chance: from an open ring, then, to now or as far as is kept clear of it.

    A former value beyond the axis has no ring: the arrow comes from the end of the axis.
    """
    start, end = scale.clamped(before), scale.clamped(now)
    side = 1.0 if end < start else -1.0
    end += side * min(clear, abs(start - end))
    length = side * radius * 5 / 3
    drawn = rule((start, y), (end + length * 0.8, y), colour, 0.4 * radius)
    drawn += _arrowhead(end, y, length, colour)
    return drawn + (ring((start, y), radius, colour, 1.4) if scale.has(before) else Markup(""))
