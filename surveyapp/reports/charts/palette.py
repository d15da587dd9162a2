"""Light colours as attributes, each with the class by which the dark theme overrides it."""

from typing import Final

COLOURS: Final = {
    "paper": "#FFFFFF",
    "ink": "#1A2430",
    "soft": "#46535F",
    "muted": "#5B6772",
    "field": "#75818B",
    "rule": "#C6CED5",
    "grid": "#E3E8EC",
    "act": "#A13A14",
    "supplier": "#0A7570",
    "level-1": "#A13A14",
    "level-2": "#F3CFA9",
    "level-3": "#84B2D6",
    "level-4": "#1B5583",
    "tint-1": "#DDAA94",
    "tint-2": "#FAE8D5",
    "tint-3": "#C9DEED",
    "tint-4": "#A3C1D8",
    "on-level-1": "#FFFFFF",
    "on-level-2": "#1A2430",
    "on-level-3": "#1A2430",
    "on-level-4": "#FFFFFF",
}


def fill(colour: str) -> dict[str, str]:
    """Attributes of a filled shape without an outline."""
    return {"fill": COLOURS[colour], "class_": f"f-{colour}"}


def stroke(colour: str, width: float) -> dict[str, str | float]:
    """Attributes of a line."""
    return {
        "fill": "none",
        "stroke": COLOURS[colour],
        "stroke_width": width,
        "class_": f"s-{colour}",
    }


def outlined(fill_colour: str, stroke_colour: str, width: float) -> dict[str, str | float]:
    """Attributes of a filled shape with an outline."""
    return {
        "fill": COLOURS[fill_colour],
        "stroke": COLOURS[stroke_colour],
        "stroke_width": width,
        "class_": f"f-{fill_colour} s-{stroke_colour}",
    }
