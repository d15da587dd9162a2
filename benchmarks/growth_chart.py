"""A chart of growth: what one unit costs beside what it cost in the smallest world, both axes in logs."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from benchmarks.bars import FLAT
from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
from surveyapp.reports.charts.scales import Scale
from surveyapp.reports.charts.svg import chart, element, number

Lines = Mapping[str, Sequence[tuple[int, float]]]
"""By operation: size and times the cost at the smallest size."""

_WIDTH, _HEIGHT = 960.0, 400.0
_TEXT: Final = 13.0
_LEADING: Final = _TEXT * 1.3
_TOP, _FOOT = 64.0, 36.0
_MARGIN, _LABELS, _BETWEEN = 44.0, 132.0, 36.0
_LEAST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Panel:
    """One database's part of the chart: logarithmic scales."""

    across: Scale
    up: Scale

    def x(self, size: float) -> float:
        """Where a size is."""
        return self.across(math.log10(size))

    def y(self, times: float) -> float:
        """Where a cost is; what got much cheaper stays at the foot."""
        return self.up.clamped(math.log10(times))


def draw(panels: Mapping[str, Lines]) -> Markup:
    """Draw a panel beside another, on the same scales."""
    sizes = sorted(
        {size for lines in panels.values() for each in lines.values() for size, _ in each}
    )
    most = max(times for lines in panels.values() for each in lines.values() for _, times in each)
    high = max(2.0, most * 1.1)
    room = (_WIDTH - _BETWEEN * (len(panels) - 1)) / len(panels)
    parts = [element("rect", width=_WIDTH, height=_HEIGHT, **palette.fill("paper"))]
    for place, (name, lines) in enumerate(panels.items()):
        left = place * (room + _BETWEEN)
        panel = Panel(
            Scale(
                left + _MARGIN, left + room - _LABELS, math.log10(sizes[0]), math.log10(sizes[-1])
            ),
            Scale(_HEIGHT - _FOOT, _TOP, math.log10(_LEAST), math.log10(high)),
        )
        parts += [_frame(panel, name, left, sizes, high), _lines(panel, lines)]
    title = "Processor time for one unit of work, beside the smallest size, on both databases"
    return chart(title, _WIDTH, _HEIGHT, *parts)


def _frame(panel: Panel, name: str, left: float, sizes: Sequence[int], high: float) -> Markup:
    """The name, the axes, and the band within which a cost counts as flat."""
    start, end = panel.across.left, panel.across.right
    band = panel.y(1) - panel.y(FLAT)
    parts = [
        lettering.line(name, left, _TEXT * 1.4, _TEXT + 1, weight=SEMIBOLD),
        lettering.line(
            "processor time for one, times that at 1x; the band counts as flat",
            left,
            _TEXT * 1.4 + _LEADING,
            _TEXT,
            colour="muted",
        ),
        element(
            "rect",
            x=start,
            y=panel.y(FLAT),
            width=end - start,
            height=band,
            **palette.fill("grid"),
        ),
    ]
    for times in (each for each in (_LEAST, 1, 2, 5, 10, 20, 50, 100) if each <= high):
        y = panel.y(times)
        colour, width = ("field", 1.2) if times == 1 else ("grid", 1.0)
        parts += [
            marks.rule((start, y), (end, y), colour, width),
            lettering.line(
                "≤ 0.5" if times == _LEAST else f"{times:g}",
                start - 8,
                y + _TEXT * 0.34,
                _TEXT,
                anchor="end",
                colour="muted",
            ),
        ]
    for size in sizes:
        x, y = panel.x(size), _HEIGHT - _FOOT + _LEADING
        parts.append(lettering.line(f"{size}x", x, y, _TEXT, anchor="middle", colour="muted"))
    return Markup("").join(parts)


def _lines(panel: Panel, lines: Lines) -> Markup:
    """Each operation as a line with its name at the end; those that are not flat stand out."""
    ordered = sorted(lines.items(), key=lambda each: -each[1][-1][1])
    wanted = [panel.y(points[-1][1]) for _, points in ordered]
    placed = lettering.pushed_apart(
        wanted, [_LEADING] * len(wanted), _TOP - _LEADING, _HEIGHT - _FOOT + _LEADING, 0
    )
    parts = []
    for (name, points), y, label in zip(ordered, wanted, placed, strict=True):
        is_flat = _worst(points) <= FLAT
        colour, width = ("field", 1.4) if is_flat else ("ink", 2.2)
        path = " ".join(f"{number(panel.x(size))},{number(panel.y(t))}" for size, t in points)
        end = panel.across.right
        parts += [
            element(
                "polyline", points=path, stroke_linejoin="round", **palette.stroke(colour, width)
            ),
            element("circle", cx=end, cy=y, r=3, **palette.fill(colour)),
            marks.rule((end + 5, y), (end + 16, label), "rule", 1.0),
            lettering.line(
                f"{name} {points[-1][1]:.2g}",
                end + 20,
                label + _TEXT * 0.34,
                _TEXT,
                weight=REGULAR if is_flat else SEMIBOLD,
                colour="muted" if is_flat else "ink",
            ),
        ]
    return Markup("").join(parts)


def _worst(points: Sequence[tuple[int, float]]) -> float:
    """Return how many times dearer a larger size is than any smaller one."""
    return max(later / earlier for (_, earlier), (_, later) in itertools.combinations(points, 2))
