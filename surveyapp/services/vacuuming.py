"""Wiping what a database keeps of deleted rows: free pages, dead tuples, logs, samples, order."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from surveyapp.errors import Unavailable
from surveyapp.models.base import Base
from surveyapp.models.handouts import AnswerCopy
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.referrals import Referral
from surveyapp.models.responses import DraftAnswer, HeldPage, Response, SavedSection
from surveyapp.models.uploads import UploadedFile

CarryOut = Callable[[str], Sequence[Any]]
"""Carries out a statement outside any transaction and returns its rows."""
_MODELS: Final[Sequence[type[Base]]] = (
    *(Response, DraftAnswer, SavedSection, HeldPage),
    *(AnswerCopy, UploadedFile, Assignment, Invitation, Referral),
)
_PATIENCE_SECONDS: Final = 30.0
_LOCK_SECONDS: Final = 5
"""Respondents wait behind whoever waits for a whole table: not longer than that at a time."""


def vacuum(
    housekeeping: Callable[[], AbstractContextManager[CarryOut]], *, is_sqlite: bool
) -> None:
    """Make sure that nothing deleted from the tables of answers can be read from the database's files.

    Needs each table for itself for a moment. It can be run again, and changes nothing then.

    Raises
    ------
    Unavailable
        Somebody reads or writes so long that it could not be done; trying again may help.
    """
    with housekeeping() as carry_out:
        if is_sqlite:
            _rebuild_file(carry_out)
            return
        carry_out(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        for model in _MODELS:
            _rewrite_table(carry_out, Base.metadata.tables[model.__tablename__])


def _rebuild_file(carry_out: CarryOut) -> None:
    """Write the file anew, then empty the log beside it, which still holds the pages of before."""
    carry_out("VACUUM")
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        [(is_busy, _, _)] = carry_out("PRAGMA wal_checkpoint(TRUNCATE)")
        if not is_busy:
            return
        if time.monotonic() > until:
            raise Unavailable(
                "Somebody reads the database all the time, so its log could not be emptied yet."
            )
        time.sleep(0.1)


def _rewrite_table(carry_out: CarryOut, table: Table) -> None:
    """Write a table anew in the order of its random keys, without its dead rows; sample it again.

    VACUUM FULL would keep the order in which rows were last written: that of answering.
    """
    carry_out(f"CLUSTER {table.name} USING pk_{table.name}")
    carry_out(f"ANALYZE {table.name}")
    if not carry_out(f"SELECT 1 FROM {table.name} LIMIT 1"):  # noqa: S608 a name of our own tables
        _forget_samples(carry_out, table)


def _forget_samples(carry_out: CarryOut, table: Table) -> None:
    """Drop the planner's samples: of an empty table it keeps those of the rows that were there.

    Giving a column the type it has drops them in every version of PostgreSQL, without a superuser.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's factory has no types
    for column in table.columns:
        kind = column.type.dialect_impl(dialect).compile(dialect=dialect)
        carry_out(f"ALTER TABLE {table.name} ALTER COLUMN {column.name} TYPE {kind}")
