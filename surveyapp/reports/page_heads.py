"""How the line above a page is laid out: in columns where all of it fits on one line, which is cheaper.

A flex container is laid out three times by WeasyPrint; four of them took 0.015 s of a scorecard.
"""

import math
from collections.abc import Sequence
from typing import Final

from surveyapp.reports.charts.lettering import SEMIBOLD, text_width
from surveyapp.reports.charts.scales import MILLIMETRE

_POINT: Final = MILLIMETRE * 25.4 / 72
_TITLE: Final = 9.5 * _POINT
_PARTS: Final = 8.5 * _POINT
_NOTE: Final = 8 * _POINT
_AROUND_NOTE: Final = 6.5 * MILLIMETRE
"""Its margin, padding, border, and the space before it."""
_APART: Final = 6 * MILLIMETRE
_SLACK: Final = 1.03
"""Letters that are not in our table are estimated."""
_SHARES: Final = range(20, 70, 10)


def share(title: str, parts: Sequence[str], note: str | None, *, width: float) -> int | None:
    """Return how many hundredths of the width (millimetres) the title takes; None where it may wrap."""
    left = text_width(title, _TITLE, SEMIBOLD)
    if note:
        left += text_width(note, _NOTE, SEMIBOLD) + _AROUND_NOTE
    right = text_width(" · ".join(parts), _PARTS) + _APART
    whole = width * MILLIMETRE / _SLACK
    wanted = math.ceil(left / whole * 10) * 10
    for each in _SHARES:
        if each >= wanted and right <= whole * (100 - each) / 100:
            return each
    return None
