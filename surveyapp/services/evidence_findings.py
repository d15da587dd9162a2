"""What comparing a document with its evidence finds."""

from dataclasses import dataclass, field
from math import isclose
from typing import Final

TOLERANCE: Final = 1e-6
"""Of T scores, points and probabilities: far below what is printed."""


@dataclass(slots=True)
class Recomputed:
    """How many numbers were compared, and a sentence for each that does not hold."""

    compared: int = 0
    wrong: list[str] = field(default_factory=list)

    def number(self, place: str, says: float, gives: float) -> None:
        """Compare two numbers."""
        self.compared += 1
        if not isclose(says, gives, rel_tol=0.0, abs_tol=TOLERANCE):
            self.wrong.append(f"{place}: the document says {says:.6g}, the evidence {gives:.6g}.")

    def same(self, place: str, says: object, gives: object) -> None:
        """Compare two things that must be equal."""
        self.compared += 1
        if says != gives:
            self.wrong.append(f"{place}: the document says {says!r}, the evidence {gives!r}.")
