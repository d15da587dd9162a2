"""One bar split into the four levels, always coldest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import chart, element

_GAP: Final = 1.5
_LIKELY: Final = 0.20
_HARDLY: Final = 0.01
_SPACE: Final = 0.45


def segments(probabilities: Sequence[float], width: float, y: float, height: float) -> Markup:
    """The split bar: segments with a paper gap, in a field outline that survives grey printing."""
    parts = []
    edge = 0.0
    for index, probability in enumerate(probabilities, start=1):
        left, edge = edge, edge + probability * width
        right = edge - (_GAP if index < len(probabilities) else 0)
        if right - left > 0:
            parts.append(
                element(
                    "rect",
                    x=left,
                    y=y,
                    width=right - left,
                    height=height,
                    **palette.fill(f"level-{index}"),
                )
            )
    outline = element(
        "rect", x=0.4, y=y, width=width - 0.8, height=height, **palette.stroke("field", 0.8)
    )
    return Markup("").join(parts) + outline


@dataclass(frozen=True, slots=True)
class _Label:
    """One label below the bar, for one level or for neighbours that are hardly possible."""

    name: str
    chance: str
    centre: float
    """Middle of its part of the bar, as a share of the whole."""
    level: int
    is_likely: bool

    @property
    def weight(self) -> int:
        return SEMIBOLD if self.is_likely else REGULAR

    @property
    def colour(self) -> str:
        return "ink" if self.is_likely else "muted"

    def name_width(self, size: float) -> float:
        return lettering.text_width(self.name, size, self.weight)

    def width(self, size: float) -> float:
        return self.name_width(size) + size * _SPACE + lettering.text_width(self.chance, size)


def level_bar(
    names: Sequence[str],
    probabilities: Sequence[float],
    chances: Sequence[str],
    canvas: Canvas,
    *,
    title: str,
    each: str = "each",
) -> Markup:
    """Probability of each level; labels below, pushed apart, likely levels in bold.

    ``chances`` are the probabilities as text ("39 in 100"). Where the labels do not fit side by side
    they stand below each other, each with a sample of its colour.
    """
    height = canvas.text * 2.1
    labels = _labels(names, probabilities, chances, each)
    gap = canvas.text * 1.2
    needed = sum(label.width(canvas.text) for label in labels) + gap * (len(labels) - 1)
    bar = segments(probabilities, canvas.width, 0.5, height)
    draw = _beside if needed <= canvas.width else _listed
    written, foot = draw(labels, canvas, height)
    return chart(title, canvas.width, foot, bar, written, variant=canvas.variant)


def _labels(
    names: Sequence[str], probabilities: Sequence[float], chances: Sequence[str], each: str
) -> list[_Label]:
    """One label per level; neighbours that are each under 1 in 100 share theirs."""
    labels: list[_Label] = []
    edge = 0.0
    previous = 1.0
    for index, (name, probability) in enumerate(zip(names, probabilities, strict=True)):
        label = _Label(
            name, chances[index], edge + probability / 2, index + 1, probability >= _LIKELY
        )
        if max(previous, probability) < _HARDLY:
            shared = f"{labels.pop().name}, {name}"
            label = replace(label, name=shared, chance=f"{chances[index]} {each}")
        labels.append(label)
        edge += probability
        previous = probability
    return labels


def _beside(labels: Sequence[_Label], canvas: Canvas, bar_foot: float) -> tuple[Markup, float]:
    size = canvas.text
    sizes = [label.width(size) for label in labels]
    wanted = [label.centre * canvas.width for label in labels]
    placed = lettering.pushed_apart(wanted, sizes, 0, canvas.width, size * 1.2)
    baseline = bar_foot + size * 1.9
    parts = []
    for label, x, width, target in zip(labels, placed, sizes, wanted, strict=True):
        foot = min(max(target, 0.5), canvas.width - 0.5)
        parts += [
            marks.rule((foot, bar_foot), (foot, bar_foot + size * 0.6), "field", 1.0),
            _written(label, x - width / 2, baseline, size),
        ]
    return Markup("").join(parts), baseline + size * 0.4


def _listed(labels: Sequence[_Label], canvas: Canvas, bar_foot: float) -> tuple[Markup, float]:
    size = canvas.text
    side = size * 0.85
    parts = []
    baseline = bar_foot
    for label in labels:
        baseline += size * 1.6
        sample = palette.outlined(f"level-{label.level}", "field", 0.8)
        parts += [
            element("rect", x=0.4, y=baseline - side, width=side, height=side, **sample),
            _written(label, side + size * 0.6, baseline, size),
        ]
    return Markup("").join(parts), baseline + size * 0.4


def _written(label: _Label, left: float, baseline: float, size: float) -> Markup:
    x = left + label.name_width(size) + size * _SPACE
    name = lettering.line(
        label.name, left, baseline, size, colour=label.colour, weight=label.weight
    )
    return name + lettering.line(label.chance, x, baseline, size, colour=label.colour)
