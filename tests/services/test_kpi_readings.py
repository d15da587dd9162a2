"""What is read of relationships on a day: windows, ages, inheritance, corrections, formulas."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from surveyapp.extensions import transaction
from surveyapp.models.kpis import KpiAggregation, KpiDirection, KpiUnit
from surveyapp.services import kpi_import, kpi_readings, kpis
from surveyapp.services.kpi_readings import Reading
from tests.factories import AT
from tests.services.kpi_world import World, days, define, load, make_world, share

ON = date(2026, 3, 2)
HEAD = "kpi,buyer,supplier,organisation,period,value,numerator,denominator\n"
Lines = Callable[[str, str], str]


def own(period: str, numbers: str, *, kpi: str = "on_time", buyer: str = "Aldermere") -> str:
    """A line about a relationship with Kestrin."""
    return f"{kpi},{buyer},Kestrin,,{period},{numbers}\n"


def whole(period: str, numbers: str, *, kpi: str = "on_time") -> str:
    """A line about Kestrin as a whole."""
    return f"{kpi},,,Kestrin,{period},{numbers}\n"


def one(session: Session, world: World, slug: str, *, on: date = ON, **how: object) -> Reading:
    found = kpi_readings.read(session, world.programme, [world.alder.id], on=on, **how)  # type: ignore[arg-type] # passed on as given
    return found.by_relationship[world.alder.id][slug]


@contextmanager
def queries(session: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield said
    event.remove(connection, "before_cursor_execute", note)


def test_a_rate_sums_what_lies_in_its_window(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(target=0.9, half_life_days=90))
        text = HEAD + own("2025Q1", ",0,10") + own("2025Q2", ",9,10") + own("2025Q4", ",24,30")
        load(session, world.programme, text)
        found = one(session, world, "on_time")
        # the first quarter ended 336 days before and still counts; 2025-03-02 would not
        assert (found.numerator, found.denominator, found.periods) == (33.0, 50.0, 3)
        assert found.value == pytest.approx(0.66)
        assert (found.newest_on, found.age_days) == (date(2025, 12, 31), 61)
        assert (found.is_stale, found.is_inherited, found.is_missed) == (False, False, True)
        assert found.series == (None, None, None, None, 0.0, 0.9, None, 0.8)
        assert found.missed_running == 1
        later = one(session, world, "on_time", on=date(2026, 3, 31))
        assert (later.denominator, later.periods) == (40.0, 2)


@pytest.mark.parametrize(
    ("aggregation", "numbers", "value"),
    [
        (KpiAggregation.MEAN, ("2,,", "8,,"), 5.0),
        (KpiAggregation.MEAN, ("2,,9", "8,,1"), 2.6),
        (KpiAggregation.MEAN, ("2,,9", "8,,"), 5.0),
        (KpiAggregation.SUM, ("2,,", "8,,"), 10.0),
        (KpiAggregation.LAST, ("2,,", "8,,"), 8.0),
    ],
)
def test_each_aggregation_makes_one_value(
    app: Flask, aggregation: KpiAggregation, numbers: tuple[str, str], value: float
) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, days(aggregation=aggregation))
        lines = [own(f"2025Q{3 + n}", each, kpi="delay") for n, each in enumerate(numbers)]
        load(session, world.programme, HEAD + "".join(lines))
        assert one(session, world, "delay").value == pytest.approx(value)


def test_a_fact_is_stale_at_two_half_lives_and_outside_its_window(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(half_life_days=90))
        define(session, world.programme, days())
        load(
            session,
            world.programme,
            HEAD + own("2025Q1", ",1,2") + own("2025Q2", "1,,", kpi="delay"),
        )
        end = date(2025, 3, 31)
        assert not one(session, world, "on_time", on=end + timedelta(days=179)).is_stale
        stale = one(session, world, "on_time", on=end + timedelta(days=180))
        assert (stale.is_stale, stale.value, stale.age_days) == (True, 0.5, 180)
        end = date(2025, 6, 30)
        assert not one(session, world, "delay", on=end + timedelta(days=364)).is_stale
        past = one(session, world, "delay", on=end + timedelta(days=365))
        assert (past.is_stale, past.value) == (True, 1.0), "shown with its age, not counted"
        old = one(session, world, "delay", on=end + timedelta(days=3000))
        assert (old.age_days, old.value, set(old.series)) == (3000, 1.0, {None})


def test_a_period_that_has_not_ended_counts_as_of_its_day_and_is_no_part_of_the_trend(
    app: Flask,
) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, days())
        head = "buyer,supplier,period,delay,as_of\n"
        load(session, world.programme, f"{head}Aldermere,Kestrin,2026Q1,3,2026-02-20\n")
        found = one(session, world, "delay")
        assert (found.newest_on, found.age_days) == (date(2026, 2, 20), 10)
        assert set(found.series) == {None}
        before = kpi_readings.read(session, world.programme, None, on=date(2026, 2, 19))
        assert before.by_relationship == {}


def test_what_is_said_of_the_supplier_is_inherited_unless_the_relationship_says_otherwise(
    app: Flask,
) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        load(session, world.programme, HEAD + whole("2025Q4", ",5,10") + own("2025Q3", ",9,10"))
        found = kpi_readings.read(session, world.programme, None, on=ON)
        mine = found.by_relationship[world.alder.id]["on_time"]
        inherited = found.by_relationship[world.brook.id]["on_time"]
        assert (mine.value, mine.is_inherited, mine.holder_id) == (0.9, False, world.alder.id)
        assert (inherited.value, inherited.is_inherited) == (0.5, True)
        assert inherited.holder_id == world.supplier.id
        assert world.other.id not in found.by_relationship, "another supplier's"
        # once the own fact is stale, what the supplier has said since then counts
        on = date(2026, 10, 15)
        assert one(session, world, "on_time", on=on).is_inherited


def test_what_was_known_on_a_day_can_be_told_after_corrections_and_withdrawals(
    app: Flask,
) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        load(session, world.programme, HEAD + own("2025Q4", ",1,10"))
        week = timedelta(days=7)
        second = load(session, world.programme, HEAD + own("2025Q4", ",5,10"), at=AT + week)
        assert second.batch_id is not None
        kpi_import.withdraw(session, world.programme, second.batch_id, by="jo", at=AT + 2 * week)

        def known(at: object) -> float:
            return one(session, world, "on_time", known_at=at).value

        assert known(AT) == 0.1
        assert known(AT + week) == 0.5
        assert known(AT + 2 * week) == 0.1
        assert known(None) == 0.1
        early = kpi_readings.read(
            session, world.programme, None, on=ON, known_at=AT - timedelta(seconds=1)
        )
        assert early.by_relationship == {}


def test_a_target_missed_three_quarters_running_is_counted(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(target=0.9))
        define(
            session,
            world.programme,
            days(
                "escalations",
                unit=KpiUnit.COUNT,
                aggregation=KpiAggregation.SUM,
                target=8,
                direction=KpiDirection.LOWER,
            ),
        )
        rates = (10, 8, 8, 7)
        text = HEAD + "".join(own(f"2025Q{n + 1}", f",{rate},10") for n, rate in enumerate(rates))
        text += "".join(own(f"2025Q{n + 1}", "3,,", kpi="escalations") for n in range(4))
        load(session, world.programme, text)
        assert one(session, world, "on_time").missed_running == 3
        # twelve a year where eight are allowed: each quarter has its part of the target
        escalations = one(session, world, "escalations")
        assert (escalations.value, escalations.is_missed) == (12.0, True)
        assert escalations.missed_running == 4


def test_a_gap_ends_what_was_missed_running(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(target=0.9))
        text = HEAD + own("2025Q1", ",1,10") + own("2025Q3", ",1,10")
        load(session, world.programme, text)
        assert one(session, world, "on_time").missed_running == 1


def test_a_formula_is_computed_from_current_parts_and_ages_with_the_oldest(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(half_life_days=60))
        define(session, world.programme, days())
        formula = "if(kpi.delay > 3, 0, kpi.on_time)"
        define(session, world.programme, days("calm", formula=formula, is_scored=False))
        text = HEAD + own("2025Q4", ",9,10") + whole("2025Q3", "2,,", kpi="delay")
        load(session, world.programme, text)
        found = one(session, world, "calm")
        assert (found.value, found.age_days, found.is_inherited) == (0.9, 153, True)
        assert found.series == (None,) * 8, "no quarter has both parts"
        only = one(session, world, "calm", only={"calm"})
        assert only == found, "its parts are read, though not asked for"
        later = kpi_readings.read(session, world.programme, [world.alder.id], on=date(2026, 5, 1))
        assert set(later.by_relationship[world.alder.id]) == {"on_time", "delay"}, (
            "a part is stale, so nothing can be said"
        )


def test_a_retired_kpi_and_another_programmes_relationships_are_left_out(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        kpi = define(session, world.programme, share())
        load(session, world.programme, HEAD + own("2025Q4", ",9,10"))
        other = make_world(session, "other")
        mixed = [world.alder.id, other.alder.id]
        found = kpi_readings.read(session, world.programme, mixed, on=ON)
        assert found.relationships == (world.alder.id,)
        assert [each.definition.slug for each in found.of(world.alder.id)] == ["on_time"]
        foreign = kpi_readings.read(session, other.programme, mixed, on=ON)
        assert foreign.by_relationship == {}
        kpis.retire(session, world.programme, kpi, by="jo", at=AT)
        gone = kpi_readings.read(session, world.programme, None, on=ON)
        assert (gone.definitions, gone.by_relationship) == ((), {})


def test_the_queries_do_not_grow_with_relationships_and_kpis(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        with queries(session) as few:
            kpi_readings.read(session, world.programme, [world.alder.id], on=ON)
        for number in range(5):
            define(session, world.programme, days(f"delay_{number}"))
            load(session, world.programme, HEAD + own("2025Q4", "1,,", kpi=f"delay_{number}"))
        with queries(session) as many:
            ids = [world.alder.id, world.brook.id, world.other.id]
            kpi_readings.read(session, world.programme, ids, on=ON)
        assert len(few) == len(many) == 6


def test_a_changed_window_is_read_from_then_on(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        kpi = define(session, world.programme, days(aggregation=KpiAggregation.SUM))
        text = HEAD + own("2025Q3", "1,,", kpi="delay") + own("2025Q4", "1,,", kpi="delay")
        load(session, world.programme, text)
        assert one(session, world, "delay").value == 2.0
        stored = kpis.facts_of(kpi)
        wanted = replace(stored, window_days=92)
        kpis.edit(session, world.programme, kpi, wanted, seen=stored.token, by="jo", at=AT)
        assert one(session, world, "delay").value == 1.0
