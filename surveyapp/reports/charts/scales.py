"""From scores to pixels."""

from dataclasses import dataclass
from typing import Final

AXIS: Final = (25.0, 75.0)
"""Every SEQ and climate axis, in T, so that charts can be compared."""
TICKS: Final = (30, 40, 50, 60, 70)
MILLIMETRE: Final = 96 / 25.4
"""In pixels."""
_POINT: Final = 96 / 72
_SCREEN_TEXT: Final = 13.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from a domain to pixels."""

    left: float
    right: float
    low: float = AXIS[0]
    high: float = AXIS[1]

    def __call__(self, value: float) -> float:
        """Pixel of a value, also outside the domain."""
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def clamped(self, value: float) -> float:
        """Pixel of the value, or of the nearer end of the axis."""
        return self(min(max(value, self.low), self.high))

    def has(self, value: float) -> bool:
        """Tell whether the value lies on the axis."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Canvas:
    """How wide a chart is drawn and how large its text is: paper, screen or phone."""

    width: float
    text: float
    variant: str = ""
    """A class for the page to show or hide this drawing."""

    @property
    def leading(self) -> float:
        """Distance between two lines of text."""
        return self.text * 1.35


def paper(width: float, text: float = 8.0) -> Canvas:
    """A chart on paper: width in millimetres, text in points; 8 is the smallest."""
    return Canvas(width * MILLIMETRE, text * _POINT)


def screen(width: float) -> Canvas:
    """A chart on a wide screen: width in pixels."""
    return Canvas(width, _SCREEN_TEXT, "chart-wide")


def phone(width: float = 358.0) -> Canvas:
    """The same chart for a phone, drawn again so that its text stays readable."""
    return Canvas(width, _SCREEN_TEXT, "chart-narrow")
