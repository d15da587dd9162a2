"""Rows by the ten thousand: a benchmark is about what is read or done, not about filling tables."""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Table
from sqlalchemy.orm import Session

from surveyapp.models.base import Base

_CHUNK: Final = 10_000
Row = dict[str, Any]


def prepare(session: Session) -> None:
    """Let SQLite hold more of the file while it is filled; dispose of the engine before measuring."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA cache_size = -400000")


def write(session: Session, model: type[Base], rows: Iterator[Row]) -> None:
    """Insert rows past the object layer; on PostgreSQL by COPY, which its clients use for loads."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is no table.")
    put = _copy if session.get_bind().dialect.name == "postgresql" else _insert
    while chunk := list(islice(rows, _CHUNK)):
        put(session, table, chunk)


def _insert(session: Session, table: Table, rows: list[Row]) -> None:
    """Hand the driver plain values: preparing each by its column's type takes longer than writing it."""
    columns = _columns(table, rows[0])
    marks = ", ".join("?" * len(columns))
    names = ", ".join(columns)
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 our own names
    values = [tuple(map(_for_sqlite, row)) for row in _lines(columns, rows)]
    session.connection().exec_driver_sql(statement, values)


def _copy(session: Session, table: Table, rows: list[Row]) -> None:
    columns = _columns(table, rows[0])
    driver: Any = session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in _lines(columns, rows):
            copy.write_row(list(map(_plain, row)))


def _columns(table: Table, row: Row) -> dict[str, Any]:
    """Return the columns to write, each with what stands in it where a row does not say."""
    defaults = {column.name: _default(column) for column in table.columns}
    return {name: each for name, each in defaults.items() if name in row or each is not None}


def _default(column: Column[Any]) -> Any:  # noqa: ANN401 whatever the column holds
    default = column.default
    if default is None or not default.is_scalar:
        return {} if default is not None and column.name != "id" else None
    return default.arg  # type: ignore[attr-defined] # a scalar default has it


def _lines(columns: dict[str, Any], rows: list[Row]) -> Iterator[list[Any]]:
    wanted = list(columns.items())
    for row in rows:
        yield [row.get(name, default) for name, default in wanted]


def _plain(value: Any) -> Any:  # noqa: ANN401 any column's
    if isinstance(value, Enum):
        return value.value
    return json.dumps(value) if isinstance(value, dict | list) else value


def _for_sqlite(value: Any) -> Any:  # noqa: ANN401 any column's
    """Write a value as the application's types do."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if value is None or isinstance(value, int | float):
        return value
    plain = _plain(value)
    return plain if isinstance(plain, str) else str(plain)
