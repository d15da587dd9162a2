"""The application a command works with: opened by name, its database looked at first."""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from werkzeug.utils import import_string

from surveyapp.errors import Invalid, Unavailable
from surveyapp.extensions import db, reads_only, state
from surveyapp.resources import bundled

P = ParamSpec("P")
R = TypeVar("R")
APPLICATION = "surveyapp.app:create_app"
"""By name, as a WSGI server asks for it: ``app`` stands above the command line and ties it all."""


def create_application(**parts: Any) -> Flask:  # noqa: ANN401 handed on as they are
    """Build the application from the environment's settings.

    Raises
    ------
    Invalid
        The database's address cannot be used here.
    """
    try:
        app: Flask = import_string(APPLICATION)(**parts)
    except ArgumentError as error:
        raise Invalid(
            f"SURVEYAPP_DATABASE_URL cannot be used: {error}. Write an address such as"
            " postgresql+psycopg://user@host/surveyapp, or leave it out for SQLite."
        ) from error
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("psycopg"):
            raise
        raise Invalid(
            "SURVEYAPP_DATABASE_URL names PostgreSQL, whose driver is not installed."
            " Run: pip install surveyapp[postgres]"
        ) from error
    return app


@contextmanager
def open_application() -> Iterator[Flask]:
    """Enter the application, and let go of its connections at the end, before any fork.

    Raises
    ------
    Unavailable
        The database failed in the middle: a full disk, a file that cannot be written.
    """
    app = create_application()
    with app.app_context():
        try:
            yield app
        except OperationalError as error:
            raise Unavailable(
                f"The database cannot go on: {error.orig}. The step it was at was not stored."
            ) from error
        finally:
            db.session.remove()
            db.engine.dispose()
            state().queue.close()


def with_application(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command inside the application, once its database is known to be ready."""

    @wraps(command)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with open_application():
            require_ready_database()
            return command(*args, **kwargs)

    return inside


def require_ready_database() -> None:
    """Refuse to work on tables of another version than this code's.

    Raises
    ------
    Unavailable
        The database does not answer, or its tables are not those this version needs.
    """
    found, needed = tables_version(), needed_version()
    if not found:
        raise Unavailable("The database has no tables yet. Run: surveyapp database upgrade")
    if found != needed:
        require_known_version(found)
        raise Unavailable(
            f"The database is at {found}, this version needs {needed}. Run: surveyapp database upgrade"
        )
    if not reads_only():
        raise Unavailable(
            "A pooler before PostgreSQL drops the option default_transaction_read_only, without which"
            " pages that read could write. Let it pass the option on, or connect without it."
        )


def require_known_version(found: str) -> None:
    """Refuse tables that this code has no migration for. Raises Unavailable."""
    if not (bundled("migrations") / "versions" / f"{found}.py").is_file():
        raise Unavailable(
            f"The database is at {found}, which this surveyapp does not know: a newer one made it."
            " Install that version again; nothing was changed."
        )


def needed_version() -> str:
    """Return the newest migration this code ships with."""
    return (bundled("migrations") / "head.txt").read_text(encoding="utf-8").strip()


def tables_version() -> str:
    """Return the migration the tables are at; empty when there are none. Raises Unavailable."""
    try:
        return str(
            db.session.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
        )
    except DatabaseError as error:
        if not _answers():
            where = db.engine.url.render_as_string(hide_password=True)
            raise Unavailable(f"The database {where} does not answer: {error.orig}") from error
        return ""
    finally:
        db.session.rollback()


def _answers() -> bool:
    db.session.rollback()
    try:
        db.session.execute(text("SELECT 1"))
    except DatabaseError:
        return False
    return True


def operator() -> str:
    """Who gives the command, for the audit trail."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"cli:{os.getuid()}"
