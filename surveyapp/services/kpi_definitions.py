"""What a KPI's definition says, and whether it can be used: every objection with its field."""

import math
import re
from dataclasses import dataclass
from typing import Final

from babel.numbers import is_currency

from surveyapp.errors import Problem
from surveyapp.models.kpis import (
    KpiAggregation,
    KpiDefinition,
    KpiDirection,
    KpiFamily,
    KpiUnit,
)
from surveyapp.services.editing import Facts

MOST_DAYS: Final = 3650
LONGEST_NAME: Final = 300
LONGEST_SOURCE: Final = 300
LARGEST: Final = 1e15
"""Of a value or target, either way: beyond it a number loses its digits."""
COLUMNS: Final = (
    *("kpi", "buyer", "supplier", "product_line", "service_team", "region", "organisation"),
    *("period", "from", "until", "value", "numerator", "denominator", "as_of"),
)
"""Columns of observation files, which no KPI may be named after."""
PARTS: Final = ("_numerator", "_denominator")
"""What a wide file's headings add to a KPI's short name."""
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class KpiFacts(Facts):
    """Everything somebody may say of a KPI."""

    slug: str
    name: str
    family: KpiFamily
    unit: KpiUnit
    direction: KpiDirection
    aggregation: KpiAggregation
    currency: str = ""
    target: float | None = None
    window_days: int = 365
    half_life_days: int = 365
    source: str = ""
    formula: str = ""
    is_scored: bool = True


def facts_of(definition: KpiDefinition) -> KpiFacts:
    """Return what is stored."""
    return KpiFacts(
        slug=definition.slug,
        name=definition.name,
        family=definition.family,
        unit=definition.unit,
        direction=definition.direction,
        aggregation=definition.aggregation,
        currency=definition.currency,
        target=definition.target,
        window_days=definition.window_days,
        half_life_days=definition.half_life_days,
        source=definition.source,
        formula=definition.formula,
        is_scored=definition.is_scored,
    )


def problems_of(facts: KpiFacts) -> list[Problem]:
    """List what is wrong with a definition on its own; each place is the field's name."""
    found = {
        "slug": _about_slug(facts.slug),
        "name": _about_length(facts.name, LONGEST_NAME, is_required=True),
        "source": _about_length(facts.source, LONGEST_SOURCE, is_required=False),
        "currency": _about_currency(facts),
        "target": _about_target(facts),
        "window_days": _about_days(facts.window_days),
        "half_life_days": _about_days(facts.half_life_days),
    }
    return [Problem(field, message) for field, message in found.items() if message]


def _about_slug(slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        return (
            "Use 1 to 64 of a-z, 0-9 and _, beginning with a letter: conditions and formulas name"
            " it kpi.on_time."
        )
    if slug in COLUMNS or slug.endswith(PARTS):
        return f"{slug} is what a column of observation files is called. Choose another short name."
    return ""


def _about_length(text: str, most: int, *, is_required: bool) -> str:
    fewest = 1 if is_required else 0
    if not fewest <= len(text) <= most:
        return f"Write {fewest} to {most} characters."
    return ""


def _about_currency(facts: KpiFacts) -> str:
    if facts.unit is KpiUnit.MONEY and not is_currency(facts.currency):
        return "Money needs its three-letter currency code, as in EUR."
    if facts.unit is not KpiUnit.MONEY and facts.currency:
        return "Only money has a currency. Leave this empty, or choose the unit money."
    return ""


def _about_target(facts: KpiFacts) -> str:
    if facts.target is None:
        return ""
    if not math.isfinite(facts.target) or abs(facts.target) > LARGEST:
        return "Write a number."
    if facts.unit is KpiUnit.SHARE and not 0 <= facts.target <= 1:
        return "A share lies between 0 and 1. Write 0.95 for 95 %."
    return ""


def _about_days(days: int) -> str:
    return "" if 1 <= days <= MOST_DAYS else f"Write a number of days from 1 to {MOST_DAYS}."
