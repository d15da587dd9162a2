"""How Alembic reaches the application's database. Migrations import no models."""

from alembic import context
from sqlalchemy import Connection

from surveyapp.extensions import db, writing_engine


def _render(kind: str, thing: object, _autogen_context: object) -> str | bool:
    """Write our own column types as the plain ones they store."""
    if kind == "type" and type(thing).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave alone the tables that the queue keeps in the same PostgreSQL database."""
    return not (kind == "table" and str(name).startswith("wake_"))


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        render_item=_render,
        compare_type=True,
        include_name=_is_ours,
        # SQLite can too, now that the engine begins transactions itself: all of it or nothing
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            _require_whole_references(connection)


def _require_whole_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"The migration would leave references to nothing: {broken[:5]}")


def _without_foreign_keys(connection: Connection) -> None:
    """Migrate SQLite, which changes a table by copying it: rows that refer to the old one stay.

    The switch works outside a transaction only, so it is thrown on the driver's own connection.
    """
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        _migrate(connection)
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


with writing_engine().connect() as connection:
    if connection.dialect.name == "sqlite":
        _without_foreign_keys(connection)
    else:
        _migrate(connection)
