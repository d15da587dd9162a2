"""What a page may say: frozen dataclasses that services fill and reports only read.

Nothing here computes a score. SEQ and climate are T scores (50 is the mean of the reference set, 10
its spread); shares and probabilities are 0-1. A number that disclosure rules hide is not in here.
"""

from surveyapp.reports.context.climate import ClimateRow
from surveyapp.reports.context.detail import (
    Agreement,
    Change,
    Fact,
    FunctionRow,
    Interval,
    ItemLine,
    KnownPeople,
    LastWave,
    Neighbour,
    Quadrant,
    Signature,
    SilentDecider,
    Unit,
)
from surveyapp.reports.context.drivers import Driver, Drivers, DriversWhy
from surveyapp.reports.context.parts import (
    Call,
    CoverageRow,
    Levels,
    Method,
    Money,
    Reference,
    Score,
    Standing,
    View,
    Weight,
)
from surveyapp.reports.context.portfolio import PortfolioContext, PortfolioRow
from surveyapp.reports.context.portfolio_parts import (
    Deciders,
    Movement,
    Partnership,
    Rollup,
    RollupKind,
    RollupRow,
)
from surveyapp.reports.context.scorecard import ScorecardContext

__all__ = [
    "Agreement",
    "Call",
    "Change",
    "ClimateRow",
    "CoverageRow",
    "Deciders",
    "Driver",
    "Drivers",
    "DriversWhy",
    "Fact",
    "FunctionRow",
    "Interval",
    "ItemLine",
    "KnownPeople",
    "LastWave",
    "Levels",
    "Method",
    "Money",
    "Movement",
    "Neighbour",
    "Partnership",
    "PortfolioContext",
    "PortfolioRow",
    "Quadrant",
    "Reference",
    "Rollup",
    "RollupKind",
    "RollupRow",
    "Score",
    "ScorecardContext",
    "Signature",
    "SilentDecider",
    "Standing",
    "Unit",
    "View",
    "Weight",
]
