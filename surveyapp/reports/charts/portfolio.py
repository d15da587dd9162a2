"""Every relationship of a portfolio as a thin bar under the curve, warmest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.curve import bell, cut_lines, level_names
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
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
_CROWDED: Final = 4.5
"""Below this distance the rings and arrows of a change would cover other rows."""
_RING: Final = 2.8
_OVERLAP: Final = 1.25
"""Bars that touch are drawn so many times as high as their distance, against seams."""
_FAR: Final = 2.0
"""Names further than this many lines from their rows stand in a column."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One relationship: bold at risk; named when it is high on that list, or changed."""

    name: str
    seq: Score
    is_at_risk: bool
    is_named: bool
    before: float | None = None
    """Where it stood in the last wave, in T, when it moved by more than chance explains."""


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
    of_reference: str = "of reference",
) -> Markup:
    """Draw the curve, the bars and as many names as fit; ``more(n)`` says how many at risk do not.

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
    drawn = bars if pitch >= _CROWDED else [replace(bar, before=None) for bar in bars]
    rows = [_Row(bar, first + (index + 0.5) * pitch) for index, bar in enumerate(drawn)]
    foot = first + max(len(bars) * pitch, canvas.text * 1.5) + canvas.text * 0.4
    scale, names = _place_names(rows, canvas, first)
    numbers = foot + canvas.text * 1.3
    is_dense = pitch < _DENSE
    parts = [
        bell(levels, scale, top, base),
        *(_leader(name, scale, canvas, is_pale=is_dense) for name in names),
        *(_bar(row, scale, pitch) for row in sorted(rows, key=lambda row: row.bar.is_at_risk)),
        cut_lines(levels, scale, canvas, foot),
        level_names(levels, scale, canvas, canvas.text, percent, of_reference=of_reference),
        *(_name(name, canvas) for name in names),
        _omitted(rows, names, canvas, first, more),
        marks.rule((scale.left, foot), (scale.right, foot), "rule", 1.0),
        marks.axis_numbers(scale, numbers, canvas.text, TICKS),
    ]
    return chart(title, canvas.width, numbers + canvas.text * 0.4, *parts, variant=canvas.variant)


def _bar(row: _Row, scale: Scale, pitch: float) -> Markup:
    """A thin bar; bold and in the colour of action when at risk."""
    if pitch < _DENSE:
        return _texture(row, scale, pitch)
    seq = row.bar.seq
    if row.bar.is_at_risk:
        thickness, radius = max(pitch * 0.22, 1.0), max(min(pitch * 0.44, 4.2), 1.5)
        colour = "act"
    else:
        thickness, radius = max(pitch * 0.12, 0.35), max(min(pitch * 0.36, 3.2), 0.9)
        colour = "soft"
    drawn = marks.estimate(
        scale,
        seq.low,
        seq.value,
        seq.high,
        row.y,
        thickness=thickness,
        radius=radius,
        colour=colour,
        head=max(pitch * 0.5, 2.0),
    )
    if row.bar.before is None:
        return drawn
    return drawn + marks.arrow(
        scale, row.bar.before, seq.value, row.y, colour=colour, radius=_RING, clear=radius
    )


def _texture(row: _Row, scale: Scale, pitch: float) -> Markup:
    """One of hundreds: a pale bar that touches the next, and a square, far smaller in a file than a dot."""
    colour, dot = ("tint-1", "act") if row.bar.is_at_risk else ("rule", "ink")
    low, value, high = (
        scale.clamped(each) for each in (row.bar.seq.low, row.bar.seq.value, row.bar.seq.high)
    )
    thickness, side = pitch * _OVERLAP, max(pitch * 0.6, 1.8)
    bar = element(
        "rect",
        x=low,
        y=row.y - thickness / 2,
        width=high - low,
        height=thickness,
        **palette.fill(colour),
    )
    if not scale.has(row.bar.seq.value):
        return bar
    x, y = value - side / 2, row.y - side / 2
    return bar + element("rect", x=x, y=y, width=side, height=side, **palette.fill(dot))


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
        edge = max(_end(other, scale) for other in [row, *beside])
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


def _end(row: _Row, scale: Scale) -> float:
    """Where a row ends on the right: its bar, or the ring of where it stood."""
    high = scale.clamped(row.bar.seq.high)
    return high if row.bar.before is None else max(high, scale.clamped(row.bar.before) + _RING)


def _in_column(names: Sequence[_Name], canvas: Canvas) -> list[_Name]:
    """Align names at the rightmost start, or leave out the highest where that does not fit."""
    for count in range(len(names), 0, -1):
        x = max(name.x for name in names[:count]) + canvas.text
        widths = [lettering.text_width(name.text, canvas.text, SEMIBOLD) for name in names[:count]]
        if x + max(widths) <= canvas.width:
            return [replace(name, x=x, is_in_column=True) for name in names[:count]]
    return []


def _leader(name: _Name, scale: Scale, canvas: Canvas, *, is_pale: bool) -> Markup:
    """A thin line from a bar to its name; to a column it first runs along its own row."""
    end = _end(name.row, scale) + 2
    start = name.x - canvas.text * 0.4
    points = [(end, name.row.y), (start, name.y)]
    if name.is_in_column:
        points.insert(1, (max(end, start - canvas.text * 1.4), name.row.y))
    written = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    colour = "rule" if is_pale else "act" if name.row.bar.is_at_risk else "soft"
    return element("polyline", points=written, **palette.stroke(colour, 0.6))


def _name(name: _Name, canvas: Canvas) -> Markup:
    """A name on paper of its own."""
    return lettering.line(
        name.text,
        name.x,
        name.y + canvas.text * 0.34,
        canvas.text,
        colour="act" if name.row.bar.is_at_risk else "ink",
        weight=SEMIBOLD if name.row.bar.is_at_risk else REGULAR,
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
    placed = sum(name.row.bar.is_at_risk for name in names)
    count = sum(row.bar.is_at_risk for row in rows) - placed
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
