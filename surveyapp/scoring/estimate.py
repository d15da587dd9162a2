"""One number with its uncertainty, the way every method here returns it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, how sure it is, and how it was made.

    ``low`` and ``high`` bound the interval of the stated ``confidence``; ``n`` counts the units
    that entered (respondents unless the function says otherwise); ``method`` names the formula.
    A part the method does not give is NaN, never a stand-in.
    """

    value: float
    standard_error: float
    low: float
    high: float
    n: int
    confidence: float
    method: str
    p_value: float = float("nan")
    """Two-sided, where the method tests "no difference" or "no association"."""
