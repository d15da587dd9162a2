"""Facts for the state: values by hand, what is left out and why, and what must always hold."""

import json
import math
from datetime import date

import numpy as np
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.extensions import transaction
from surveyapp.models.kpis import KpiAggregation, KpiUnit
from surveyapp.scoring.moments import Moments
from surveyapp.scoring.state import posterior
from surveyapp.services import kpi_state, kpis
from surveyapp.services.kpi_state import LeftOut, Reason, StateFacts
from tests.factories import AT, make_organisation, make_relationship
from tests.services.kpi_world import World, days, define, load, make_world, share

ON = date(2026, 3, 2)
"""61 days after the end of 2025."""


def facts_for(session: Session, world: World) -> StateFacts:
    ids = [world.alder.id, world.brook.id, world.other.id]
    return kpi_state.observations(session, world.programme, ids, on=ON)


def rates(world: World, session: Session, *counts: tuple[int, int]) -> None:
    pairs = [("Aldermere", "Kestrin"), ("Brook", "Kestrin"), ("Aldermere", "Ostrow")]
    lines = [
        f"{buyer},{supplier},2025,{above},{below}\n"
        for (buyer, supplier), (above, below) in zip(pairs, counts, strict=False)
    ]
    head = "buyer,supplier,period,on_time_numerator,on_time_denominator\n"
    load(session, world.programme, head + "".join(lines))


def test_rates_by_hand(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(half_life_days=61))
        rates(world, session, (10, 10), (5, 10), (0, 10))
        found = facts_for(session, world)
        # p0 = .5; tau^2 = .25 - .025 = .225; one half-life doubles .25 / (10 x .225) = .1111
        tau = math.sqrt(0.225)
        [entry] = found.entries
        assert (entry.kpi, entry.kind, entry.noise, entry.n) == ("on_time", "rate", "cases", 3)
        assert (entry.centre, entry.spread) == (0.5, pytest.approx(tau))
        assert entry.definition["half_life_days"] == "61"
        z = round(0.5 / tau * 10_000)
        step = math.ceil(math.log(2 * 0.25 / (10 * 0.225)) / math.log(1.25))
        assert found.observations == [[0, 0, z, step, 0], [1, 0, 0, step, 0], [2, 0, -z, step, 0]]
        assert found.left_out == []
        y, group, noise = found.arrays()
        assert y[:, 0].tolist() == [z / 10_000, 0.0, -z / 10_000]
        assert group.tolist() == [0, 1, 2]
        assert noise[:, 0] == pytest.approx([1.25**step] * 3)


def test_other_values_by_hand_lower_is_better(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, days(half_life_days=10_000 // 5))
        head = "buyer,supplier,period,delay\n"
        text = "Aldermere,Kestrin,2025Q3,1\nAldermere,Kestrin,2025Q4,3\nBrook,Kestrin,2025Q4,4\n"
        load(session, world.programme, f"{head}{text}Aldermere,Ostrow,2025Q4,8\n")
        found = facts_for(session, world)
        [entry] = found.entries
        # values 2, 4, 8: median 4, MAD 2; the pair 1, 3 has variance 2
        assert (entry.kind, entry.centre, entry.noise) == ("mad", 4.0, "periods")
        assert entry.spread == pytest.approx(2 * 1.4826)
        z = [round(-(value - 4) / (2 * 1.4826) * 10_000) for value in (2, 4, 8)]
        assert [row[2] for row in found.observations] == z
        aged = 2 ** (61 / 2000) / (2 * 1.4826) ** 2
        steps = [math.ceil(math.log(aged * 2 / n) / math.log(1.25)) for n in (2, 1, 1)]
        assert [row[3] for row in found.observations] == steps


def test_without_a_second_period_half_of_what_is_seen_is_taken_for_noise(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        kpi = days("audit", unit=KpiUnit.POINTS, aggregation=KpiAggregation.LAST)
        define(session, world.programme, kpi)
        text = "buyer,supplier,period,audit\nAldermere,Kestrin,2025,1\nBrook,Kestrin,2025,9\n"
        load(session, world.programme, text)
        found = facts_for(session, world)
        assert found.entries[0].noise == "assumed"
        step = math.ceil(math.log(0.5 * 2 ** (61 / 365)) / math.log(1.25))
        assert {row[3] for row in found.observations} == {step}


def test_what_is_left_out_says_why(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        for facts in (
            share(half_life_days=40),
            days("alike"),
            days("empty"),
            days("shown", is_scored=False),
            days("gone"),
            days("aged", half_life_days=20),
        ):
            define(session, world.programme, facts)
        head = "buyer,supplier,period,alike,shown,gone,aged\n"
        lines = ["Aldermere,Kestrin", "Brook,Kestrin", "Aldermere,Ostrow"]
        rows = "".join(f"{pair},2025Q4,3,{n},{n},{n}\n" for n, pair in enumerate(lines))
        load(session, world.programme, head + rows)
        head = "buyer,supplier,period,on_time_numerator,on_time_denominator\n"
        text = (
            "Aldermere,Kestrin,2025Q4,1,2\nBrook,Kestrin,2025Q4,2,2\nAldermere,Ostrow,2025Q3,1,2\n"
        )
        load(session, world.programme, head + text)
        gone = kpis.find(session, world.programme, "gone")
        kpis.retire(session, world.programme, gone, by="jo", at=AT)
        found = facts_for(session, world)
        assert [entry.kpi for entry in found.entries] == ["on_time"]
        assert {each.kpi: (each.reason, each.relationships) for each in found.left_out} == {
            "on_time": (Reason.STALE, [2]),
            "alike": (Reason.NO_SPREAD, []),
            "empty": (Reason.NO_CURRENT, []),
            "shown": (Reason.SHOWN_ONLY, []),
            "gone": (Reason.RETIRED, []),
            "aged": (Reason.STALE, []),
        }


def test_a_fact_of_the_supplier_counts_once_in_the_reference(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        text = "organisation,period,on_time_numerator,on_time_denominator\n"
        load(session, world.programme, f"{text}Kestrin,2025,9,10\nOstrow,2025,1,10\n")
        found = facts_for(session, world)
        assert (found.entries[0].n, found.entries[0].centre) == (2, 0.5)
        assert [(row[0], row[4]) for row in found.observations] == [(0, 1), (1, 1), (2, 1)]
        assert found.observations[0][2] == found.observations[1][2]


def test_it_is_read_against_the_programme_and_listed_for_those_asked_about(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        rates(world, session, (10, 10), (5, 10), (0, 10))
        ids = [world.other.id, world.alder.id]
        found = kpi_state.observations(session, world.programme, ids, on=ON)
        assert (found.entries[0].n, found.entries[0].centre) == (3, 0.5)
        assert [row[0] for row in found.observations] == [0, 1]
        assert found.observations[0][2] < 0 < found.observations[1][2]


def test_it_comes_back_from_a_stored_input_as_it_was(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share(target=0.9))
        define(session, world.programme, days("empty"))
        rates(world, session, (10, 10), (5, 10), (0, 10))
        found = facts_for(session, world)
        kept = json.dumps(found.as_json(), sort_keys=True)
        assert StateFacts.from_json(json.loads(kept)) == found
        assert isinstance(found.left_out[0], LeftOut)
        with pytest.raises(Invalid, match="format 9"):
            StateFacts.from_json({**found.as_json(), "format": 9})


def test_all_deliveries_perfect_and_few_is_not_certainty(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        rates(world, session, (1, 1), (190, 200), (80, 100))
        y, group, noise = facts_for(session, world).arrays()
        alone = Moments(
            mean=np.zeros(1),
            between=np.eye(1),
            within=np.eye(1),
            mean_covariance=np.zeros((1, 1)),
            n_groups=3,
            identified=True,
        )
        value, error = posterior(y, group, 3, alone, noise=noise).contrast(np.ones(1))
        # one perfect delivery beside 190 of 200: hardly known, pulled to the middle
        assert error[0] > 0.6
        assert error[1] < 0.2
        assert abs(value[0]) < abs(y[0, 0])
        assert noise[0, 0] > 100 * noise[1, 0]


def test_when_everybody_is_perfect_nothing_stands_out(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        rates(world, session, (1, 1), (200, 200), (3, 3))
        found = facts_for(session, world)
        assert (found.entries, found.observations) == ([], [])
        assert found.left_out[0].reason is Reason.NO_SPREAD
        assert [part.shape for part in found.arrays()] == [(0, 0), (0,), (0, 0)]


def test_the_order_in_which_facts_came_changes_nothing(app: Flask) -> None:
    stored = []
    for slug in ("kestrin", "turned"):
        with transaction() as session:
            world = make_world(session, slug)
            define(session, world.programme, share())
            define(session, world.programme, days())
            buyers = [f"Buyer {number}" for number in range(9)]
            ids = []
            for name in buyers:
                buyer = make_organisation(session, world.programme, name)
                ids.append(make_relationship(session, buyer, world.supplier).id)
            lines = [
                f"{name},Kestrin,2025Q{quarter},{(7 * n + quarter) % 11 / 3},{n},{n + 1}\n"
                for n, name in enumerate(buyers)
                for quarter in (2, 3, 4)
            ]
            if slug == "turned":
                lines.reverse()
            head = "buyer,supplier,period,delay,on_time_numerator,on_time_denominator\n"
            load(session, world.programme, head + "".join(lines))
            stored.append(kpi_state.observations(session, world.programme, ids, on=ON))
    assert stored[0] == stored[1]
    assert len(stored[0].observations) == 18


def test_a_formula_over_scored_kpis_is_left_out_even_if_it_slipped_through(app: Flask) -> None:
    with transaction() as session:
        world = make_world(session)
        define(session, world.programme, share())
        late = define(
            session, world.programme, share("late", formula="1 - kpi.on_time", is_scored=False)
        )
        late.is_scored = True
        session.flush()
        rates(world, session, (10, 10), (5, 10), (0, 10))
        found = facts_for(session, world)
        assert [entry.kpi for entry in found.entries] == ["on_time"]
        assert found.left_out[0].reason is Reason.COUNTED_ALREADY
