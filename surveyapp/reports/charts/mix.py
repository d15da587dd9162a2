"""The level mix: stacked bars of mean probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
from surveyapp.reports.charts.levels import segments
from surveyapp.reports.charts.scales import Canvas
from surveyapp.reports.charts.svg import chart, element

_LABEL_SHARE: Final = 0.35


@dataclass(frozen=True, slots=True)
class MixRow:
    """One stacked bar: its label, the shares that sum to 1, and the same as text."""

    label: str
    shares: tuple[float, ...]
    texts: tuple[str, ...]


def mix_bars(names: Sequence[str], rows: Sequence[MixRow], canvas: Canvas, *, title: str) -> Markup:
    """One bar per row; the first row is the finding, in bold, with the level names over it.

    A number that does not fit its segment is left to the table beside.
    """
    size = canvas.text
    widest = max(lettering.text_width(row.label, size, SEMIBOLD) for row in rows)
    left = min(widest + size, canvas.width * _LABEL_SHARE)
    pitch = size * 2.9
    top = size * 1.5
    parts = [_level_names(names, rows[0].shares, left, canvas)]
    for index, row in enumerate(rows):
        weight = SEMIBOLD if index == 0 else REGULAR
        bar = _labelled_bar(row, canvas, left, weight)
        parts.append(element("g", bar, transform=f"translate(0 {top + index * pitch:.1f})"))
    return chart(title, canvas.width, top + len(rows) * pitch, *parts, variant=canvas.variant)


def _labelled_bar(row: MixRow, canvas: Canvas, left: float, weight: int) -> Markup:
    size = canvas.text
    width = canvas.width - left
    baseline = size * 1.44
    label = lettering.shortened(row.label, size, left - size / 2, weight)
    colour = "ink" if weight == SEMIBOLD else "soft"
    bar = segments(row.shares, width, 0, size * 2.2)
    parts = [
        lettering.line(label, 0, baseline, size, colour=colour, weight=weight),
        element("g", bar, transform=f"translate({left:.1f} 0)"),
    ]
    for index, centre in enumerate(_centres(row.shares, left, width)):
        text = row.texts[index]
        if lettering.text_width(text, size, weight) + 4 <= row.shares[index] * width:
            parts.append(
                lettering.line(
                    text,
                    centre,
                    baseline,
                    size,
                    anchor="middle",
                    colour=f"on-level-{index + 1}",
                    weight=weight,
                )
            )
    return Markup("").join(parts)


def _level_names(
    names: Sequence[str], shares: Sequence[float], left: float, canvas: Canvas
) -> Markup:
    gap = canvas.text / 2
    size = lettering.size_that_fits(names, canvas.text, canvas.width, gap)
    sizes = [lettering.text_width(name, size, SEMIBOLD) for name in names]
    wanted = _centres(shares, left, canvas.width - left)
    placed = lettering.pushed_apart(wanted, sizes, 0, canvas.width, gap)
    return Markup("").join(
        lettering.line(name, x, size, size, anchor="middle", weight=SEMIBOLD)
        for name, x in zip(names, placed, strict=True)
    )


def _centres(shares: Sequence[float], left: float, width: float) -> list[float]:
    centres = []
    edge = 0.0
    for share in shares:
        centres.append(left + (edge + share / 2) * width)
        edge += share
    return centres
