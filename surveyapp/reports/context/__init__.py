"""What a page may say: frozen dataclasses that services fill and reports only read.

Nothing here computes a score. SEQ and climate are T scores (50 is the mean of the reference set, 10
its spread); shares and probabilities are 0-1. A number that disclosure rules hide is not in here.
"""

from surveyapp.reports.context.parts import (
    Call,
    ClimateRow,
    CoverageRow,
    Levels,
    Method,
    Money,
    Score,
    Standing,
    View,
    Weight,
)
from surveyapp.reports.context.portfolio import PortfolioContext, PortfolioRow
from surveyapp.reports.context.scorecard import ScorecardContext

__all__ = [
    "Call",
    "ClimateRow",
    "CoverageRow",
    "Levels",
    "Method",
    "Money",
    "PortfolioContext",
    "PortfolioRow",
    "Score",
    "ScorecardContext",
    "Standing",
    "View",
    "Weight",
]
