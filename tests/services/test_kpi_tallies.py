"""Counts over many relationships say what their readings say, whatever was imported."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import true
from sqlalchemy.orm import Session

from surveyapp.extensions import transaction
from surveyapp.models.kpis import KpiAggregation, KpiDefinition, KpiDirection
from surveyapp.services import kpi_figures, kpi_import, kpi_lists, kpi_readings
from surveyapp.services.kpi_lists import LATE, Line
from surveyapp.services.kpi_readings import Readings
from surveyapp.services.listing import Order
from tests.factories import AT, make_organisation, make_relationship
from tests.services.kpi_world import World, days, define, load, make_world, share

HEAD = "kpi,buyer,supplier,organisation,period,value,numerator,denominator,as_of\n"
PERIODS = ("2019Q2", "2024-05", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025-07", "2025-08")
RUNNING = ("2026Q1", "2026-01-20")
DAYS = (date(2025, 11, 3), date(2026, 2, 1), date(2027, 3, 1), date(2031, 1, 1))


@pytest.mark.parametrize("few", [0, kpi_figures.FEW])
def test_counts_and_orders_are_those_of_the_readings(
    app_on_both: Flask, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # with all of the programme's values, and by the index on relationships
    monkeypatch.setattr(kpi_figures, "FEW", few)
    with app_on_both.app_context(), transaction() as session:
        world = _world(session)
        some_late = 0
        for on in DAYS:
            readings = kpi_readings.read(session, world.programme, None, on=on)
            lines = kpi_lists.overview(session, world.programme, among=true(), on=on)
            assert lines == [_plainly(readings, each) for each in readings.definitions]
            for each in readings.definitions:
                _compare_one(session, world, each, readings)
            some_late += sum(line.late for line in lines)
        assert some_late, "otherwise no trend was compared"


def _plainly(readings: Readings, definition: KpiDefinition) -> Line:
    told = readings.of_kpi(definition.slug)
    current = [each for each in told if not each.is_stale]
    missed = [each for each in current if each.is_missed]
    return Line(
        definition=definition,
        current=len(current),
        stale=len(told) - len(current),
        silent=len(readings.relationships) - len(told),
        missed=len(missed),
        late=sum(each.missed_running >= LATE for each in missed),
        newest_on=max((each.newest_on for each in told), default=None),
    )


def _compare_one(
    session: Session, world: World, definition: KpiDefinition, readings: Readings
) -> None:
    found = kpi_lists.standing(session, world.programme, definition, among=true(), on=readings.on)
    told = {each.relationship_id: each for each in readings.of_kpi(definition.slug)}
    current = sorted(each.value for each in told.values() if not each.is_stale)
    assert (found.spread.n if found.spread else 0) == len(current)
    if found.spread:
        assert (found.spread.lowest, found.spread.highest) == (current[0], current[-1])
    by_name = found.ordered(Order("relationship"))
    assert {*by_name} == {*readings.relationships}
    for place, key in enumerate(by_name):
        reading = told.get(key)
        if reading is None:
            assert found.value[place] != found.value[place], "NaN"
            continue
        assert found.value[place] == reading.value, "to the last digit"
        assert found.age[place] == reading.age_days
        assert bool(found.is_stale[place]) == reading.is_stale
    values = [told[each].value for each in found.ordered(Order("value")) if each in told]
    assert all(one <= other for one, other in pairwise(values))


def _world(session: Session) -> World:
    """Values of chance: corrected, withdrawn, inherited, with and without cases, some very old."""
    world = make_world(session)
    for name in ("Carrow", "Dunmore", "Esker", "Fenwick"):
        buyer = make_organisation(session, world.programme, name)
        make_relationship(session, buyer, world.supplier)
    define(session, world.programme, share(target=0.7, half_life_days=200))
    for each in (KpiAggregation.MEAN, KpiAggregation.SUM, KpiAggregation.LAST):
        define(session, world.programme, days(each.value, aggregation=each, target=3))
    calm = days(
        "calm",
        formula="if(kpi.mean > 3, 0, kpi.on_time)",
        is_scored=False,
        target=0.9,
        direction=KpiDirection.HIGHER,
    )
    define(session, world.programme, calm)
    chance = random.Random(7)  # noqa: S311 the same values each time
    imports = [
        load(session, world.programme, _file(chance), at=AT + timedelta(days=day))
        for day in range(4)
    ]
    wrong = imports[2].batch_id
    assert wrong is not None
    kpi_import.withdraw(session, world.programme, wrong, by="jo", at=AT + timedelta(days=9))
    return world


def _file(chance: random.Random) -> str:
    buyers = ("Aldermere", "Brook", "Carrow", "Dunmore", "Esker")  # nothing is said of Fenwick
    subjects = [f"{buyer},Kestrin," for buyer in buyers]
    subjects += ["Aldermere,Ostrow,", ",,Kestrin", ",,Ostrow"]
    lines = []
    for subject in subjects:
        for period, as_of in [*((each, "") for each in PERIODS), RUNNING]:
            if chance.random() < 0.4:
                above = chance.randrange(11)
                lines.append(f"on_time,{subject},{period},,{above},10,{as_of}\n")
            for kpi in ("mean", "sum", "last"):
                if chance.random() < 0.4:
                    value = chance.randrange(1, 50) / 7
                    weight = chance.choice(("", "2", "9")) if kpi == "mean" else ""
                    lines.append(f"{kpi},{subject},{period},{value:.9f},,{weight},{as_of}\n")
    return HEAD + "".join(lines)
