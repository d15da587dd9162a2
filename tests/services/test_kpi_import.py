"""Observations from files: both layouts, every problem with its cell, corrections, withdrawal."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, ImportRefused, NotFound
from surveyapp.extensions import db, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.kpis import KpiAggregation, KpiBatch, KpiObservation, KpiUnit
from surveyapp.services import kpi_cells, kpi_import, kpis
from surveyapp.services.kpi_cells import Period
from surveyapp.tabular.isolation import read_parts
from surveyapp.tabular.reading import read_csv
from tests.factories import AT, make_relationship
from tests.services.kpi_world import World, days, define, load, make_world, share
from tests.tabular.workbook_files import workbook

LONG = "kpi,buyer,supplier,period,value,numerator,denominator,as_of\n"


def world_with_kpis(session: Session) -> World:
    world = make_world(session)
    define(session, world.programme, share())
    define(session, world.programme, days())
    return world


def stored(session: Session) -> list[tuple[date, date, date, float, float | None, float | None]]:
    rows = session.scalars(
        select(KpiObservation).order_by(KpiObservation.recorded_at, KpiObservation.period_from_on)
    )
    return [
        (r.period_from_on, r.period_until_on, r.as_of_on, r.value, r.numerator, r.denominator)
        for r in rows
    ]


def refusal(session: Session, world: World, text: str) -> dict[str, str]:
    """The problems of a file by cell; a dry run says the same, and nothing is stored."""
    table = read_csv(text.encode(), "facts.csv")
    seen = kpi_import.preview(session, world.programme, table, at=AT)
    with pytest.raises(ImportRefused) as refused:
        kpi_import.commit(session, world.programme, table, by="test", at=AT)
    assert refused.value.problems == seen.problems
    assert session.scalar(select(func.count()).select_from(KpiBatch)) == 0
    return {problem.place.removeprefix("facts.csv"): problem.message for problem in seen.problems}


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2025Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025-q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("Q1/2025", date(2025, 1, 1), date(2025, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_periods_are_read_as_people_write_them(written: str, first: date, last: date) -> None:
    assert kpi_cells.period(written) == Period(first, last)


@pytest.mark.parametrize("written", ["2025Q5", "2025-13", "summer", "0999", "2025-09-01", ""])
def test_what_is_no_period_is_refused_with_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match=r"Write|year"):
        kpi_cells.period(written)


def test_a_long_file_is_stored_with_what_it_says(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        done = load(
            session,
            world.programme,
            LONG + "on_time,Aldermere,Kestrin,2025Q3,,18,20,\n"
            "kpi.on_time,aldermere,KESTRIN,2025Q4,90 %,,10,2026-01-15\n"
            "Delay,Brook,Kestrin,2025-12,-1.5,,,\n",
        )
        assert done.preview.new == {"on_time": 2, "delay": 1}
        assert stored(session) == [
            (date(2025, 7, 1), date(2025, 9, 30), date(2025, 9, 30), 0.9, 18.0, 20.0),
            (date(2025, 10, 1), date(2025, 12, 31), date(2026, 1, 15), 0.9, 9.0, 10.0),
            (date(2025, 12, 1), date(2025, 12, 31), date(2025, 12, 31), -1.5, None, None),
        ]
        batch = session.scalars(select(KpiBatch)).one()
        assert (batch.id, batch.name, batch.by) == (done.batch_id, "facts.csv", "test")
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
        assert event is not None
        assert (event.action, event.details["new"]) == ("kpis.imported", 3)


def test_a_wide_workbook_has_a_column_for_each_kpi_and_names_organisations(app: Flask) -> None:
    rows = [
        ["Organisation", "From", "Until", "On time numerator", "on_time_denominator", "Delay"],
        ["Kestrin", date(2025, 7, 1), date(2025, 9, 30), 18, 20, 2.5],
        ["Ostrow", date(2025, 7, 1), date(2025, 9, 30), None, None, 1],
    ]
    [part] = read_parts(workbook({"Facts": rows}), "facts.xlsx")
    assert part.table is not None
    with transaction() as session:
        world = world_with_kpis(session)
        done = kpi_import.commit(session, world.programme, part.table, by="test", at=AT)
        assert done.preview.new == {"on_time": 1, "delay": 2}
        assert done.preview.notices == []
        found = session.scalars(select(KpiObservation)).all()
        assert {each.relationship_id for each in found} == {None}
        assert Counter(each.organisation_id for each in found)[world.supplier.id] == 2


def test_every_problem_is_named_with_its_cell_and_nothing_is_stored(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        found = refusal(
            session,
            world,
            LONG + "on_tme,Brook,Kestrin,2025Q3,,1,2,\n"
            "on_time,Broke,Kestrin,2025Q3,,1,2,\n"
            "on_time,Brook,Ostrow,2025Q3,,1,2,\n"
            "on_time,,Kestrin,2025Q3,,1,2,\n"
            "on_time,Brook,Kestrin,last year,,1,2,\n"
            "on_time,Brook,Kestrin,2027Q1,,1,2,\n"
            "on_time,Brook,Kestrin,2025Q3,0.9,,,\n"
            "on_time,Brook,Kestrin,2025Q3,,3,2,\n"
            "on_time,Brook,Kestrin,2025Q3,,1,0,\n"
            "on_time,Brook,Kestrin,2025Q3,0.9,1,2,\n"
            "on_time,Brook,Kestrin,2025Q3,,1,2,2025-08-01\n"
            "on_time,Brook,Kestrin,2025Q3,,1,2,2026-12-01\n"
            'delay,Brook,Kestrin,2025Q3,"1,250",,,\n'
            "delay,Brook,Kestrin,2025Q3,,,,\n",
        )
        assert list(found) == [
            *("!A2", "!B3", "!C4", "!B5", "!D6", "!D7", "!E8", "!F9", "!F10", "!E11"),
            *("!H12", "!H13", "!E14", "!E15"),
        ]
        for place, words in {
            "!A2": "Did you mean on_time?",
            "!B3": "Did you mean brook?",
            "!C4": "brook does not buy from ostrow",
            "!B5": "Name buyer and supplier",
            "!D6": "Write a quarter as 2026Q3",
            "!D7": "has not begun",
            "!E8": "is a rate",
            "!F9": "between 0 and 1",
            "!F10": "over 0",
            "!E11": "0.9 is not 1 / 2 = 0.5",
            "!H12": "too early",
            "!H13": "in the future",
            "!E14": "is not a number",
            "!E15": "empty",
        }.items():
            assert words in found[place], place


@pytest.mark.parametrize(
    ("header", "place", "words"),
    [
        ("kpi,buyer,supplier,value\na,b,c,1\n", ":1", "a column period, or from and until"),
        ("kpi,period,value\na,2025,1\n", ":1", "buyer and supplier, or organisation"),
        ("kpi,organisation,period\na,b,2025\n", ":1", "a column value"),
        ("organisation,period\nb,2025\n", ":1", "a column for each KPI"),
        ("organisation,period,dely\nb,2025,1\n", "!C1", "Did you mean delay?"),
        ("organisation,period,twice\nb,2025,1\n", "!C1", "computed from other KPIs"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(
    app: Flask, header: str, place: str, words: str
) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        define(session, world.programme, days("twice", formula="kpi.delay * 2", is_scored=False))
        assert words in refusal(session, world, header)[place]


def test_a_relationship_is_found_by_what_tells_it_from_others(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        buyer = session.get_one(type(world.supplier), world.brook.buyer_id)
        north = make_relationship(session, buyer, world.supplier, region="North")
        make_relationship(session, buyer, world.supplier, region="South")
        head = "kpi,buyer,supplier,region,period,value\n"
        load(
            session,
            world.programme,
            head + "delay,Brook,Kestrin,north,2025Q3,1\ndelay,Brook,Kestrin,,2025Q3,2\n",
        )
        found = {
            each.relationship_id: each.value for each in session.scalars(select(KpiObservation))
        }
        assert found == {north.id: 1.0, world.brook.id: 2.0}
        table = read_csv(f"{head}delay,Brook,Kestrin,West,2025Q3,1\n".encode(), "facts.csv")
        seen = kpi_import.preview(session, world.programme, table, at=AT)
        assert [problem.place for problem in seen.problems] == ["facts.csv!D2"]


def test_two_rows_for_the_same_period_and_periods_that_overlap_are_refused(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        head = "kpi,buyer,supplier,period,value\n"
        found = refusal(
            session,
            world,
            head + "delay,Brook,Kestrin,2025Q3,1\ndelay,Brook,Kestrin,2025Q3,2\n"
            "delay,Brook,Kestrin,2025-09,2\ndelay,Brook,Kestrin,2025-08,2\n",
        )
        assert "facts.csv!E2 already" in found["!E3"]
        assert "overlaps 2025-07-01 to 2025-09-30, which is in the file" in found["!D4"]
        assert "!D5" in found
        load(session, world.programme, f"{head}delay,Brook,Kestrin,2025Q3,1\n")
        table = read_csv(f"{head}delay,Brook,Kestrin,2025,1\n".encode(), "facts.csv")
        seen = kpi_import.preview(session, world.programme, table, at=AT)
        assert "which is stored" in seen.problems[0].message


def test_where_the_last_value_counts_periods_may_overlap(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        define(
            session,
            world.programme,
            days("growth", unit=KpiUnit.RATIO, aggregation=KpiAggregation.LAST),
        )
        head = "organisation,period,growth\n"
        done = load(session, world.programme, head + "Kestrin,2025,0.1\nKestrin,2025Q4,0.2\n")
        assert done.preview.new == {"growth": 2}


def test_the_same_file_again_adds_nothing_and_a_changed_value_is_a_correction(app: Flask) -> None:
    head = "kpi,buyer,supplier,period,value\n"
    first = head + "delay,Brook,Kestrin,2025Q3,1\ndelay,Brook,Kestrin,2026Q1,3\n"
    with transaction() as session:
        world = world_with_kpis(session)
        load(session, world.programme, first)
        # a month on, the period that still ran stands for another day; nobody wrote that
        again = load(session, world.programme, first, at=AT + timedelta(days=20))
        assert (again.batch_id, again.preview.unchanged) == (None, {"delay": 2})
        assert session.scalar(select(func.count()).select_from(KpiBatch)) == 1
        changed = load(session, world.programme, first.replace("Q3,1", "Q3,2"))
        assert (changed.preview.corrected, changed.preview.unchanged) == (
            {"delay": 1},
            {"delay": 1},
        )
        assert [row[3] for row in stored(session)] == [1.0, 3.0, 2.0]
        first_at, then_at = session.scalars(
            select(KpiBatch.recorded_at).order_by(KpiBatch.recorded_at)
        )
        assert first_at == AT < then_at, "though both were imported in the same moment"


def test_a_withdrawn_batch_no_longer_counts_and_can_be_imported_again(app: Flask) -> None:
    text = "kpi,buyer,supplier,period,value\ndelay,Brook,Kestrin,2025Q3,1\n"
    with transaction() as session:
        world = world_with_kpis(session)
        batch_id = load(session, world.programme, text).batch_id
        assert batch_id is not None
        other = make_world(session, "other")
        with pytest.raises(NotFound):
            kpi_import.withdraw(session, other.programme, batch_id, by="jo", at=AT)
        count = kpi_import.withdraw(session, world.programme, batch_id, by="jo", at=AT)
        assert count == 1
        with pytest.raises(Conflict, match="withdrawn already"):
            kpi_import.withdraw(session, world.programme, batch_id, by="jo", at=AT)
        assert len(stored(session)) == 1, "nothing is deleted"
        assert load(session, world.programme, text).preview.new == {"delay": 1}
        page = kpi_import.listed(session, world.programme, number=1)
        assert [(count, batch.withdrawn_at is None) for batch, count in page.rows] == [
            (1, True),
            (1, False),
        ]
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "kpis.withdrawn")
        ).one()
        assert event.details == {"file": "facts.csv", "observations": 1}


def test_a_kpi_retired_since_the_check_is_refused(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        text = "kpi,buyer,supplier,period,value\ndelay,Brook,Kestrin,2025Q3,1\n"
        parsed = kpi_import.parse(session, world.programme, read_csv(text.encode(), "facts.csv"))
        delay = kpis.find(session, world.programme, "delay")
        kpis.retire(session, world.programme, delay, by="jo", at=AT)
        with pytest.raises(ImportRefused) as refused:
            kpi_import.commit(session, world.programme, parsed, by="jo", at=AT)
        assert "retired meanwhile" in refused.value.problems[0].message


def test_facts_of_an_organisation_that_supplies_nobody_are_noticed(app: Flask) -> None:
    with transaction() as session:
        world = world_with_kpis(session)
        done = load(session, world.programme, "organisation,period,delay\nBrook,2025Q3,1\n")
        assert "brook" in done.preview.notices[0]


def test_a_file_of_many_rows_is_stored_whole(app: Flask) -> None:
    lines = [
        f"Brook,Kestrin,{year}-{month:02},{index}"
        for year in range(1950, 2026)
        for month in range(1, 13)
        for index in [year + month]
    ]
    text = "buyer,supplier,period,delay\n" + "\n".join(lines)
    with transaction() as session:
        world = world_with_kpis(session)
        done = load(session, world.programme, text, at=datetime(2026, 3, 2, tzinfo=UTC))
        assert done.preview.new == {"delay": len(lines)}
    with db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(KpiObservation)) == len(lines)
