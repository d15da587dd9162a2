"""How many have answered: bars of a whole, and the answers of a wave day by day with what to expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from markupsafe import Markup

from surveyapp.reports.charts import lettering, marks, palette
from surveyapp.reports.charts.lettering import REGULAR, SEMIBOLD
from surveyapp.reports.charts.scales import Canvas, Scale
from surveyapp.reports.charts.svg import chart, element, number

_BAR: Final = 13.0
_LINE: Final = 2.0
_DOT: Final = 4.0
_HEIGHT: Final = 92.0
_TICK: Final = 5.0
_GAP: Final = 8.0


@dataclass(frozen=True, slots=True)
class Fan:
    """What is expected at the end: a number between two others, and the share of the way each day."""

    expected: int
    low: int
    high: int
    path: tuple[tuple[float, float], ...]
    """Day and expected number from now to the end."""
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A day named below the axis."""

    day: float
    label: str
    is_marked: bool = True
    """Whether a short line stands at it: the ends of the axis need none."""


def whole_bar(
    some: float, canvas: Canvas, *, title: str, colour: str, part_way: float = 0.0
) -> Markup:
    """A box as long as the whole: filled as far as ``some`` of it, then grey as far as part-way."""
    inner = canvas.width - 1
    filled = min(max(some, 0.0), 1.0) * inner
    grey = min(max(part_way, 0.0), 1.0 - min(some, 1.0)) * inner
    parts = [element("rect", x=0.5, y=0.5, width=inner, height=_BAR, **palette.stroke("field", 1))]
    for start, width, fill in ((0.0, filled, colour), (filled, grey, "rule")):
        if width > 0:
            parts.insert(
                -1,
                element(
                    "rect", x=start + 0.5, y=0.5, width=width, height=_BAR, **palette.fill(fill)
                ),
            )
    return chart(title, canvas.width, _BAR + 1, *parts, variant=canvas.variant)


def curve(
    points: Sequence[tuple[float, float]],
    canvas: Canvas,
    *,
    days: float,
    title: str,
    now: str,
    ticks: Sequence[Tick],
    fan: Fan | None = None,
) -> Markup:
    """Answers in all at the end of each day, as a line; what is expected opens as a fan to the close.

    Every mark is labelled where it stands; labels of days that find no room leave their tick.
    """
    beside = lettering.text_width(fan.label, canvas.text) + 2 * _GAP if fan else _GAP
    x = Scale(_DOT, canvas.width - beside, 0.0, max(days, 1.0))
    most = max([value for _day, value in points] + ([fan.high] if fan else []) + [1.0])
    top, foot = canvas.leading * 1.6, canvas.leading * 1.6 + _HEIGHT
    y = Scale(foot, top, 0.0, most)
    parts = [marks.rule((x(0.0), foot), (x(x.high), foot), "field", 1.0)]
    if fan:
        parts.append(_fan(fan, points[-1], x, y))
    parts.append(_line(points, x, y))
    day, value = points[-1]
    parts.append(element("circle", cx=x(day), cy=y(value), r=_DOT, **palette.fill("ink")))
    parts.append(_label_of_now(now, x(day), y(value), canvas))
    if fan:
        end = x.clamped(fan.path[-1][0])
        parts += _end(fan, end, y, canvas)
    parts += _ticks(ticks, x, foot, canvas)
    height = foot + _TICK + canvas.leading * 1.3
    return chart(title, canvas.width, height, *parts, variant=canvas.variant)


def _line(points: Sequence[tuple[float, float]], x: Scale, y: Scale) -> Markup:
    corners = " ".join(f"{number(x(day))},{number(y(value))}" for day, value in points)
    return element("polyline", points=corners, **palette.stroke("ink", _LINE))


def _fan(fan: Fan, start: tuple[float, float], x: Scale, y: Scale) -> Markup:
    """The range, opening from now as the expected number grows."""
    day, value = start
    growth = max(fan.expected - value, 1.0)
    path = [(day, 0.0), *((at, (then - value) / growth) for at, then in fan.path if at > day)]
    upper = [(x.clamped(at), y(value + (fan.high - value) * share)) for at, share in path]
    lower = [(x.clamped(at), y(value + (fan.low - value) * share)) for at, share in path]
    corners = " ".join(f"{number(px)},{number(py)}" for px, py in [*upper, *reversed(lower)])
    return element("polygon", points=corners, **palette.fill("rule"))


def _end(fan: Fan, x: float, y: Scale, canvas: Canvas) -> list[Markup]:
    return [
        marks.rule((x, y(fan.low)), (x, y(fan.high)), "ink", 2.6),
        element("circle", cx=x, cy=y(fan.expected), r=_DOT, **palette.fill("ink")),
        lettering.line(fan.label, x + _GAP, y(fan.expected) + canvas.text * 0.35, canvas.text),
    ]


def _label_of_now(label: str, x: float, y: float, canvas: Canvas) -> Markup:
    """Above the dot, on the side with room."""
    has_room = lettering.text_width(label, canvas.text, SEMIBOLD) <= x
    return lettering.line(
        label,
        x if has_room else 0.0,
        y - canvas.text * 0.75,
        canvas.text,
        anchor="end" if has_room else "start",
        weight=SEMIBOLD,
    )


def _ticks(ticks: Sequence[Tick], x: Scale, foot: float, canvas: Canvas) -> list[Markup]:
    parts = [
        marks.rule((x.clamped(tick.day), foot), (x.clamped(tick.day), foot + _TICK), "ink", 1.4)
        for tick in ticks
        if tick.is_marked
    ]
    line = foot + _TICK + canvas.leading * 0.95
    for tick, centre in _placed(ticks, x, canvas):
        parts.append(
            lettering.line(tick.label, centre, line, canvas.text, anchor="middle", colour="muted")
        )
    return parts


def _placed(ticks: Sequence[Tick], x: Scale, canvas: Canvas) -> list[tuple[Tick, float]]:
    """As many labels as find room below the axis, the ends always, each no further off than its width."""
    if not ticks:
        return []
    ends, between = (ticks[0], ticks[-1]), ticks[1:-1]
    for left_out in range(len(between) + 1):
        for kept in combinations(between, len(between) - left_out):
            chosen = [ends[0], *kept, *([ends[1]] if len(ticks) > 1 else [])]
            widths = [lettering.text_width(tick.label, canvas.text, REGULAR) for tick in chosen]
            wanted = [x.clamped(tick.day) for tick in chosen]
            if sum(widths) + _GAP * (len(widths) - 1) > canvas.width:
                continue
            placed = lettering.pushed_apart(wanted, widths, 0.0, canvas.width, _GAP)
            pairs = zip(wanted, placed, widths, strict=True)
            if all(abs(place - want) <= width for want, place, width in pairs):
                return list(zip(chosen, placed, strict=True))
    return []
