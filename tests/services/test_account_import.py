"""Account sheets as owners hand them in: all or nothing, every problem with its cell."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from surveyapp.errors import ImportRefused
from surveyapp.extensions import writing_engine
from surveyapp.models.accounts import Contact, Organisation, Relationship, Side, Stakeholder
from surveyapp.models.audit import AuditEvent
from surveyapp.models.programmes import Programme
from surveyapp.services import account_import, programmes
from surveyapp.services.account_import import Counts, Sheet

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)

ORGANISATIONS = """\
reference,name,country
us,Kestrin Logistics,DE
a1,Aldermere Foods,UK
"""
RELATIONSHIPS = """\
buyer,supplier,product line,segment,annual value,currency,renewal on
a1,us,,key,125000.50,eur,2026-12-31
"""
CONTACTS = """\
email,name,organisation,locale
tomas@aldermere.example,Tomas Vey,a1,
maren@kestrin.example,Maren Holt,us,de
"""
STAKEHOLDERS = """\
email,buyer,supplier,side,function,influence,raci,from on,until on
Tomas@aldermere.example,a1,us,buyer,procurement,decides,accountable,2026-01-01,
maren@kestrin.example,a1,us,,Sales,influences,,,
"""
FILES = {
    "organisations.csv": ORGANISATIONS,
    "relationships.csv": RELATIONSHIPS,
    "contacts.csv": CONTACTS,
    "stakeholders.csv": STAKEHOLDERS,
}


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with Session(writing_engine()) as session:
        yield session


@pytest.fixture
def programme(session: Session) -> Programme:
    return programmes.create(
        session, slug="kestrin", name="Kestrin", locale="en", data_note="", by="test", at=AT
    )


def read(files: dict[str, str]) -> dict:
    return account_import.read_files({name: text.encode() for name, text in files.items()})


def store(session: Session, programme: Programme, files: dict[str, str]) -> account_import.Preview:
    return account_import.commit(session, programme, read(files), by="test", at=AT)


def problems(session: Session, programme: Programme, **changed: str) -> list[str]:
    """Change files of the good set; what preview says, having seen that commit stores nothing."""
    files = {**FILES, **{f"{name}.csv": text for name, text in changed.items()}}
    tables = read({name: text for name, text in files.items() if text})
    before = rows(session)
    with pytest.raises(ImportRefused) as caught:
        account_import.commit(session, programme, tables, by="test", at=AT)
    assert rows(session) == before
    found = account_import.preview(session, programme, tables).problems
    assert caught.value.problems == found
    return [str(problem) for problem in found]


def rows(session: Session) -> list[int]:
    models = (Organisation, Relationship, Contact, Stakeholder, AuditEvent)
    return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def test_four_files_are_stored_with_every_value(session: Session, programme: Programme) -> None:
    done = store(session, programme, FILES)
    assert done.counts == {
        Sheet.ORGANISATIONS: Counts(2, 0, 0),
        Sheet.RELATIONSHIPS: Counts(1, 0, 0),
        Sheet.CONTACTS: Counts(2, 0, 0),
        Sheet.STAKEHOLDERS: Counts(2, 0, 0),
    }
    relationship = session.scalars(select(Relationship)).one()
    assert relationship.annual_value == Decimal("125000.50")
    assert (relationship.currency, relationship.renewal_on) == ("EUR", date(2026, 12, 31))
    parts = {part.function: part for part in session.scalars(select(Stakeholder))}
    assert parts["procurement"].side == Side.BUYER
    assert parts["sales"].side == Side.SUPPLIER, "an empty side follows from the organisation"
    assert parts["procurement"].from_on == date(2026, 1, 1)
    locales = {contact.email: contact.locale for contact in session.scalars(select(Contact))}
    assert locales == {"tomas@aldermere.example": "en", "maren@kestrin.example": "de"}


def test_preview_counts_and_stores_nothing(session: Session, programme: Programme) -> None:
    before = rows(session)
    seen = account_import.preview(session, programme, read(FILES))
    assert seen.problems == []
    assert seen.counts[Sheet.CONTACTS] == Counts(2, 0, 0)
    assert rows(session) == before


def test_the_import_is_on_the_audit_trail_with_the_files_hash(
    session: Session, programme: Programme
) -> None:
    store(session, programme, FILES)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert event is not None
    assert event.action == "accounts.imported"
    assert event.details["contacts new"] == 2
    assert len(event.details["contacts sha256"]) == 64


def test_importing_twice_changes_nothing(session: Session, programme: Programme) -> None:
    store(session, programme, FILES)
    again = store(session, programme, FILES)
    assert again.counts[Sheet.RELATIONSHIPS] == Counts(0, 0, 1)
    assert again.counts[Sheet.STAKEHOLDERS] == Counts(0, 0, 2)


def test_reimport_updates_by_key_and_keeps_columns_not_in_the_file(
    session: Session, programme: Programme
) -> None:
    store(session, programme, FILES)
    key = session.scalars(select(Contact.id).where(Contact.name == "Tomas Vey")).one()
    done = store(
        session,
        programme,
        {
            "organisations.csv": "reference,name\na1,Aldermere Foods plc\n",
            "relationships.csv": "buyer,supplier,segment\na1,us,\n",
            "contacts.csv": "email,name,organisation\nTOMAS@aldermere.example,Tomas Vey-Lind,a1\n",
        },
    )
    assert done.counts[Sheet.ORGANISATIONS] == Counts(0, 1, 0)
    session.expire_all()
    organisation = session.scalars(select(Organisation).where(Organisation.reference == "a1")).one()
    assert (organisation.name, organisation.country) == ("Aldermere Foods plc", "UK")
    relationship = session.scalars(select(Relationship)).one()
    assert relationship.segment == "", "an empty cell clears"
    assert relationship.annual_value == Decimal("125000.50"), "a column that is not there keeps"
    contact = session.get_one(Contact, key)
    assert (contact.email, contact.name) == ("tomas@aldermere.example", "Tomas Vey-Lind")


def test_a_later_file_may_name_what_is_already_stored(
    session: Session, programme: Programme
) -> None:
    store(session, programme, {"organisations.csv": ORGANISATIONS})
    store(session, programme, {"relationships.csv": RELATIONSHIPS, "contacts.csv": CONTACTS})
    done = store(session, programme, {"stakeholders.csv": STAKEHOLDERS})
    assert done.counts == {Sheet.STAKEHOLDERS: Counts(2, 0, 0)}


def test_other_programmes_are_out_of_sight(session: Session, programme: Programme) -> None:
    store(session, programme, FILES)
    other = programmes.create(
        session, slug="other", name="Other", locale="en", data_note="", by="test", at=AT
    )
    with pytest.raises(ImportRefused) as caught:
        store(session, other, {"contacts.csv": CONTACTS})
    assert "no organisation 'a1'" in str(caught.value.problems[0])


def test_formulas_are_kept_as_text(session: Session, programme: Programme) -> None:
    store(session, programme, {"organisations.csv": 'reference,name\na1,"=1+1"\n'})
    assert session.scalars(select(Organisation.name)).one() == "=1+1"


def test_narrowed_relationships_are_told_apart(session: Session, programme: Programme) -> None:
    done = store(
        session,
        programme,
        {
            **FILES,
            "relationships.csv": "buyer,supplier,region\na1,us,North\na1,us,South\n",
            "stakeholders.csv": (
                "email,buyer,supplier,region,function,influence\n"
                "tomas@aldermere.example,a1,us,North,user,uses\n"
                "tomas@aldermere.example,a1,us,South,user,uses\n"
            ),
        },
    )
    assert done.counts[Sheet.STAKEHOLDERS] == Counts(2, 0, 0)


BROKEN = {
    "an unknown column gets a guess": (
        {"contacts": "e-mail adress,email,nam,organisation\n,x@y.example,X,a1\n"},
        ["contacts.csv:1", "contacts.csv!A1", "contacts.csv!C1"],
        "Did you mean name?",
    ),
    "a missing column is named": (
        {"contacts": "email,name\nx@y.example,X\n"},
        ["contacts.csv:1"],
        "'organisation' is missing",
    ),
    "an empty cell that each row needs": (
        {"contacts": CONTACTS + "x@y.example,,a1,\n"},
        ["contacts.csv!B4"],
        "is empty",
    ),
    "a bad address": (
        {"contacts": CONTACTS + '"Jo <jo@y.example>",Jo,a1,\n'},
        ["contacts.csv!A4"],
        "jo@example.com",
    ),
    "an unknown function, influence and RACI": (
        {
            "stakeholders": STAKEHOLDERS.splitlines()[0]
            + "\ntomas@aldermere.example,a1,us,,procurment,decide,R,,\n"
        },
        ["stakeholders.csv!E2", "stakeholders.csv!F2", "stakeholders.csv!G2"],
        "Did you mean procurement?",
    ),
    "an unknown side": (
        {"stakeholders": STAKEHOLDERS + "tomas@aldermere.example,a1,us,seller,it,uses,,,\n"},
        ["stakeholders.csv!A4", "stakeholders.csv!D4"],
        "Use one of: buyer, supplier",
    ),
    "an unknown organisation": (
        {"contacts": CONTACTS + "x@y.example,X,A1,\n"},
        ["contacts.csv!C4"],
        "small and capital letters differ",
    ),
    "a doubled row names both": (
        {"contacts": CONTACTS + "TOMAS@aldermere.example,T,a1,\n"},
        ["contacts.csv!A4"],
        "the first is contacts.csv!A2",
    ),
    "a contact of neither side": (
        {
            "organisations": ORGANISATIONS + "b2,Bystander,\n",
            "contacts": CONTACTS + "b@b.example,B,b2,\n",
            "stakeholders": STAKEHOLDERS + "b@b.example,a1,us,,it,uses,,,\n",
        },
        ["stakeholders.csv!A4"],
        "neither organisation",
    ),
    "a bad date and a bad amount": (
        {"relationships": RELATIONSHIPS.splitlines()[0] + '\na1,us,,,"125,000",EUR,31.12.2026\n'},
        ["relationships.csv!E2", "relationships.csv!G2"],
        "year-month-day",
    ),
    "a day that is not in the calendar": (
        {"relationships": RELATIONSHIPS.replace("2026-12-31", "2026-02-30")},
        ["relationships.csv!G2"],
        "not in the calendar",
    ),
    "a value without currency": (
        {"relationships": RELATIONSHIPS.replace(",eur,", ",,")},
        ["relationships.csv!E2"],
        "has no currency",
    ),
    "a currency nobody has": (
        {"relationships": RELATIONSHIPS.replace(",eur,", ",EURO,")},
        ["relationships.csv!F2"],
        "three-letter code",
    ),
    "a language nobody speaks": (
        {"contacts": CONTACTS.replace(",de\n", ",german\n")},
        ["contacts.csv!D3"],
        "language tag",
    ),
    "a text that is too long": (
        {"organisations": ORGANISATIONS + "x," + "n" * 301 + ",\n"},
        ["organisations.csv!B4"],
        "at most 300",
    ),
    "a line break in a name": (
        {"organisations": ORGANISATIONS + 'x,"two\nlines",\n'},
        ["organisations.csv!B4"],
        "line break",
    ),
    "an invisible character in a key": (
        {"organisations": ORGANISATIONS + "x\u200b,Brook,\n"},
        ["organisations.csv!A4"],
        "invisible character (U+200B)",
    ),
    "a buyer that is its own supplier": (
        {"relationships": RELATIONSHIPS.replace("a1,us", "us,us"), "stakeholders": ""},
        ["relationships.csv!B2"],
        "two organisations",
    ),
    "a part in a relationship that is not there": (
        {"stakeholders": STAKEHOLDERS + "maren@kestrin.example,us,a1,,sales,uses,,,\n"},
        ["stakeholders.csv!B4"],
        "no relationship of buyer 'us'",
    ),
    "a part of somebody unknown": (
        {"stakeholders": STAKEHOLDERS + "x@y.example,a1,us,,sales,uses,,,\n"},
        ["stakeholders.csv!A4"],
        "Add the person to the contacts",
    ),
    "a part that ends before it starts": (
        {"stakeholders": STAKEHOLDERS.replace("2026-01-01,", "2026-01-01,2025-01-01")},
        ["stakeholders.csv!I2"],
        "before it starts",
    ),
}


@pytest.mark.parametrize(("changed", "places", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_sheets_store_nothing_and_name_the_cell(
    session: Session, programme: Programme, changed: dict[str, str], places: list[str], words: str
) -> None:
    found = problems(session, programme, **changed)
    assert [problem.partition(": ")[0] for problem in found] == places
    assert words in "\n".join(found)


def test_a_side_that_contradicts_the_organisation_is_refused(
    session: Session, programme: Programme
) -> None:
    (problem,) = problems(
        session, programme, stakeholders=STAKEHOLDERS.replace("us,buyer,", "us,supplier,")
    )
    assert problem.startswith("stakeholders.csv!D2: The side is supplier")


def test_all_problems_of_all_files_are_reported_in_reading_order(
    session: Session, programme: Programme
) -> None:
    found = problems(
        session,
        programme,
        organisations=ORGANISATIONS + "x,,\n",
        relationships=RELATIONSHIPS + "nobody,us,,,x,,\n",
        contacts=CONTACTS + "bad,B,a1,\n",
        stakeholders=STAKEHOLDERS + "tomas@aldermere.example,nobody,us,,it,uses,,,\n",
    )
    assert [problem.partition(": ")[0] for problem in found] == [
        "organisations.csv!B4",
        "relationships.csv!A3",
        "relationships.csv!E3",
        "contacts.csv!A4",
    ], "the stakeholder's relationship is mended with the relationship, so it is not named again"


def test_a_contact_who_moved_away_from_a_part_is_refused(
    session: Session, programme: Programme
) -> None:
    store(session, programme, FILES)
    found = problems(
        session,
        programme,
        organisations="",
        relationships="",
        stakeholders="",
        contacts="email,name,organisation\ntomas@aldermere.example,Tomas Vey,us\n",
    )
    assert found[0].startswith("contacts.csv!C2: ")
    assert "changed employer" in found[0]


def test_files_are_known_by_their_name_and_all_unreadable_ones_are_named() -> None:
    with pytest.raises(ImportRefused) as caught:
        account_import.read_files(
            {"people.csv": b"x\ny\n", "contacts.csv": b"", "organisations.xlsx": b"PK\x03\x04"}
        )
    assert [problem.place for problem in caught.value.problems] == [
        "contacts.csv",
        "organisations.xlsx",
        "people.csv",
    ]
    with pytest.raises(ImportRefused, match="no file"):
        account_import.read_files({})


def test_ten_thousand_rows_take_a_fixed_number_of_statements(
    session: Session, programme: Programme
) -> None:
    count = 2_500
    numbers = range(count)
    files = {
        "organisations.csv": "reference,name\nus,Us\n" + "".join(f"o{n},O {n}\n" for n in numbers),
        "relationships.csv": "buyer,supplier\n" + "".join(f"o{n},us\n" for n in numbers),
        "contacts.csv": "email,name,organisation\n"
        + "".join(f"c{n}@x.example,C {n},o{n}\n" for n in numbers),
        "stakeholders.csv": "email,buyer,supplier,function,influence\n"
        + "".join(f"c{n}@x.example,o{n},us,user,uses\n" for n in numbers),
    }
    statements = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    done = store(session, programme, files)
    assert done.counts[Sheet.STAKEHOLDERS].new == count
    assert len(statements) < 20


def test_what_was_planned_is_worked_out_anew_when_accounts_were_changed_meanwhile(
    session: Session, programme: Programme
) -> None:
    parsed = account_import.parse(read(FILES))
    planned = account_import.plan(session, programme, parsed)
    assert {counts.new for counts in planned.preview.counts.values()} == {1, 2}
    store(session, programme, FILES)
    done = account_import.commit(session, programme, parsed, planned=planned, by="test", at=AT)
    assert {counts.new for counts in done.counts.values()} == {0}
