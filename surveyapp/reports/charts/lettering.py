"""Text in charts: how wide it will be, and labels that keep clear of lines and of each other."""

import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

from markupsafe import Markup

from surveyapp.reports.charts import palette
from surveyapp.reports.charts.svg import element

Anchor = Literal["start", "middle", "end"]

REGULAR: Final = 400
SEMIBOLD: Final = 600

# Advance widths of U+0020 to U+007E in 1/1000 em, read from Source Sans Pro Regular and Semibold.
_ADVANCES: Final = {
    REGULAR: (
        *(200, 289, 425, 497, 497, 824, 609, 249, 303, 303, 418, 497, 249, 311, 249, 350),
        *(497, 497, 497, 497, 497, 497, 497, 497, 497, 497, 249, 249, 497, 497, 497, 425),
        *(847, 544, 588, 571, 615, 527, 494, 617, 652, 263, 480, 579, 486, 727, 647, 664),
        *(566, 664, 569, 534, 536, 645, 515, 786, 513, 476, 539, 303, 350, 303, 497, 500),
        *(542, 504, 553, 456, 555, 496, 292, 504, 544, 246, 247, 495, 255, 829, 547, 542),
        *(555, 555, 347, 419, 338, 544, 467, 718, 446, 467, 425, 303, 241, 303, 497),
    ),
    SEMIBOLD: (
        *(200, 315, 482, 513, 513, 841, 639, 275, 324, 324, 438, 513, 275, 322, 275, 344),
        *(513, 513, 513, 513, 513, 513, 513, 513, 513, 513, 275, 275, 513, 513, 513, 444),
        *(875, 558, 597, 576, 625, 538, 510, 628, 663, 282, 494, 597, 502, 745, 656, 674),
        *(582, 674, 592, 545, 546, 655, 536, 800, 541, 501, 540, 324, 344, 324, 513, 500),
        *(549, 516, 563, 462, 564, 507, 317, 520, 558, 262, 263, 522, 271, 843, 560, 549),
        *(564, 564, 373, 431, 361, 556, 495, 748, 481, 495, 443, 324, 255, 324, 513),
    ),
}
_FIRST: Final = 0x20
_OTHER: Final = 620
_ARABIC: Final = 760
_WIDE: Final = 1000
_DESCENT: Final = 0.25
_ASCENT: Final = 0.78
_ROUNDING: Final = 1e-6


def text_width(text: str, size: float, weight: int = REGULAR) -> float:
    """Width of a line of text in pixels; accents are measured by their letter, the rest estimated."""
    return sum(_advance(sign, weight) for sign in unicodedata.normalize("NFD", text)) * size / 1000


def _advance(sign: str, weight: int) -> int:
    index = ord(sign) - _FIRST
    advances = _ADVANCES[weight]
    if 0 <= index < len(advances):
        return advances[index]
    if unicodedata.combining(sign):
        return 0
    if unicodedata.bidirectional(sign) == "AL":
        return _ARABIC
    return _WIDE if unicodedata.east_asian_width(sign) in "WF" else _OTHER


def size_that_fits(texts: Sequence[str], size: float, room: float, gap: float) -> float:
    """The text size, or less where semibold texts would not stand side by side in the room."""
    unit = sum(text_width(text, 1.0, SEMIBOLD) for text in texts)
    return min(size, (room - gap * (len(texts) - 1)) / unit)


def shortened(text: str, size: float, room: float, weight: int = REGULAR) -> str:
    """The text, or as much of it as fits the room with an ellipsis."""
    if text_width(text, size, weight) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size, weight) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def line(
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    anchor: Anchor = "start",
    colour: str = "ink",
    weight: int = REGULAR,
    is_knocked_out: bool = False,
) -> Markup:
    """One line of text with its baseline at y; knocked out, it stands on paper, clear of lines."""
    written = element(
        "text",
        text,
        x=x,
        y=y,
        font_size=size,
        font_weight=weight,
        text_anchor=anchor,
        **palette.fill(colour),
    )
    if not is_knocked_out:
        return written
    width = text_width(text, size, weight)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    ground = element(
        "rect",
        x=left - size / 4,
        y=y - size * _ASCENT,
        width=width + size / 2,
        height=size * (_ASCENT + _DESCENT),
        **palette.fill("paper"),
    )
    return ground + written


def pushed_apart(
    wanted: Sequence[float], sizes: Sequence[float], low: float, high: float, gap: float
) -> list[float]:
    """Centres near the wanted ones, in the same order, such that no two labels overlap.

    Each label of the given size keeps inside low..high and a gap from its neighbour. The gap shrinks
    when the labels do not fit otherwise.

    Raises
    ------
    ValueError
        Without any gap the labels still do not fit.
    """
    room = high - low - sum(sizes)
    if room < -_ROUNDING:
        raise ValueError(f"labels of {sum(sizes):.0f} do not fit into {high - low:.0f}")
    between = min(gap, max(room, 0.0) / max(len(sizes) - 1, 1))
    centres: list[float] = []
    edge = low
    for centre, size in zip(wanted, sizes, strict=True):
        placed = max(centre, edge + size / 2)
        centres.append(placed)
        edge = placed + size / 2 + between
    edge = high
    for index in reversed(range(len(centres))):
        centres[index] = min(centres[index], edge - sizes[index] / 2)
        edge = centres[index] - sizes[index] / 2 - between
    return centres
