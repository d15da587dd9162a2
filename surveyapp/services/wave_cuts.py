"""By what a wave's results will be told apart: declared before the launch, told to respondents, kept."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import InstrumentedAttribute

from surveyapp.models.accounts import Relationship
from surveyapp.models.waves import Wave


class Cut(StrEnum):
    """By what people or relationships are grouped, besides each relationship and all together."""

    FUNCTION = "function"
    SEGMENT = "segment"
    PRODUCT_LINE = "product line"
    SERVICE_TEAM = "service team"
    REGION = "region"


COLUMNS: Final[Mapping[Cut, InstrumentedAttribute[str]]] = MappingProxyType(
    {
        Cut.SEGMENT: Relationship.segment,
        Cut.PRODUCT_LINE: Relationship.product_line,
        Cut.SERVICE_TEAM: Relationship.service_team,
        Cut.REGION: Relationship.region,
    }
)
"""What tells relationships apart; a function tells people apart."""


def declared(wave: Wave) -> tuple[Cut, ...]:
    """Return the cuts a wave's people were told, in the product's order."""
    return tuple(each for each in Cut if each.value in (wave.cuts or ()))


def as_json(cuts: Iterable[Cut]) -> list[str]:
    """Write cuts for ``Wave.cuts``."""
    chosen = set(cuts)
    return [each.value for each in Cut if each in chosen]
