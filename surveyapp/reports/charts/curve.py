"""SEQ on the bell curve of the reference set."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
from surveyapp.reports.charts.scales import TICKS, Canvas, Scale
from surveyapp.reports.charts.svg import chart, element, number
from surveyapp.reports.context import Interval, Levels, Score

_MEAN: Final = 50.0
_SPREAD: Final = 10.0
_STEP: Final = 0.5
_ASPECT: Final = 0.235


def density(score: float) -> float:
    """Height of the bell curve at a T score, 1 at its top."""
    return math.exp(-(((score - _MEAN) / _SPREAD) ** 2) / 2)


def bell(levels: Levels, scale: Scale, top: float, base: float) -> Markup:
    """The tinted areas of the levels under the curve, its outline and its base line."""
    edges = (scale.low, *(min(max(c, scale.low), scale.high) for c in levels.cuts), scale.high)
    parts = []
    for index, (low, high) in enumerate(itertools.pairwise(edges), start=1):
        if low < high:
            points = _outline(low, high, scale, top, base)
            start, end = _point(scale(low), base), _point(scale(high), base)
            path = f"M{start} L{' '.join(points)} L{end} Z"
            parts.append(element("path", d=path, **palette.fill(f"tint-{index}")))
    whole = " ".join(_outline(scale.low, scale.high, scale, top, base))
    parts.append(element("polyline", points=whole, **palette.stroke("field", 1.2)))
    parts.append(marks.rule((scale.left, base), (scale.right, base), "ink", 1.3))
    return Markup("").join(parts)


def _outline(low: float, high: float, scale: Scale, top: float, base: float) -> list[str]:
    count = max(math.ceil((high - low) / _STEP), 1)
    scores = [low + (high - low) * step / count for step in range(count + 1)]
    return [_point(scale(score), base - density(score) * (base - top)) for score in scores]


def _point(x: float, y: float) -> str:
    return f"{number(x)},{number(y)}"


def level_names(
    levels: Levels,
    scale: Scale,
    canvas: Canvas,
    y: float,
    percent: Callable[[float], str],
    *,
    of_reference: str = "of reference",
) -> Markup:
    """Names and shares of the levels over their areas, pushed apart where an area is narrow."""
    edges = tuple(map(scale.clamped, (scale.low, *levels.cuts, scale.high)))
    areas = list(itertools.pairwise(edges))
    gap = canvas.text / 2
    size = lettering.size_that_fits(levels.names, canvas.text, canvas.width, gap)
    sizes = [lettering.text_width(name, size, SEMIBOLD) for name in levels.names]
    centres = [(left + right) / 2 for left, right in areas]
    placed = lettering.pushed_apart(centres, sizes, 0, canvas.width, gap)
    parts = []
    for index, (name, x) in enumerate(zip(levels.names, placed, strict=True)):
        share = percent(levels.reference_shares[index])
        left, right = areas[index]
        told = f"{share} {of_reference}"
        if index == 0 and lettering.text_width(told, size) < right - left:
            share = told
        parts += [
            lettering.line(name, x, y, size, anchor="middle", weight=SEMIBOLD),
            lettering.line(share, x, y + canvas.leading, size, anchor="middle", colour="muted"),
        ]
    return Markup("").join(parts)


def cut_lines(levels: Levels, scale: Scale, canvas: Canvas, foot: float) -> Markup:
    """The dashed cuts from the level names down; from below them where a name spans its area."""
    edges = tuple(map(scale.clamped, (scale.low, *levels.cuts, scale.high)))
    areas = [right - left for left, right in itertools.pairwise(edges)]
    sizes = [lettering.text_width(name, canvas.text, SEMIBOLD) for name in levels.names]
    spans = any(size > area for size, area in zip(sizes, areas, strict=True))
    top = canvas.text + 1.5 * canvas.leading if spans else 0
    cuts = [cut for cut in levels.cuts if scale.has(cut)]
    return Markup("").join(marks.cut(scale(cut), top, foot) for cut in cuts)


def seq_curve(
    levels: Levels,
    seq: Score | None,
    canvas: Canvas,
    *,
    title: str,
    label: str,
    percent: Callable[[float], str],
    of_reference: str = "of reference",
    before: Interval | None = None,
    before_labels: Sequence[str] = (),
) -> Markup:
    """One relationship on the curve: its bar below, a thin line up to the curve, the cut lines.

    Without a score the bar's row is dotted and the label says why. The last wave stands below.
    """
    scale = Scale(0, canvas.width)
    names = canvas.text
    top = names + 2 * canvas.leading
    base = top + canvas.width * _ASPECT
    row = base + canvas.text * 1.9
    earlier = row + canvas.text * 2.1
    foot = (earlier if before else row) + canvas.text * 1.3
    numbers = foot + canvas.text * 1.15
    parts = [
        bell(levels, scale, top, base),
        *(marks.rule((scale(tick), base), (scale(tick), base + 4), "ink", 1.0) for tick in TICKS),
        cut_lines(levels, scale, canvas, foot),
        level_names(levels, scale, canvas, names, percent, of_reference=of_reference),
        marks.axis_numbers(scale, numbers, canvas.text),
    ]
    if seq is None:
        parts.append(_nothing_to_show(label, scale, row, canvas))
    else:
        parts += [
            _label_beside(seq, scale, row, canvas, [label]),
            _line_up(seq.value, scale, row, top, base),
            marks.estimate(scale, seq.low, seq.value, seq.high, row, thickness=4, radius=6.2),
        ]
    if before is not None:
        parts += [
            _label_beside(before, scale, earlier, canvas, before_labels, is_now=False),
            marks.uncertain(scale, before.low, before.value, before.high, earlier),
        ]
    height = numbers + canvas.text * 0.4
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def _line_up(score: float, scale: Scale, y: float, top: float, base: float) -> Markup:
    """A thin line from the dot up to the curve, where the score lies on the axis."""
    if not scale.has(score):
        return Markup("")
    x = scale(score)
    peak = base - density(score) * (base - top)
    return marks.rule((x, peak), (x, y), "ink", 1.3) + element(
        "circle", cx=x, cy=peak, r=3, **palette.outlined("ink", "paper", 1.0)
    )


def _label_beside(
    found: Score | Interval,
    scale: Scale,
    y: float,
    canvas: Canvas,
    labels: Sequence[str],
    *,
    is_now: bool = True,
) -> Markup:
    """Right of the bar when one fits, else left, else nothing: the number stands beside the chart."""
    weight, colour = (SEMIBOLD, "ink") if is_now else (REGULAR, "muted")
    gap = canvas.text * 0.8
    right, left = scale.clamped(found.high) + gap, scale.clamped(found.low) - gap
    for label in labels:
        size = lettering.text_width(label, canvas.text, weight)
        fits_right = right + size <= scale.right
        if fits_right or left - size >= scale.left:
            return lettering.line(
                label,
                right if fits_right else left,
                y + canvas.text * 0.34,
                canvas.text,
                anchor="start" if fits_right else "end",
                weight=weight,
                colour=colour,
                is_knocked_out=True,
            )
    return Markup("")


def _nothing_to_show(label: str, scale: Scale, y: float, canvas: Canvas) -> Markup:
    middle = (scale.left + scale.right) / 2
    return marks.dotted((scale.left, y), (scale.right, y)) + lettering.line(
        label,
        middle,
        y + canvas.text * 0.34,
        canvas.text,
        anchor="middle",
        colour="muted",
        is_knocked_out=True,
    )
