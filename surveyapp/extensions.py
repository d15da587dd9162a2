"""What ties Flask to the rest: the database, the forms' guard, and ``transaction()``."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app, g, has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as RequestSession
from flask_wtf.csrf import CSRFProtect
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from surveyapp import turns
from surveyapp.errors import Unavailable
from surveyapp.models.base import Base
from surveyapp.queueing import Queue
from surveyapp.settings import Settings
from surveyapp.storage import Store


class _Looks(RequestSession):
    """``db.session``: reads in a transaction, or each statement by itself where that was asked for."""

    def get_bind(self, *asked: Any, **more: Any) -> Engine | Connection:  # noqa: ANN401 passed on
        alone: Engine | None = g.get("reads_alone") if has_app_context() else None
        return alone if alone is not None else super().get_bind(*asked, **more)


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": _Looks})
csrf = CSRFProtect()

Transaction = Callable[[], AbstractContextManager[Session]]

_ENGINES: Final = "surveyapp.engines"
_RESTED_SECONDS: Final = 1.0
"""A connection to PostgreSQL that rested so long is asked whether it still lives before it is used.

Asking each time costs a respondent's page a tenth of its time. A server is away for longer than this when it
is started again, as a rule; a connection ended while it was hardly used costs one request (docs/decisions/0031).
"""


@dataclass(frozen=True, slots=True)
class State:
    """What the application was built with; services are handed its parts."""

    settings: Settings
    queue: Queue
    store: Store
    limiter: MovingWindowRateLimiter


@dataclass(frozen=True, slots=True)
class _Engines:
    """The application's one engine, with what is said to it on each use; making these anew costs a page 2 %."""

    writes: Engine
    alone: Engine


def state() -> State:
    """Return the running application's settings, queue and store."""
    found: State = current_app.extensions["surveyapp"]
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a fresh session that may write; commit at the end, then wake the workers it asked for.

    On SQLite it begins with BEGIN IMMEDIATE, so what is read in it stays true until the commit: do
    nothing slow inside. Writers wait in a row there. Any error rolls everything back and wakes nobody.
    ``db.session`` is for reading only; a write through it fails on both databases.
    """
    writer = writing_engine()
    with Session(writer, expire_on_commit=False) as session:
        with _turn(writer), session.begin():
            yield session
        if waiting := session.info.pop("wake", []):
            state().queue.wake(waiting)


def _turn(engine: Engine) -> AbstractContextManager[None]:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return nullcontext()
    return turns.turn(Path(f"{engine.url.database}-turn"))


def read_alone() -> None:
    """Let what ``db.session`` reads until the end of the request need no transaction on PostgreSQL.

    A transaction there shows each statement the newest state as well, and costs two trips to the server.
    SQLite keeps its transaction: it is no trip, and all statements see one state.
    """
    if db.engine.dialect.name == "postgresql":
        g.reads_alone = _engines().alone


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a fresh session that may only read, for long looks outside a request."""
    with Session(db.engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def housekeeping() -> Iterator[Callable[[str], Sequence[Any]]]:
    """Yield a function that carries out a statement outside any transaction, and returns its rows.

    For what no transaction may hold, such as VACUUM. On SQLite other writers wait meanwhile.

    Raises
    ------
    Unavailable
        Others were in the way too long.
    """
    writer = writing_engine()
    with _turn(writer), closing(writer.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        connection.detach()  # its settings must not come back to others with the pool
        if writer.dialect.name == "sqlite":
            driver.execute("PRAGMA query_only = OFF")
        else:
            driver.read_only, driver.autocommit = None, True
            # outside a transaction nothing else says that this one writes
            driver.execute("SET default_transaction_read_only = off")

        def carry_out(statement: str) -> Sequence[Any]:
            try:
                done = driver.execute(statement)
            except writer.dialect.loaded_dbapi.OperationalError as error:
                raise Unavailable(f"The database cannot be tidied up now: {error}") from error
            found: Sequence[Any] = done.fetchall() if done.description else []
            return found

        yield carry_out


def connect_database(app: Flask) -> None:
    """Attach the engine and teach SQLite to keep transactions, foreign keys and reads apart."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        is_postgres = engine.dialect.name == "postgresql"
        app.extensions[_ENGINES] = _Engines(
            writes=engine.execution_options(surveyapp_writes=True),
            alone=engine.execution_options(isolation_level="AUTOCOMMIT") if is_postgres else engine,
        )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "begin", _begin_postgres)
            event.listen(engine, "checkin", _note_return)
            event.listen(engine, "checkout", _ask_the_rested(engine))


def engine_options(database_url: str) -> dict[str, Any]:
    """Return the engine options for an address."""
    options: dict[str, Any] = {
        # what people wrote and who they are must not get into a log with a statement that failed
        "hide_parameters": True,
        # the connection used last is lent first: those that read and those that write stay so
        "pool_use_lifo": True,
        # a thread of the pages holds one to read and one to write: none need be opened anew
        "pool_size": 10,
    }
    if database_url.startswith("sqlite"):
        # the driver must not begin transactions by itself: _begin_sqlite does
        return {**options, "connect_args": {"isolation_level": None, "timeout": 30}}
    # what no transaction begins for is only read: the connection itself says so
    asked = make_url(database_url).query.get("options") or os.environ.get("PGOPTIONS", "")
    said = [asked] if isinstance(asked, str) else asked
    session_options = " ".join([*said, "-c default_transaction_read_only=on"])
    return {**options, "connect_args": {"options": session_options}}


def reads_only() -> bool:
    """Tell whether connections are as they were asked for; a pooler between may drop their options."""
    if db.engine.dialect.name == "sqlite":
        return True
    try:
        return bool(db.session.scalar(text("SHOW default_transaction_read_only")) == "on")
    finally:
        db.session.rollback()


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # what was deleted is overwritten, not only taken off the list
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get("surveyapp_writes"))
    # a connection remembers what it may do; told again only when that changes
    if connection.info.get("writes") is not writes:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.info["writes"] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgres(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get("surveyapp_writes"))
    # psycopg sends BEGIN with the first statement and takes this along, without another round trip
    driver: Any = connection.connection.driver_connection
    driver.read_only = not writes


def _note_return(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["returned_at"] = time.monotonic()


def _ask_the_rested(engine: Engine) -> Callable[..., None]:
    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _lent: object) -> None:
        returned_at = entry.info.get("returned_at")
        if returned_at is None or time.monotonic() - returned_at < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return ask


def writing_engine() -> Engine:
    """Return the engine for what writes: ``transaction()``, and migrations outside it."""
    return _engines().writes


def _engines() -> _Engines:
    found: _Engines = current_app.extensions[_ENGINES]
    return found
