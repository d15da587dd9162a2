"""How far methods miss the truth, by the number of people who answered: one line a method."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts.palette import fill, stroke
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart, element, number

_STEP: Final = 0.25
_PLOT_HEIGHT: Final = 220.0
_LOOKS: Final = (("field", 1.6), ("soft", 1.6), ("ink", 2.6))
"""Colour and width of the lines, the reference first, the best last."""


def accuracy(
    errors: Mapping[str, Sequence[float]], people: Sequence[int], *, canvas: Canvas, title: str
) -> Markup:
    """Draw a root mean square error per method and number of people, each line named at its start.

    Raises
    ------
    ValueError
        More methods than looks, or a method with another number of errors than of people.
    """
    if len(errors) > len(_LOOKS) or any(len(line) != len(people) for line in errors.values()):
        raise ValueError(
            f"At most {len(_LOOKS)} methods, each with {len(people)} errors, are drawn."
        )
    highest = max(max(line) for line in errors.values())
    top = (int(highest / _STEP) + 1) * _STEP
    left, right = canvas.text * 2.6, canvas.width - canvas.text * 9
    across = Scale(left, right, 0, len(people) - 1)
    up = Scale(_PLOT_HEIGHT, canvas.leading, 0.0, top)
    parts = [*_grid(up, left, right, top, canvas), *_counts(across, people, canvas)]
    for line, (colour, width) in zip(errors.values(), _LOOKS, strict=False):
        points = " ".join(f"{number(across(i))},{number(up(y))}" for i, y in enumerate(line))
        parts.append(element("polyline", points=points, **stroke(colour, width)))
        parts += [
            element("circle", cx=across(i), cy=up(y), r=3, **fill(colour))
            for i, y in enumerate(line)
        ]
    parts += _names(errors, up, right, canvas)
    height = _PLOT_HEIGHT + canvas.leading * 2.6
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def _grid(up: Scale, left: float, right: float, top: float, canvas: Canvas) -> list[Markup]:
    parts = []
    for step in range(round(top / _STEP) + 1):
        y = up(step * _STEP)
        parts.append(element("line", x1=left, x2=right, y1=y, y2=y, **stroke("grid", 1)))
        parts.append(
            element(
                "text",
                f"{step * _STEP:.2f}",
                x=left - 6,
                y=y + canvas.text * 0.35,
                text_anchor="end",
                font_size=canvas.text,
                **fill("muted"),
            )
        )
    return parts


def _counts(across: Scale, people: Sequence[int], canvas: Canvas) -> list[Markup]:
    y = _PLOT_HEIGHT + canvas.leading
    middle = (across.left + across.right) / 2
    words = [(str(n), across(i), y) for i, n in enumerate(people)]
    words.append(("people who answered", middle, y + canvas.leading))
    return [
        element(
            "text",
            word,
            x=x,
            y=at,
            text_anchor="middle",
            font_size=canvas.text,
            **fill("muted"),
        )
        for word, x, at in words
    ]


def _names(
    errors: Mapping[str, Sequence[float]], up: Scale, right: float, canvas: Canvas
) -> list[Markup]:
    """Name each line where it ends, pushed apart where ends are close."""
    parts, above = [], 0.0
    ends = sorted((up(line[-1]), name) for name, line in errors.items())
    for end, name in ends:
        y = max(end, above + canvas.leading)
        above = y
        parts.append(
            element(
                "text",
                name,
                x=right + 10,
                y=y + canvas.text * 0.35,
                font_size=canvas.text,
                **fill("ink"),
            )
        )
    return parts
