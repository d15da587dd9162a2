"""A database of an earlier version, with data in it, is brought to this one and keeps every row (F13)."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, insert, select, update

from surveyapp.app import create_app
from surveyapp.extensions import db, writing_engine
from surveyapp.queueing.inline import InlineQueue
from surveyapp.resources import bundled
from surveyapp.settings import Settings
from tests.conftest import new_database

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEYS = {name: uuid.uuid4() for name in ("buyer", "supplier", "person", "asked", "wave", "mail")}


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


def fill_first_version() -> None:
    """One of everything that the second version changes, written as the first one stored it."""
    programme, version = uuid.uuid4(), uuid.uuid4()
    inside = {"programme_id": programme, "created_at": AT}
    rows: dict[str, Any] = {
        "programme": {
            "id": programme,
            "slug": "kestrin",
            "name": "Kestrin",
            "locale": "en",
            "owner": "",
            "data_note": "",
            "created_at": AT,
        },
        "organisation": [
            {"id": KEYS[name], "reference": name, "name": name, "country": "", **inside}
            for name in ("buyer", "supplier")
        ],
        "relationship": {
            "id": uuid.uuid4(),
            "buyer_id": KEYS["buyer"],
            "supplier_id": KEYS["supplier"],
            "product_line": "",
            "service_team": "",
            "region": "",
            "segment": "",
            "currency": "",
            **inside,
        },
        "contact": {
            "id": KEYS["person"],
            "organisation_id": KEYS["buyer"],
            "email": "tomas@buyer.example",
            "name": "Tomas Vey",
            "locale": "en",
            **inside,
        },
        "questionnaire_version": {
            "id": version,
            "programme_id": programme,
            "questionnaire_id": "q",
            "version": 1,
            "sha256": "0" * 64,
            "canonical_json": "{}",
            "published_at": AT,
        },
        "wave": {
            "id": KEYS["wave"],
            "slug": "autumn",
            "name": "Autumn",
            "view": "buyer-on-supplier",
            "questionnaire_version_id": version,
            "state": "open",
            "list_rule": {"side": "buyer", "relationships": "all", "on": "2026-03-02"},
            "closes_at": AT,
            "launched_at": AT,
            **inside,
        },
        "invitation": {
            "id": KEYS["asked"],
            "wave_id": KEYS["wave"],
            "contact_id": KEYS["person"],
            "generation": 1,
            "token_hash": "1" * 64,
            "reason": "procurement",
            **inside,
        },
        "outgoing_mail": {
            "id": KEYS["mail"],
            "invitation_id": KEYS["asked"],
            "step": "invitation",
            "state": "sent",
            "attempts": 1,
            "error": "",
            "sent_at": AT,
            **inside,
        },
    }
    with writing_engine().begin() as connection:
        metadata = MetaData()
        metadata.reflect(connection, only=list(rows))
        for name, values in rows.items():
            each = values if isinstance(values, list) else [values]
            connection.execute(insert(metadata.tables[name]), [as_stored(row) for row in each])


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite keeps a key as 32 letters, and its reflected columns do not say what they are."""
    if db.engine.dialect.name == "postgresql":
        return row
    return {
        name: value.hex if isinstance(value, uuid.UUID) else value for name, value in row.items()
    }


def counts() -> dict[str, int]:
    metadata = MetaData()
    metadata.reflect(db.engine)
    with db.engine.connect() as connection:
        return {
            name: len(connection.execute(select(table)).all())
            for name, table in metadata.tables.items()
            if name != "alembic_version"
        }


def stored(name: str) -> Table:
    return Table(name, MetaData(), autoload_with=db.engine)


def test_rows_of_the_first_version_live_through_every_upgrade_and_back(app: Flask) -> None:
    flask_migrate.upgrade(revision="0001_lay_the_spine")
    fill_first_version()
    before = counts()
    flask_migrate.upgrade()
    after = counts()
    assert {name: after[name] for name in before} == before
    mail = stored("outgoing_mail")
    with db.engine.connect() as connection:
        row = connection.execute(select(mail)).one()
        assert str(row.wave_id).replace("-", "") == KEYS["wave"].hex
        assert row.due_at == row.created_at
        guard = connection.execute(select(stored("wave").c.guard_days)).scalar_one()
        assert guard == 90
        told = connection.execute(select(stored("wave").c.unsent_days)).scalar_one()
        assert told == 30
    flask_migrate.upgrade()  # once more is nothing more
    flask_migrate.downgrade(revision="0001_lay_the_spine")
    assert counts() == before


def test_launched_waves_promise_what_is_set_when_they_are_upgraded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEYAPP_UNSENT_DAYS", "90")
    flask_migrate.upgrade(revision="0001_lay_the_spine")
    fill_first_version()
    wave = stored("wave")
    with writing_engine().begin() as connection:
        row = dict(connection.execute(select(wave)).one()._mapping)
        draft = {"id": as_stored({"id": uuid.uuid4()})["id"], "slug": "winter", "state": "draft"}
        connection.execute(insert(wave).values({**row, **draft, "launched_at": None}))
    flask_migrate.upgrade()
    upgraded = stored("wave")
    with db.engine.connect() as connection:
        told = connection.execute(select(upgraded.c.slug, upgraded.c.unsent_days)).all()
    assert dict(map(tuple, told)) == {"autumn": 90, "winter": None}


def test_states_the_first_version_does_not_know_become_ones_it_does(app: Flask) -> None:
    flask_migrate.upgrade(revision="0001_lay_the_spine")
    fill_first_version()
    flask_migrate.upgrade()
    mail = stored("outgoing_mail")
    with writing_engine().begin() as connection:
        connection.execute(update(mail).values(state="dropped", sent_at=None))
    flask_migrate.downgrade(revision="0001_lay_the_spine")
    with db.engine.connect() as connection:
        assert connection.execute(select(mail.c.state)).scalar_one() == "failed"
