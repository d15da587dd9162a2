"""What a respondent's page asks of the database: these numbers may fall, and rise only for a reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from surveyapp import extensions
from surveyapp.cli.application import needed_version, require_ready_database
from surveyapp.errors import Unavailable
from surveyapp.extensions import db, read_alone
from surveyapp.models.waves import Wave
from tests.conftest import make_app, new_database, run_sql
from tests.web.results_world import counted
from tests.web.walker import Walker
from tests.web.world import open_wave

_NO_QUESTIONS = ("BEGIN", "PRAGMA")


@pytest.fixture
def app(app_on_both: Flask) -> Flask:
    return app_on_both


def test_each_page_of_a_journey_asks_the_database_this_often_and_no_more(app: Flask) -> None:
    first, second = open_wave(app, "Tomas Vey", "Ann Berg")
    walker = Walker(app.test_client())
    walker.start(first)  # what is read once per process is read now
    walker.answer(first.at("promises"), delivers="4")
    walker = Walker(app.test_client())
    asked: dict[str, int] = {}

    def count(kind: str, act: Callable[[], Any]) -> Any:
        with counted(app) as statements:
            found = act()
        asked[kind] = sum(not each.startswith(_NO_QUESTIONS) for each in statements)
        return found

    client = walker.client
    count("link", lambda: walker.open(second.link))
    count("start", lambda: client.post(second.link))
    page = count("section", lambda: walker.open(second.at("promises")))
    saved = count("save", lambda: walker.fill(page, delivers="5", fixes_cause="4"))
    assert saved.status_code == 303
    page = walker.open(second.at("promises"))
    again = count("save again", lambda: walker.fill(page, delivers="6", fixes_cause="3"))
    assert again.status_code == 303
    review = count("review", lambda: walker.open(second.at("review")))
    form = review.as_posted()
    sent = count("submit", lambda: client.post(second.at("submit"), data=form))
    assert sent.status_code == 303
    count("receipt", lambda: walker.open(second.at("sent")))
    # PostgreSQL holds the wave, so that it does not close before what is sent is written; a page is saved
    # with the wave and the assignment held by one statement
    holds = 1 if db_name(app) == "postgresql" else 0
    assert asked == {
        "link": 2,
        "start": 7,
        "section": 2,
        "save": 6,
        "save again": 6,
        "review": 2,
        "submit": 7 + holds,
        "receipt": 4,
    }


def db_name(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def test_what_is_read_without_a_transaction_cannot_be_written_either(app: Flask) -> None:
    open_wave(app, "Tomas Vey")
    with app.app_context():
        read_alone()
        wave = db.session.scalars(select(Wave)).one()
        wave.name = "Changed"
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            db.session.commit()
    with app.app_context():
        assert db.session.scalars(select(Wave.name)).one() != "Changed"


def test_a_pooler_that_drops_what_a_connection_was_asked_for_is_refused(
    tmp_path: Path, postgres: str, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=7777")
    address = new_database(postgres, template=postgres_template)
    run_sql(address, "CREATE TABLE alembic_version (version_num text)")
    version = needed_version()
    run_sql(address, f"INSERT INTO alembic_version VALUES ('{version}')")  # noqa: S608 our own name
    app = make_app(tmp_path, SURVEYAPP_DATABASE_URL=address)

    def drop(connection: Any, _entry: object) -> None:
        connection.execute("SET default_transaction_read_only = off")
        connection.commit()

    with app.app_context():
        require_ready_database()
        kept = db.session.scalar(text("SHOW statement_timeout"))
        assert kept == "7777ms", "what the operator asks for holds beside it"
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", drop)
        with pytest.raises(Unavailable, match="pooler"):
            require_ready_database()
        db.session.remove()
        db.engine.dispose()


def test_a_connection_that_rested_and_died_meanwhile_is_replaced_unseen(
    tmp_path: Path, postgres: str, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = new_database(postgres, template=postgres_template)
    app = make_app(tmp_path, SURVEYAPP_DATABASE_URL=address)
    with app.app_context():
        assert db.session.execute(text("SELECT 1")).scalar_one() == 1
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    run_sql(postgres, end_all.format(make_url(address).database))
    monkeypatch.setattr(extensions, "_RESTED_SECONDS", 0.0)
    with app.app_context():
        assert db.session.execute(text("SELECT 2")).scalar_one() == 2
        db.session.remove()
        db.engine.dispose()
