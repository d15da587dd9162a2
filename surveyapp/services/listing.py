"""One page of a long list: sorted, counted, cut, with two queries however long the list is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

T = TypeVar("T")
U = TypeVar("U")
SIZE: Final = 50
"""Rows on one page."""
Sortable = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Order:
    """By which column a list is sorted."""

    column: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and where they stand in it."""

    rows: Sequence[T]
    total: int
    number: int
    """Counts from 1; a number beyond the end is the last page."""
    order: Order

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // SIZE))

    @property
    def first(self) -> int:
        """Position of the first row shown, from 1."""
        return (self.number - 1) * SIZE + 1

    @property
    def last(self) -> int:
        """Position of the last row shown."""
        return self.first + len(self.rows) - 1

    def with_rows(self, rows: Sequence[U]) -> "Page[U]":
        """Return the same place in the list with other rows: what was read, made ready to show."""
        return Page(rows, self.total, self.number, self.order)


def paged(
    session: Session,
    query: Select[*tuple[Any, ...]],
    *,
    columns: Mapping[str, Sortable],
    order: Order,
    number: int,
    tie: Sortable | Sequence[Sortable],
    counted: Select[*tuple[Any, ...]] | None = None,
) -> Page[Row[*tuple[Any, ...]]]:
    """Return one page of a query's rows; ``tie`` makes the order whole where values are equal.

    Empty values come last in either direction. An order nobody knows is the first one's. ``counted``
    finds as many rows as the query without what only the order needs.
    """
    if order.column not in columns:
        order = Order(next(iter(columns)))
    everything = (query if counted is None else counted).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(everything)) or 0
    number = min(max(1, number), max(1, -(-total // SIZE)))
    column = columns[order.column]
    ties = tie if isinstance(tie, Sequence) else (tie,)
    sorted_query = query.order_by(
        column.desc().nulls_last() if order.is_descending else column.asc().nulls_last(), *ties
    )
    rows = session.execute(sorted_query.limit(SIZE).offset((number - 1) * SIZE)).all()
    return Page(rows, total, number, order)
