"""Programmes: short names that work in addresses, found again, each on its audit trail."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.audit import AuditEvent
from surveyapp.models.base import Base
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, programmes

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def create(session: Session, **changed: str) -> Programme:
    given = {"slug": "abc", "name": "ABC", "locale": "en", "data_note": ""} | changed
    return programmes.create(session, **given, by="test", at=AT)


def test_a_programme_is_found_by_its_short_name(session: Session) -> None:
    made = create(session, name="  ABC \n annual ", locale="de-CH", data_note="sample")
    found = programmes.find(session, "abc")
    assert found is made
    assert (found.name, found.locale, found.data_note) == ("ABC annual", "de-CH", "sample")
    assert programmes.listed(session) == [made]


def test_starting_a_programme_is_on_its_audit_trail(session: Session) -> None:
    made = create(session)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject, event.actor) == ("programme.created", "abc", "test")
    assert audit.first_broken(session, made) is None


@pytest.mark.parametrize("slug", ["", "ABC", "a b", "-a", "a-", "ä", "a" * 65, "a/b"])
def test_a_short_name_that_would_break_addresses_is_refused(session: Session, slug: str) -> None:
    with pytest.raises(Invalid, match="short name"):
        create(session, slug=slug)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "  "), ("name", "x" * 301), ("locale", "klingon"), ("data_note", "x" * 301)],
)
def test_unusable_values_are_refused(session: Session, field: str, value: str) -> None:
    with pytest.raises(Invalid):
        create(session, **{field: value})
    assert programmes.listed(session) == []


def test_a_taken_short_name_is_a_conflict(session: Session) -> None:
    create(session)
    with pytest.raises(Conflict, match="abc"):
        create(session, name="Another")


def test_an_unknown_programme_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="nobody"):
        programmes.find(session, "nobody")
