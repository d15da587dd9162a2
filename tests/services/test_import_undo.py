"""Undoing an import: the rows are as before, or nothing is touched and every reason is named."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused
from surveyapp.extensions import writing_engine
from surveyapp.models.accounts import Contact, Organisation, Relationship
from surveyapp.models.audit import AuditEvent
from surveyapp.models.imports import ImportBatch, ImportChange, ImportState
from surveyapp.models.invitations import Omission, OmissionReason
from surveyapp.models.people import Membership, Role
from surveyapp.models.programmes import Programme
from surveyapp.services import audit, import_undo, members, users
from surveyapp.services.account_sheets import Sheet
from tests.factories import (
    annual_survey,
    make_contact,
    make_organisation,
    make_part,
    make_programme,
    make_relationship,
    make_wave,
)
from tests.services.import_files import AT, FILES, rows, store

LATER = AT + timedelta(hours=1)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with Session(writing_engine()) as session:
        yield session


@pytest.fixture
def programme(session: Session) -> Programme:
    return make_programme(session)


def undo(session: Session, programme: Programme, batch: ImportBatch) -> import_undo.Undo:
    return import_undo.undo(session, programme, batch.id, by="test", at=LATER)


def reasons(session: Session, programme: Programme, batch: ImportBatch) -> list[str]:
    """Why the undo is refused, having seen that it changed nothing."""
    session.flush()
    before, batch_id = rows(session), batch.id
    with pytest.raises(ImportRefused) as caught, session.begin_nested():
        undo(session, programme, batch)
    session.expire_all()
    assert rows(session) == before
    batch = session.get_one(ImportBatch, batch_id)
    assert batch.state == ImportState.COMMITTED
    assert import_undo.look(session, batch).reasons == caught.value.problems
    return [str(problem) for problem in caught.value.problems]


def test_a_first_import_leaves_nothing_behind(session: Session, programme: Programme) -> None:
    batch = store(session, programme, FILES)
    done = undo(session, programme, batch)
    assert done.deleted == dict(zip(Sheet, (2, 1, 2, 2), strict=True))
    assert all(found == {} for found in rows(session).values())
    session.expire_all()
    assert (batch.state, batch.undone_at) == (ImportState.UNDONE, LATER)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert event is not None
    assert (event.action, event.details["contacts deleted"]) == ("accounts.import undone", 2)
    assert audit.first_broken(session, programme) is None


def test_every_changed_value_returns(session: Session, programme: Programme) -> None:
    store(session, programme, FILES)
    before = rows(session)
    batch = store(
        session,
        programme,
        {
            "organisations": "reference,name\na1,Aldermere plc\nb1,Brook\n",
            "relationships": "buyer,supplier,annual value,currency,renewal on,segment\na1,us,,,,\n",
            "stakeholders": "email,buyer,supplier,function,influence,raci,from on\n"
            "tomas@aldermere.example,a1,us,user,uses,,2026-02-02\n",
        },
        at=AT + timedelta(minutes=1),
    )
    assert rows(session) != before
    seen = import_undo.look(session, batch)
    assert (seen.deleted[Sheet.ORGANISATIONS], seen.restored[Sheet.RELATIONSHIPS]) == (1, 1)
    undo(session, programme, batch)
    assert rows(session) == before


def test_an_import_that_changed_nothing_is_undone_without_effect(
    session: Session, programme: Programme
) -> None:
    store(session, programme, FILES)
    before = rows(session)
    batch = store(session, programme, FILES, at=AT + timedelta(minutes=1))
    assert (
        session.scalars(select(ImportChange).where(ImportChange.batch_id == batch.id)).all() == []
    )
    undo(session, programme, batch)
    assert rows(session) == before


def test_an_import_is_undone_once(session: Session, programme: Programme) -> None:
    batch = store(session, programme, FILES)
    undo(session, programme, batch)
    with pytest.raises(Conflict, match="is undone"):
        undo(session, programme, batch)


def test_rows_changed_since_are_all_named(session: Session, programme: Programme) -> None:
    batch = store(session, programme, FILES)
    for contact in session.scalars(select(Contact)):
        contact.name += " the Younger"
    assert sorted(reasons(session, programme, batch)) == [
        "maren@kestrin.example: was changed since: name.",
        "tomas@aldermere.example: was changed since: name.",
    ]


def test_a_change_to_another_value_does_not_stand_in_the_way(
    session: Session, programme: Programme
) -> None:
    store(session, programme, FILES)
    batch = store(
        session,
        programme,
        {"organisations": "reference,name\na1,Aldermere plc\n"},
        at=AT + timedelta(minutes=1),
    )
    organisation = session.scalars(select(Organisation).where(Organisation.reference == "a1")).one()
    organisation.country = "FR"
    session.flush()
    undo(session, programme, batch)
    session.expire_all()
    assert (organisation.name, organisation.country) == ("Aldermere Foods", "FR")


def test_whatever_was_built_on_new_rows_is_named(session: Session, programme: Programme) -> None:
    batch = store(session, programme, FILES)
    organisations = {o.reference: o for o in session.scalars(select(Organisation))}
    tomas = session.scalars(select(Contact).where(Contact.name == "Tomas Vey")).one()
    other = make_organisation(session, programme, "other")
    make_relationship(session, other, organisations["us"])
    newcomer = make_contact(session, organisations["a1"], "New Comer")
    make_part(session, newcomer, session.scalars(select(Relationship)).first())
    wave = make_wave(session, programme, annual_survey())
    session.add(
        Omission(
            programme_id=programme.id,
            wave_id=wave.id,
            contact_id=tomas.id,
            reason=OmissionReason.ASKED_LATELY,
            created_at=AT,
        )
    )
    tomas.opted_out_at = AT
    found = reasons(session, programme, batch)
    assert "us: is in a relationship that was added since." in found
    assert "a1: has people who were added since." in found
    assert "tomas@aldermere.example: is on the list of a wave." in found
    assert "tomas@aldermere.example: asked not to be asked." in found
    assert any("has a stakeholder who was added since" in reason for reason in found)


def test_a_later_import_is_named_and_both_go_in_turn(
    session: Session, programme: Programme
) -> None:
    first = store(session, programme, FILES)
    second = store(
        session,
        programme,
        {"organisations": "reference,name\na1,Aldermere plc\n"},
        at=AT + timedelta(minutes=1),
    )
    found = reasons(session, programme, first)
    assert "a1: was changed by the import of 2026-03-01 09:01 UTC. Undo that one first." in found
    undo(session, programme, second)
    undo(session, programme, first)
    assert all(found == {} for found in rows(session).values())


def test_a_row_that_is_gone_is_named(session: Session, programme: Programme) -> None:
    batch = store(session, programme, {"organisations": FILES["organisations"]})
    session.execute(delete(Organisation).where(Organisation.reference == "a1"))
    (reason,) = reasons(session, programme, batch)
    assert reason.endswith("is gone.")


def test_a_manager_who_left_cannot_return(session: Session, programme: Programme) -> None:
    people = {}
    for name in ("ann", "bo"):
        user = users.create(session, email=f"{name}@k.example", name=name, at=AT)
        members.join(session, programme, user, Role.RELATIONSHIP_MANAGER, by="test", at=AT)
        people[name] = user
    named = "buyer,supplier,manager\na1,us,{}@k.example\n"
    store(session, programme, {**FILES, "relationships": named.format("Ann")})
    assert session.scalars(select(Relationship.manager_id)).one() == people["ann"].id
    batch = store(
        session, programme, {"relationships": named.format("bo")}, at=AT + timedelta(minutes=1)
    )
    session.execute(delete(Membership).where(Membership.user_id == people["ann"].id))
    assert reasons(session, programme, batch) == [
        "a1 and us: had a manager who is no member any more."
    ]


def test_somebody_at_work_at_the_new_company_stays_there(
    session: Session, programme: Programme
) -> None:
    files = {name: FILES[name] for name in ("organisations", "contacts", "relationships")}
    store(session, programme, files)
    batch = store(
        session,
        programme,
        {"contacts": "email,name,organisation\ntomas@aldermere.example,Tomas Vey,us\n"},
        at=AT + timedelta(minutes=1),
    )
    store(
        session,
        programme,
        {
            "stakeholders": "email,buyer,supplier,function,influence\n"
            "tomas@aldermere.example,a1,us,sales,uses\n"
        },
        at=AT + timedelta(minutes=2),
    )
    (reason,) = reasons(session, programme, batch)
    assert "has a part at the company the import moved them to" in reason


NAMES = st.sampled_from(["Aldermere", "Brook", "Zoë & Söhne"])
PEOPLE = st.sampled_from(["ann", "bo", "cy"])
FILLED = st.fixed_dictionaries(
    {},
    optional={
        "organisations": st.lists(st.tuples(st.sampled_from(["us", "a1"]), NAMES), max_size=3),
        "contacts": st.lists(
            st.tuples(PEOPLE, NAMES, st.sampled_from(["us", "a1", "zz"])), max_size=3
        ),
        "relationships": st.lists(
            st.tuples(
                st.sampled_from(["a1", "us"]),
                st.sampled_from(["us", "a1"]),
                st.sampled_from(["", "1", "99999999999.99", "x"]),
                st.dates(date(2026, 1, 1), date(2027, 1, 1)).map(str),
            ),
            max_size=3,
        ),
    },
)
HEADERS = {
    "organisations": "reference,name",
    "contacts": "email,name,organisation",
    "relationships": "buyer,supplier,annual value,currency,renewal on",
}


def written(filled: dict[str, list[tuple[str, ...]]]) -> dict[str, str]:
    files = {}
    for name, found in filled.items():
        lines = []
        for row in found:
            cells = list(row)
            if name == "contacts":
                cells[0] += "@x.example"
            if name == "relationships":
                cells.insert(3, "EUR")
            lines.append(",".join(cells))
        if lines:
            files[name] = "\n".join([HEADERS[name], *lines]) + "\n"
    return files


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=FILLED, second=FILLED)
def test_random_imports_are_whole_repeatable_and_undone(
    app: Flask, first: dict[str, list[tuple[str, ...]]], second: dict[str, list[tuple[str, ...]]]
) -> None:
    with Session(writing_engine()) as session:
        programme = make_programme(session, slug="random")
        base = {"organisations": "reference,name\nus,Us\na1,A\n"}
        store(session, programme, base)
        for number, files in enumerate((written(first), written(second)), start=1):
            if not files:
                continue
            at: datetime = AT + timedelta(minutes=10 * number)
            before = rows(session)
            try:
                batch = store(session, programme, files, at=at)
            except ImportRefused:
                assert rows(session) == before, "refused, and yet something was stored"
                continue
            after = rows(session)
            store(session, programme, files, at=at + timedelta(minutes=1))
            assert rows(session) == after, "the same file again changed something"
            undo(session, programme, batch)
            assert rows(session) == before, "undone, and yet not as before"
        session.rollback()
