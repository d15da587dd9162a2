"""From scores to pixels."""

from dataclasses import dataclass
from typing import Final

AXIS: Final = (25.0, 75.0)
"""Every SEQ and climate axis, in T, so that charts can be compared."""
TICKS: Final = (30, 40, 50, 60, 70)


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
