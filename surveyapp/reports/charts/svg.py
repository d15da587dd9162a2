"""SVG elements as escaped markup, with nothing a strict content security policy would refuse."""

from typing import Final

from markupsafe import Markup, escape

Attribute = str | int | float | None

_REFUSED: Final = ("style", "on")


def number(value: float) -> str:
    """Write a length rounded to 0.1, without a trailing zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Write one element; text is escaped, ``Markup`` children are kept, ``None`` leaves out.

    An attribute is written with hyphens for underscores; a trailing underscore makes a Python word
    usable (``class_``).

    Raises
    ------
    ValueError
        For ``style`` and event handlers: a strict content security policy would drop them.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    # put together as text, each part escaped by itself: twice as fast as joining markup
    inner = "".join(map(escape, children))
    return Markup(f"<{name}{written}>{inner}</{name}>" if children else f"<{name}{written}/>")  # noqa: S704 as said


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if name.startswith(_REFUSED):
        raise ValueError(f"an SVG here carries no {name!r} attribute: use presentation attributes")
    if value is None:
        return ""
    text = number(value) if isinstance(value, int | float) else escape(value)
    return f' {name}="{text}"'


def chart(title: str, width: float, height: float, *children: str, variant: str = "") -> Markup:
    """Write a whole chart; the title comes first because the PDF takes its alternative text there."""
    return element(
        "svg",
        element("title", title),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        font_family="Source Sans Pro, sans-serif",
        class_=f"chart {variant}".rstrip(),
    )
