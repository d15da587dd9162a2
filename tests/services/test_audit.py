"""The audit trail: one chain a programme, in which no later change goes unseen."""

from collections.abc import Callable, Sequence
from datetime import timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from surveyapp.extensions import reading, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.services import audit, programmes
from tests import factories
from tests.factories import AT


def write(number: int, slug: str = "kestrin") -> None:
    at = (AT + timedelta(seconds=number)).astimezone(timezone(timedelta(hours=2)))
    with transaction() as session:
        owner = programmes.find(session, slug)
        audit.record(
            session, owner, "tried", subject=f"n:{number}", by="test", at=at, n=number, note="ü"
        )


def first_broken(slug: str = "kestrin") -> int | None:
    with reading() as session:
        event = audit.first_broken(session, programmes.find(session, slug))
        return event.number if event else None


@pytest.fixture
def trail(app: Flask) -> None:
    with transaction() as session:
        factories.make_programme(session)
        factories.make_programme(session, "other")
    for number in range(2, 7):
        write(number)
        write(number, "other")


@pytest.mark.usefixtures("trail")
def test_a_chain_left_alone_holds() -> None:
    assert first_broken() is None
    with reading() as session:
        owner = programmes.find(session, "kestrin")
        numbers = select(AuditEvent.number).where(AuditEvent.programme_id == owner.id)
        assert sorted(session.scalars(numbers)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "nobody"},
        {"action": "else"},
        {"subject": "n:9"},
        {"details": {"n": 9, "note": "ü"}},
        {"at": AT},
        {"previous_hash": "1" * 64},
        {"hash": "1" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.usefixtures("trail")
def test_a_changed_event_is_found(change: dict[str, object]) -> None:
    with transaction() as session:
        owner = programmes.find(session, "kestrin")
        here = (AuditEvent.programme_id == owner.id) & (AuditEvent.number == 4)
        session.execute(update(AuditEvent).where(here).values(**change))
    assert first_broken() == 4
    assert first_broken("other") is None


@pytest.mark.usefixtures("trail")
def test_a_removed_event_is_found_even_when_the_rest_is_numbered_anew() -> None:
    with transaction() as session:
        owner = programmes.find(session, "kestrin")
        mine = AuditEvent.programme_id == owner.id
        session.execute(delete(AuditEvent).where(mine, AuditEvent.number == 3))
    assert first_broken() == 4
    for number in (4, 5, 6):
        with transaction() as session:
            session.execute(
                update(AuditEvent)
                .where(mine, AuditEvent.number == number)
                .values(number=number - 1)
            )
    assert first_broken() == 3


@pytest.mark.usefixtures("trail")
def test_writers_at_once_keep_one_chain(
    at_once: Callable[[Sequence[Callable[[], object]]], list[object]],
) -> None:
    found = at_once([lambda n=number: write(n) for number in range(10, 30)])  # type: ignore[misc] # defaults bind the number
    assert found == [None] * 20
    assert first_broken() is None
