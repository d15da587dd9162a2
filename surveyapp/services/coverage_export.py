"""Coverage by relationship as a table for a spreadsheet: what the pages tell and nothing more."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from surveyapp.services import coverage_relationships
from surveyapp.services.coverage_money import Grouping
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.coverage_relationships import Covered

HEADINGS: Final = (
    *("buyer", "supplier", "product_line", "service_team", "region", "segment"),
    *("annual_value", "currency", "renewal_on"),
    *("asked", "answered", "deciders_asked", "deciders_answered", "silent"),
)
NOT_SHOWN: Final = "not shown"


def rows(session: Session, sight: Sight) -> Iterator[list[str]]:
    """Return a row for each relationship in sight, dearest first."""
    for covered in coverage_relationships.every(session, sight):
        yield _row(covered)


def _row(covered: Covered) -> list[str]:
    groups = covered.groups
    return [
        covered.buyer,
        covered.supplier,
        groups[Grouping.PRODUCT_LINE],
        groups[Grouping.SERVICE_TEAM],
        groups[Grouping.REGION],
        groups[Grouping.SEGMENT],
        "" if covered.annual_value is None else f"{covered.annual_value:f}",
        covered.currency,
        covered.renewal_on.isoformat() if covered.renewal_on else "",
        str(covered.asked),
        _told(covered.answered),
        str(covered.deciders_asked),
        _told(covered.deciders_answered) if covered.deciders_asked else "",
        _silent(covered),
    ]


def _told(number: int | None) -> str:
    return NOT_SHOWN if number is None else str(number)


def _silent(covered: Covered) -> str:
    if covered.is_silent:
        return "yes"
    is_known = covered.answered is not None and (
        covered.deciders_answered is not None or not covered.deciders_asked
    )
    return "no" if is_known else NOT_SHOWN
