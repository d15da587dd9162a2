"""The suppliers example: real facts as published, drawn people and answers, two rounds played."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select

from examples.suppliers import answering, history, people, truth
from examples.suppliers import vendors as vendors_of
from examples.suppliers.history import BY, NOTE, ON, PROGRAMME, Told
from examples.suppliers.people import MOST, Part
from examples.suppliers.vendors import Period, Vendor
from surveyapp.extensions import db, reading, state, transaction
from surveyapp.models.accounts import Organisation, Relationship, Side
from surveyapp.models.invitations import Assignment, Omission
from surveyapp.models.kpis import KpiObservation
from surveyapp.models.responses import Response
from surveyapp.models.results import Score, ScoreRun
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.questionnaires import catalogue
from surveyapp.questionnaires.answers import missing
from surveyapp.services import kpi_readings, kpi_state, programmes, scoring_runs
from tests.conftest import make_app

LAST = Period(2014, 2)
NOT_YET = "SWORDS LABORATORIES"
"""Delivers for the first time after the day of the scores."""
SCORED_AT = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """The example played with the people of every ninth vendor, all facts, and its last wave scored."""

    vendors: list[Vendor]
    parts: list[Part]
    told: Told


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(tmp_path_factory.mktemp("suppliers"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def world(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> World:
    known = vendors_of.read()
    some = [each for each in known if each.number % 9 == 1 or each.name == NOT_YET]
    parts = people.parts(some)
    told = history.play(known, parts, tmp_path_factory.mktemp("imports"), lambda *_: None)
    last = db.session.scalars(select(Wave.id).where(Wave.slug == "mid-2014")).one()
    db.session.rollback()
    scoring_runs.score_wave(reading, transaction, last, state().store, by=BY, at=SCORED_AT)
    return World(known, parts, told)


def test_the_facts_are_those_published() -> None:
    known = vendors_of.read()
    quarters = [quarter for vendor in known for quarter in vendor.quarters]
    assert (len(known), len(quarters)) == (73, 673)
    assert sum(each.shipments for each in quarters) == 10_324
    assert sum(bool(each.year_to(LAST)) for each in known) == 31
    with Path(vendors_of.__file__).with_name("vendor_quarters.csv").open(encoding="utf-8") as file:
        for row, quarter in zip(_sorted(csv.DictReader(file)), quarters, strict=True):
            assert quarter.on_time / quarter.shipments == pytest.approx(
                float(row["on_time_rate"]), abs=0.00005
            )


def _sorted(rows: Iterator[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(rows, key=lambda row: (row["vendor"], row["period"]))


def test_periods_step_over_the_years() -> None:
    assert [str(Period(2014, 1).back(steps)) for steps in (-4, -1, 0, 1, 5)] == [
        *("2015Q1", "2014Q2", "2014Q1", "2013Q4", "2012Q4")
    ]
    assert Period(2013, 4).last_day == date(2013, 12, 31)


def test_one_to_six_people_stand_on_each_side_of_every_relationship() -> None:
    parts = people.parts(vendors_of.read())
    sides = Counter((part.vendor, part.side) for part in parts)
    assert len(sides) == 2 * 73
    assert set(sides.values()) == set(range(1, MOST + 1))
    assert len({(part.email, part.vendor) for part in parts}) == len(parts)
    several = Counter(part.email for part in parts if part.side == Side.BUYER)
    assert max(several.values()) >= 3


def test_leaving_vendors_out_changes_nobody_else() -> None:
    known = vendors_of.read()
    few = {each.reference for each in known[::9]}
    assert people.parts(known[::9]) == [each for each in people.parts(known) if each.vendor in few]


def test_true_states_go_with_the_real_facts_and_differ_in_what_the_example_shows() -> None:
    known = vendors_of.read()
    drawn = truth.truths(known)
    current = [each for each in known if each.year_to(LAST)]
    late = [sum(q.shipments - q.on_time for q in each.year_to(LAST)) for each in current]
    felt = np.array([drawn[each.reference].felt[1].mean() for each in current])
    is_late = np.array(late) > 0
    assert felt[is_late].mean() < felt[~is_late].mean() - 0.5
    moved = [np.abs(each.felt[1] - each.felt[0]).mean() for each in drawn.values()]
    assert 5 <= sum(move > 1 for move in moved) <= 25
    assert sum(each.split_by > 0 for each in drawn.values()) >= 3
    assert sum(each.are_deciders_silent for each in drawn.values()) >= 3


@pytest.mark.parametrize(
    ("questionnaire", "view"),
    [
        ("relationship-core", View.BUYER_ON_SUPPLIER),
        ("self-view", View.SUPPLIER_ON_ITSELF),
        ("supplier-rates-buyer", View.SUPPLIER_ON_BUYER),
    ],
)
def test_people_answer_everything_that_is_asked_of_them(questionnaire: str, view: View) -> None:
    known = vendors_of.read()
    drawn, asked = truth.truths(known), catalogue.find(questionnaire)
    points: Counter[object] = Counter()
    for part in people.parts(known[:12]):
        pages = list(answering.pages(asked, part, drawn[part.vendor], view=view, wave=1))
        given = {key: value for page in pages for key, value in page.answers.items()}
        assert missing(asked, given) == []
        points.update(value for value in given.values() if isinstance(value, int))
    assert set(range(1, 8)) <= set(points)


def test_both_sides_are_asked_in_two_rounds_of_all_73_relationships(world: World) -> None:
    asked = db.session.execute(select(Wave.slug, Wave.view, Wave.state)).all()
    assert sorted(asked) == [
        ("mid-2013", View.BUYER_ON_SUPPLIER, WaveState.CLOSED),
        ("mid-2013-back", View.SUPPLIER_ON_BUYER, WaveState.CLOSED),
        ("mid-2013-self", View.SUPPLIER_ON_ITSELF, WaveState.CLOSED),
        ("mid-2014", View.BUYER_ON_SUPPLIER, WaveState.CLOSED),
        ("mid-2014-back", View.SUPPLIER_ON_BUYER, WaveState.CLOSED),
        ("mid-2014-self", View.SUPPLIER_ON_ITSELF, WaveState.CLOSED),
    ]
    assert db.session.scalar(select(func.count(Relationship.id))) == 73
    buyers = select(func.count(Relationship.buyer_id.distinct()))
    assert db.session.scalar(buyers) == 1
    sides = Counter(part.side for part in world.parts)
    for told, side in zip(
        world.told.waves, 2 * [Side.SUPPLIER, Side.SUPPLIER, Side.BUYER], strict=True
    ):
        assert told.asked == sides[side]
        assert 0.4 * told.asked < told.answered < told.asked
    assert db.session.scalar(select(func.count()).select_from(Omission)) == 0
    assert programmes.find(db.session(), PROGRAMME).data_note == NOTE


def test_everything_happened_in_its_own_time(world: World) -> None:
    times = db.session.execute(
        select(Response.submitted_at, Wave.opened_at, Wave.closed_at)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Wave, Wave.id == Assignment.wave_id)
    ).all()
    assert len(times) == sum(each.answered for each in world.told.waves)
    assert all(opened < submitted < closed for submitted, opened, closed in times)
    newest = db.session.scalar(select(func.max(KpiObservation.recorded_at)))
    closed = db.session.scalar(select(func.max(Wave.closed_at)))
    assert newest is not None
    assert closed is not None
    assert newest < closed
    assert closed.date() == ON


def test_31_vendors_have_current_facts_and_the_others_say_how_old_theirs_are(world: World) -> None:
    programme = programmes.find(db.session(), PROGRAMME)
    readings = kpi_readings.read(db.session(), programme, None, on=ON).of_kpi("on_time")
    assert Counter(each.is_stale for each in readings) == {False: 31, True: 37}
    assert world.told.current == 31
    name = dict(
        db.session.execute(
            select(Relationship.id, Organisation.name).join(
                Organisation, Organisation.id == Relationship.supplier_id
            )
        ).all()
    )
    [own] = [each for each in readings if name[each.relationship_id] == "SCMS from RDC"]
    assert (own.numerator, own.denominator) == (449, 701)


def test_the_on_time_share_is_scored_and_what_tells_nothing_is_left_out(world: World) -> None:
    programme = programmes.find(db.session(), PROGRAMME)
    ids = db.session.scalars(select(Relationship.id)).all()
    found = kpi_state.observations(db.session(), programme, ids, on=ON)
    assert [each.kpi for each in found.entries] == ["on_time"]
    assert {each.kpi: each.reason for each in found.left_out} == {
        "on_time": kpi_state.Reason.STALE,
        "days_late": kpi_state.Reason.NO_SPREAD,
        "shipments": kpi_state.Reason.SHOWN_ONLY,
        "value_delivered": kpi_state.Reason.SHOWN_ONLY,
        "countries_served": kpi_state.Reason.SHOWN_ONLY,
    }


def test_the_last_round_is_scored_with_all_views_but_nobody_speaks_of_who_never_delivered(
    world: World,
) -> None:
    run = db.session.scalars(select(ScoreRun)).one()
    layers = [(layer["view"], layer["when"]) for layer in run.summary["layers"]]
    views = ("buyer-on-supplier", "supplier-on-itself", "supplier-on-buyer")
    assert sorted(layers) == sorted((view, when) for view in views for when in ("now", "last"))
    assert run.summary["facts"] == ["kpi/on_time"]
    [silent] = [each.reference for each in world.vendors if each.name == NOT_YET]
    asked = {part.vendor for part in world.parts if part.side == Side.BUYER}
    spoken = set(
        db.session.scalars(
            select(Organisation.reference)
            .join(Relationship, Relationship.supplier_id == Organisation.id)
            .join(Score, Score.relationship_id == Relationship.id)
            .where(Score.n > 0)
        )
    )
    assert silent in asked
    assert silent not in spoken
    assert len(spoken) >= len(asked) / 2
