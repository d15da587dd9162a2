"""Every relationship of a portfolio as a thin bar under the curve, warmest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.curve import bell, cut_lines, level_names
from surveyapp.reports.charts.lettering import SEMIBOLD
from surveyapp.reports.charts.scales import TICKS, Canvas, Scale
from surveyapp.reports.charts.svg import chart, element, number
from surveyapp.reports.context import Levels, Score

_CURVE_ASPECT: Final = 0.15
_WIDEST_PITCH: Final = 11.5
_GUTTER: Final = 0.30
"""At most this share of the width is kept for names, when they crowd."""
_SHORTEST: Final = 12.0
"""But always room for this many sizes of text."""
_DENSE: Final = 3.0
"""Below this distance bars touch and turn pale: viewers draw a thin bar a whole pixel high, so gaps
would show as stripes and dark bars fill the page. The eye follows the line of dots."""
_OVERLAP: Final = 1.25
"""Bars that touch are drawn so many times as high as their distance, against seams."""
_FAR: Final = 2.0
"""Names further than this many lines from their rows stand in a column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One relationship: bold at risk; named when it is also high on the list of those."""

    name: str
    seq: Score
    is_at_risk: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class _Row:
    bar: Bar
    y: float


@dataclass(frozen=True, slots=True)
class _Name:
    row: _Row
    text: str
    x: float
    y: float
    is_in_column: bool = False


def portfolio_curve(
    levels: Levels,
    bars: Sequence[Bar],
    canvas: Canvas,
    *,
    rows_height: float,
    title: str,
    percent: Callable[[float], str],
    more: Callable[[int], str],
) -> Markup:
    """Draw the curve, the bars and as many at-risk names as fit; ``more(n)`` says how many do not.

    Parameters
    ----------
    bars
        Warmest first. Up to 40 keep a comfortable distance; 300 become a texture in which the
        shape of the portfolio and the bold bars at risk stay visible.
    rows_height
        Room for all bars, in pixels.

    """
    top = canvas.text + 2 * canvas.leading
    base = top + canvas.width * _CURVE_ASPECT
    first = base + canvas.text * 1.2
    pitch = min(rows_height / max(len(bars), 1), _WIDEST_PITCH)
    rows = [_Row(bar, first + (index + 0.5) * pitch) for index, bar in enumerate(bars)]
    foot = first + max(len(bars) * pitch, canvas.text * 1.5) + canvas.text * 0.4
    scale, names = _place_names(rows, canvas, first)
    numbers = foot + canvas.text * 1.3
    is_dense = pitch < _DENSE
    leaders = "rule" if is_dense else "act"
    parts = [
        bell(levels, scale, top, base),
        *(_leader(name, scale, canvas, leaders) for name in names),
        *(_bar(row, scale, pitch) for row in sorted(rows, key=lambda row: row.bar.is_at_risk)),
        cut_lines(levels, scale, canvas, foot),
        level_names(levels, scale, canvas, canvas.text, percent),
        *(_name(name, canvas) for name in names),
        _omitted(rows, names, canvas, first, more),
        marks.rule((scale.left, foot), (scale.right, foot), "rule", 1.0),
        marks.axis_numbers(scale, numbers, canvas.text, TICKS),
    ]
    return chart(title, canvas.width, numbers + canvas.text * 0.4, *parts, variant=canvas.variant)


def _bar(row: _Row, scale: Scale, pitch: float) -> Markup:
    """A thin bar; bold and in the colour of action when at risk."""
    seq = row.bar.seq
    if row.bar.is_at_risk:
        thickness, radius = max(pitch * 0.22, 1.0), max(pitch * 0.37, 1.5)
        colour = dot = "act"
    else:
        thickness, radius = max(pitch * 0.12, 0.35), max(pitch * 0.28, 0.9)
        colour = dot = "soft"
    if pitch < _DENSE:
        thickness = pitch * _OVERLAP
        colour, dot = ("tint-1", "act") if row.bar.is_at_risk else ("rule", "ink")
    return marks.estimate(
        scale,
        seq.low,
        seq.value,
        seq.high,
        row.y,
        thickness=thickness,
        radius=radius,
        colour=colour,
        head=max(pitch * 0.5, 2.0),
        dot=dot,
    )


def _place_names(rows: Sequence[_Row], canvas: Canvas, first: float) -> tuple[Scale, list[_Name]]:
    """Names right of their bars; the axis gives way to them only where they do not fit."""
    scale = Scale(0, canvas.width)
    names = _named(rows, canvas, scale, first)
    named = [row for row in rows if row.bar.is_named]
    if len(names) == len(named):
        return scale, names
    widest = max(lettering.text_width(_text(row, canvas), canvas.text, SEMIBOLD) for row in named)
    scale = Scale(0, canvas.width - widest - canvas.text * 2)
    return scale, _named(rows, canvas, scale, first)


def _text(row: _Row, canvas: Canvas) -> str:
    room = max(canvas.width * _GUTTER, canvas.text * _SHORTEST) - canvas.text * 2
    return lettering.shortened(row.bar.name, canvas.text, room, SEMIBOLD)


def _named(rows: Sequence[_Row], canvas: Canvas, scale: Scale, first: float) -> list[_Name]:
    """Place the names, coldest first and upwards, clear of every bar they pass.

    Names that stand far from their rows form one column, so that their lines do not cross bars.
    """
    line = canvas.text * 1.15
    ceiling = rows[-1].y + line if rows else 0.0
    placed = []
    for row in reversed(rows):
        if not row.bar.is_named:
            continue
        y = min(row.y, ceiling - line)
        beside = [other for other in rows if abs(other.y - y) < line * 0.6]
        edge = max(scale.clamped(other.bar.seq.high) for other in [row, *beside])
        x = edge + canvas.text * 1.4
        text = _text(row, canvas)
        end = x + lettering.text_width(text, canvas.text, SEMIBOLD)
        if y < first + line / 2 or end > canvas.width:
            break
        placed.append(_Name(row, text, x, y))
        ceiling = y
    if any(name.row.y - name.y > _FAR * line for name in placed):
        return _in_column(placed, canvas)
    return placed


def _in_column(names: Sequence[_Name], canvas: Canvas) -> list[_Name]:
    """Align names at the rightmost start, or leave out the highest where that does not fit."""
    for count in range(len(names), 0, -1):
        x = max(name.x for name in names[:count]) + canvas.text
        widths = [lettering.text_width(name.text, canvas.text, SEMIBOLD) for name in names[:count]]
        if x + max(widths) <= canvas.width:
            return [replace(name, x=x, is_in_column=True) for name in names[:count]]
    return []


def _leader(name: _Name, scale: Scale, canvas: Canvas, colour: str) -> Markup:
    """A thin line from a bar to its name; to a column it first runs along its own row."""
    end = scale.clamped(name.row.bar.seq.high) + 2
    start = name.x - canvas.text * 0.4
    points = [(end, name.row.y), (start, name.y)]
    if name.is_in_column:
        points.insert(1, (max(end, start - canvas.text * 1.4), name.row.y))
    written = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return element("polyline", points=written, **palette.stroke(colour, 0.6))


def _name(name: _Name, canvas: Canvas) -> Markup:
    """A name on paper of its own."""
    return lettering.line(
        name.text,
        name.x,
        name.y + canvas.text * 0.34,
        canvas.text,
        colour="act",
        weight=SEMIBOLD,
        is_knocked_out=True,
    )


def _omitted(
    rows: Sequence[_Row],
    names: Sequence[_Name],
    canvas: Canvas,
    first: float,
    more: Callable[[int], str],
) -> Markup:
    """Say over the highest name how many names at risk did not fit."""
    count = sum(row.bar.is_at_risk for row in rows) - len(names)
    if count == 0:
        return Markup("")
    y = (names[-1].y if names else rows[-1].y) - canvas.text * 1.15
    return lettering.line(
        more(count),
        canvas.width,
        max(y, first) + canvas.text * 0.34,
        canvas.text,
        anchor="end",
        colour="act",
        is_knocked_out=True,
    )
