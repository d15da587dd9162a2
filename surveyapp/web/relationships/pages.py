"""What the pages about relationships share: their blueprint, how they find one, how they write money."""

import uuid
from decimal import Decimal
from typing import Final

from babel.numbers import format_currency
from flask import Blueprint
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.models.accounts import Relationship
from surveyapp.reports.numbers import Numbers
from surveyapp.services import organisations, relationships
from surveyapp.web import guards
from surveyapp.web.filters import reader_locale

blueprint = Blueprint("relationships", __name__, url_prefix="/p/<programme>/relationships")
_SUGGESTED: Final = 300
"""More names than that make a page heavy; whoever has so many types the name or the reference."""


def find(session: Session, relationship_id: uuid.UUID) -> Relationship:
    """Return the address's relationship. Raises NotFound when the asker may not see it."""
    return relationships.find(session, guards.programme(), relationship_id, actor=guards.actor())


def suggested() -> list[str]:
    """Return the names of organisations that a field suggests."""
    return organisations.suggestions(db.session(), guards.programme(), most=_SUGGESTED)


@blueprint.app_template_filter("short_amount")
def short_amount(amount: Decimal, currency: str) -> str:
    """Write an amount for a column: "€4.2M"."""
    return Numbers(reader_locale()).amount(amount, currency)


@blueprint.app_template_filter("whole_amount")
def whole_amount(amount: Decimal, currency: str) -> str:
    """Write an amount as it is stored, cents only when there are some: "€4,200,000"."""
    is_whole = amount == amount.to_integral_value()
    return format_currency(
        amount,
        currency,
        format="¤#,##0" if is_whole else "¤#,##0.00",
        currency_digits=False,
        locale=reader_locale(),
    )
