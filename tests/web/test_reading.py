import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from surveyapp.extensions import db, transaction
from surveyapp.models.programmes import Programme
from tests.web.world import open_wave


def test_the_session_of_pages_cannot_write_and_transaction_can(app_on_both: Flask) -> None:
    open_wave(app_on_both, "Tomas Vey")
    rename = text("UPDATE programme SET name = 'changed'")
    with app_on_both.app_context():
        for _ in range(2):  # a connection that was lent to a writer reads only again
            with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
                db.session.execute(rename)
            db.session.rollback()
            with transaction() as session:
                session.execute(rename)
        assert db.session.scalars(select(Programme.name)).one() == "changed"
