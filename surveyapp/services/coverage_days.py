"""The day of a moment in UTC, counted by both databases alike."""

from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class utc_day(FunctionElement[date]):  # noqa: N801 reads as the function of SQL that it is
    """The day of a moment in UTC."""

    name = "utc_day"
    inherit_cache = True
    type = Date()


@compiles(utc_day)
def _stored_text(element: utc_day, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 the compiler's own
    # SQLite keeps moments as text in UTC, the day first
    return f"date({compiler.process(element.clauses, **kw)})"


@compiles(utc_day, "postgresql")
def _zoned(element: utc_day, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401 the compiler's own
    # a plain cast would use the session's zone
    return f"CAST(timezone('UTC', {compiler.process(element.clauses, **kw)}) AS DATE)"
