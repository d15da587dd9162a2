"""The migrations build what the models describe, and take it away again."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from surveyapp.app import create_app
from surveyapp.extensions import db, writing_engine
from surveyapp.queueing.huey_queue import HueyQueue
from surveyapp.queueing.inline import InlineQueue
from surveyapp.resources import bundled
from surveyapp.settings import Settings
from tests.conftest import new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    environ = {"SURVEYAPP_HOME": str(tmp_path)}
    if request.param == "postgresql":
        environ["SURVEYAPP_DATABASE_URL"] = new_database(request.getfixturevalue("postgres"))
    app = create_app(Settings.from_env(environ), queue=InlineQueue())
    flask_migrate.Migrate(app, db, directory=str(bundled("migrations")))
    with app.app_context():
        yield app
        db.session.rollback()
        db.engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_gives_the_models_down_leaves_nothing_and_up_again_works(app: Flask) -> None:
    flask_migrate.upgrade()
    assert tables() == set(db.metadata.tables)
    flask_migrate.check()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    flask_migrate.check()


def test_a_difference_to_the_models_is_found(app: Flask) -> None:
    flask_migrate.upgrade()
    with writing_engine().begin() as connection:
        connection.execute(text("ALTER TABLE wave ADD COLUMN forgotten INTEGER"))
    with pytest.raises(SystemExit):
        flask_migrate.check()


def test_tables_of_the_queue_are_not_the_migrations_concern(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        assert Settings.from_env().queue_path != db.engine.url.database
        return
    flask_migrate.upgrade()
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    queue = HueyQueue.in_postgres(address)
    assert not queue.wait(0.2)
    queue.close()
    assert any(name.startswith("wake_") for name in tables())
    flask_migrate.check()


def test_a_migration_that_fails_leaves_nothing_half_done(app: Flask) -> None:
    with writing_engine().begin() as connection:
        # the last table of the first migration is in the way
        connection.execute(text("CREATE TABLE scorecard (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        flask_migrate.upgrade()
    assert tables() == {"scorecard"}


def test_every_constraint_has_a_name_also_one_longer_than_postgresql_takes(app: Flask) -> None:
    flask_migrate.upgrade()
    found = inspect(db.engine)
    assert max(len(str(each.name)) for each in db.metadata.tables["relationship"].constraints) > 63
    for name, table in db.metadata.tables.items():
        unique = {each["name"] for each in found.get_unique_constraints(name)}
        foreign = {each["name"] for each in found.get_foreign_keys(name)}
        named = unique | foreign
        assert len(named) == len(unique) + len(foreign)
        assert all(named), "a constraint without a name cannot be dropped later"
        assert len(foreign) == len(table.foreign_key_constraints)


def test_the_named_head_is_the_only_one() -> None:
    heads = ScriptDirectory(str(bundled("migrations"))).get_heads()
    assert heads == [(bundled("migrations") / "head.txt").read_text(encoding="utf-8").strip()]
