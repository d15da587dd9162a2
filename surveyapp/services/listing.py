"""One page of a long list: sorted, counted, cut, with one query or two however long the list is."""

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

    Empty values come last in either direction. An order nobody knows is the first one's. Rows are
    counted along with being found: to look for them twice costs twice. ``counted`` finds as many
    rows at once where an index holds all that is asked. The query must not be DISTINCT.
    """
    if order.column not in columns:
        order = Order(next(iter(columns)))
    column = columns[order.column]
    ties = tie if isinstance(tie, Sequence) else (tie,)
    ordered = query.order_by(
        column.desc().nulls_last() if order.is_descending else column.asc().nulls_last(), *ties
    )
    number = max(1, number)
    if counted is None:
        along = ordered.add_columns(func.count().over().label("rows_in_all"))
        rows = session.execute(_cut(along, number)).all()
        if rows or number == 1:
            total = rows[0][-1] if rows else 0
            return Page(rows, total, number, order)
    everything = (query if counted is None else counted).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(everything)) or 0
    number = min(number, max(1, -(-total // SIZE)))
    return Page(session.execute(_cut(ordered, number)).all(), total, number, order)


def _cut(query: Select[*tuple[Any, ...]], number: int) -> Select[*tuple[Any, ...]]:
    return query.limit(SIZE).offset((number - 1) * SIZE)
