"""Coverage by money: what the relationships are worth that were heard, and those that were not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from surveyapp.models.accounts import Relationship
from surveyapp.services import listing
from surveyapp.services.coverage_promise import Sight
from surveyapp.services.listing import Order, Page

_NOTHING: Final = Decimal(0)


class Grouping(StrEnum):
    """By what relationships are grouped."""

    SEGMENT = "segment"
    REGION = "region"
    SERVICE_TEAM = "service team"
    PRODUCT_LINE = "product line"


COLUMNS: Final[Mapping[Grouping, InstrumentedAttribute[str]]] = MappingProxyType(
    {
        Grouping.SEGMENT: Relationship.segment,
        Grouping.REGION: Relationship.region,
        Grouping.SERVICE_TEAM: Relationship.service_team,
        Grouping.PRODUCT_LINE: Relationship.product_line,
    }
)


@dataclass(frozen=True, slots=True)
class Some:
    """Some relationships and what they are worth a year, all in one currency."""

    relationships: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """The relationships of one group and currency by who was heard from them, as far as told."""

    name: str
    currency: str
    """Empty: no annual value is recorded."""
    all: Some
    heard: Some
    """Somebody has answered."""
    decided: Some
    """Somebody who decides has answered."""
    still: Some
    """Nobody has answered."""
    undecided: Some
    """Deciders were asked and none has answered."""
    silent: Some
    """Still or undecided."""
    untold: Some
    """The promise keeps to itself who answered there: too few were asked."""


_PARTS: Final = ("all", "heard", "decided", "still", "undecided", "silent", "untold")


def by_currency(session: Session, sight: Sight) -> Sequence[Line]:
    """Return a line for each currency, and one for the relationships without a value."""
    rows = session.execute(_lines(sight, None).order_by("currency_code"))
    return [_line(row) for row in rows]


def by_group(
    session: Session, sight: Sight, grouping: Grouping, *, order: Order, number: int
) -> Page[Line]:
    """Return a page of lines by segment, region, service team or product line."""
    query = _lines(sight, COLUMNS[grouping])
    lines = query.subquery()
    columns: dict[str, ColumnElement[Any]] = {
        "value": lines.c.all_value,
        "name": func.lower(lines.c.group_name),
        **{part: lines.c[f"{part}_value"] for part in _PARTS[1:]},
    }
    found = listing.paged(
        session,
        select(lines),
        columns=columns,
        order=order,
        number=number,
        tie=lines.c.group_name + lines.c.currency_code,
    )
    return found.with_rows([_line(row) for row in found.rows])


def _lines(sight: Sight, name: InstrumentedAttribute[str] | None) -> Select[*tuple[Any, ...]]:
    tally = sight.tally()
    told = sight.is_told(tally)
    which: dict[str, ColumnElement[bool]] = {
        "heard": told & (tally.c.answered > 0),
        "decided": sight.is_split_told(tally) & (tally.c.deciders_answered > 0),
        "still": sight.is_still(tally),
        "undecided": sight.has_no_decider(tally),
        "silent": sight.is_silent(tally),
        "untold": ~told,
    }
    currency = case((Relationship.annual_value.is_(None), ""), else_=Relationship.currency)
    # no label is a column's name: PostgreSQL would group by the column
    keys = ["currency_code"] if name is None else ["group_name", "currency_code"]
    return (
        select(
            (literal("") if name is None else name).label("group_name"),
            currency.label("currency_code"),
            func.count().label("all_count"),
            func.coalesce(func.sum(Relationship.annual_value), 0).label("all_value"),
            *(
                func.coalesce(func.sum(case((clause, 1), else_=0)), 0).label(f"{part}_count")
                for part, clause in which.items()
            ),
            *(
                func.coalesce(func.sum(case((clause, Relationship.annual_value))), 0).label(
                    f"{part}_value"
                )
                for part, clause in which.items()
            ),
        )
        .join(tally, tally.c.relationship_id == Relationship.id)
        .group_by(*keys)
    )


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    found = row._mapping  # noqa: SLF001 the public name of a row's columns
    some = {
        part: Some(found[f"{part}_count"], Decimal(found[f"{part}_value"] or _NOTHING))
        for part in _PARTS
    }
    return Line(name=found["group_name"], currency=found["currency_code"], **some)
