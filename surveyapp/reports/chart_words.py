"""Words in charts on paper, a line at a time.

WeasyPrint lays out each letter of SVG text by itself, for any may be turned or moved, and draws what is
centred as a form of its own. That took a tenth of a document's time and cost the kerning. Words of our
charts stand straight: they get an element of their own, beside those that WeasyPrint knows.
"""

import re
from math import inf
from typing import Any, Final

from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_emojis, draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg import TAGS
from weasyprint.svg.text import Style, TextBox
from weasyprint.text.line_break import split_first_line

_ELEMENT: Final = "words"
_STRAIGHT: Final = re.compile(
    r'<text (x="[-\d.]+" y="[-\d.]+"(?: (?:font-size|font-weight|text-anchor|fill|class)="[^"]*")*)>'
    r"([^<]*)</text>"
)
_BEFORE: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""What share of a line stands before its x."""


def straight(svg: str) -> str:
    """Mark the words of a chart that are neither turned nor moved letter by letter."""
    return _STRAIGHT.sub(rf"<{_ELEMENT} \1>\2</{_ELEMENT}>", svg)


def _draw(svg: Any, node: Any, font_size: float) -> None:  # noqa: ANN401 WeasyPrint ships no types
    """Draw one line, as WeasyPrint draws a line of a page."""
    said = (node.text or "").replace("\n", " ").strip(" ")
    if not said:
        return
    style = _style(svg, node, font_size)
    layout, _, _, width, _, baseline = split_first_line(said, style, svg.context, inf, 0)
    x, y = svg.point(node.get("x"), node.get("y"), font_size)
    x -= width * _BEFORE[node.get("text-anchor", "start")]
    fill, stroke = svg.set_graphical_state(node, font_size)
    svg.stream.begin_text()
    layout.reactivate(style)
    svg.fill_stroke(fill, stroke, text=True)
    line = TextBox(layout, style)
    line.baseline = baseline
    emojis = draw_first_line(svg.stream, line, "none", "none", Matrix(d=-1, e=x, f=y))
    svg.stream.end_text()
    draw_emojis(svg.stream, style, x, y, emojis)


def _style(svg: Any, node: Any, font_size: float) -> Style:  # noqa: ANN401 as above
    style = Style(INITIAL_VALUES)
    style.font_config = svg.font_config
    style["font_family"] = [name.strip() for name in node.get("font-family").split(",")]
    style["font_size"] = font_size
    style["font_weight"] = int(node.get("font-weight", 400))
    return style


TAGS[_ELEMENT] = _draw
