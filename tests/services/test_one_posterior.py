"""One posterior a run: views, waves and facts in one state, so that every number adds up."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.extensions import reading, state, transaction
from surveyapp.models.programmes import Programme
from surveyapp.models.results import Measure, ReferenceSet, Score, ScoreRun
from surveyapp.models.waves import View
from surveyapp.reports.context import PortfolioContext
from surveyapp.services import portfolio_contexts, report_contexts, results, run_files, scoring_runs
from surveyapp.services.run_files import RunFile
from tests.factories import AT
from tests.services.kpi_world import define, load, share
from tests.services.rounds import ITEMS, Row, make_round, score

BUYERS = [f"Buyer {number:02}" for number in range(34)]
YEAR = timedelta(days=365)


def rows_of(buyers: Sequence[str], people: int = 2) -> dict[str, list[Row]]:
    """Answers that differ between relationships and, less, between people."""
    rng = np.random.default_rng(7)
    found: dict[str, list[Row]] = {}
    for buyer in buyers:
        level = rng.integers(2, 6)
        found[buyer] = [
            tuple(int(np.clip(level + rng.integers(-1, 2), 1, 5)) for _ in range(3))  # type: ignore[misc]  # three of them
            for _ in range(people)
        ]
    return found


def file_of(run_id: uuid.UUID) -> RunFile:
    with reading() as session:
        return run_files.load(state().store, results.run(session, run_id))


def portfolio_of(run_id: uuid.UUID) -> PortfolioContext:
    with reading() as session:
        run = results.run(session, run_id)
        return portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")


def is_replayed(run_id: uuid.UUID) -> bool:
    with reading() as session:
        run = results.run(session, run_id)
        return scoring_runs.replay(session, run, state().store).is_equal


def test_a_change_is_this_wave_minus_the_last_as_now_seen_and_only_a_real_one_is_called(
    app: Flask,
) -> None:
    world = make_round(BUYERS)
    before = rows_of(BUYERS)
    before[BUYERS[0]] = [(5, 5, 5), (5, 5, 5)]
    first = score(world.asked("first", before, at=AT))
    now = dict(before) | {BUYERS[0]: [(1, 1, 1), (1, 1, 1)]}
    del now[BUYERS[1]]
    run_id = score(world.asked("second", now, at=AT + YEAR))
    found = file_of(run_id)
    assert found.contrasts["change"].is_difference
    for position in range(len(BUYERS)):
        seq, last, change = (found.number(n, position) for n in ("seq", "last", "change"))
        assert seq.value - last.value == pytest.approx(change.value, abs=1e-9)
    changed = {
        buyer: found.is_real("change", found.position(world.relationships[buyer]))
        for buyer in BUYERS
    }
    assert [buyer for buyer, is_changed in changed.items() if is_changed] == [BUYERS[0]]
    with reading() as session:
        stored = {
            score.relationship_id: score
            for score in session.scalars(
                select(Score).where(Score.run_id == run_id, Score.measure == Measure.SEQ)
            )
        }
    fallen = stored[world.relationships[BUYERS[0]]]
    assert fallen.is_changed
    assert fallen.change_z is not None
    assert fallen.change_z < -1
    silent = stored[world.relationships[BUYERS[1]]]
    assert (silent.is_changed, silent.change_z) == (None, None), "nobody answered this time"
    assert is_replayed(run_id)
    assert is_replayed(first)


def test_the_first_wave_of_thirty_relationships_is_frozen_once_and_later_ones_are_read_against_it(
    app: Flask,
) -> None:
    world = make_round(BUYERS)
    first_wave = world.asked("first", rows_of(BUYERS), at=AT)
    first = score(first_wave)
    assert score(first_wave) == first, "scored again it is the run already there"
    second = score(world.asked("second", rows_of(BUYERS), at=AT + YEAR))
    with reading() as session:
        frozen = session.scalars(select(ReferenceSet)).one()
        runs = {run_id: results.run(session, run_id) for run_id in (first, second)}
    assert (frozen.name, frozen.relationships) == ("own-first", 34)
    assert {run.reference_set for run in runs.values()} == {"own-first"}
    assert not runs[second].is_assumed
    read = [file_of(run_id).contrasts["seq"] for run_id in (first, second)]
    assert read[0].reference_mean == pytest.approx(read[1].reference_mean)
    assert read[0].reference_sd == pytest.approx(read[1].reference_sd)
    assert read[1].reference_groups == 34
    z = file_of(first).numbers("seq")[:, 2]
    assert abs(float(z.mean())) < 0.2, "a set's own wave lies around its own mean"


def test_fewer_than_thirty_relationships_are_read_against_the_assumed_set(app: Flask) -> None:
    world = make_round(BUYERS[:12])
    run_id = score(world.asked("first", rows_of(BUYERS[:12]), at=AT))
    with reading() as session:
        run = results.run(session, run_id)
        assert session.scalar(select(func.count(ReferenceSet.id))) == 0
    assert (run.reference_set, run.is_assumed) == ("assumed-1", True)


def test_a_suppliers_wave_joins_the_run_of_its_round_and_shows_the_blind_spot(app: Flask) -> None:
    buyers = BUYERS[:12]
    world = make_round(buyers)
    cold: dict[str, list[Row]] = {buyer: [(2, 2, 2), (2, 1, 2)] for buyer in buyers}
    alone = score(world.asked("asked", cold, at=AT))
    assert "gap:attitude" not in file_of(alone).contrasts
    proud: dict[str, list[Row]] = {buyer: [(5, 5, 5)] for buyer in buyers[:8]}
    own = world.asked("own", proud, at=AT + timedelta(days=12), view=View.SUPPLIER_ON_ITSELF)
    both = score(own)
    with reading() as session:
        runs = [results.run(session, each) for each in (alone, both)]
    assert [run.wave_id for run in runs] == [runs[0].wave_id] * 2
    assert [run.number for run in runs] == [1, 2]
    found = file_of(both)
    for buyer in buyers[:8]:
        position = found.position(world.relationships[buyer])
        mine, theirs, gap = (
            found.number(name, position)
            for name in ("engagement:attitude", "own:attitude", "gap:attitude")
        )
        assert gap.value == pytest.approx(theirs.value - mine.value, abs=1e-9)
        assert gap.value > 3 * gap.standard_error
        assert (gap.n, gap.beside) == (2, 1)
    unheard = found.number("gap:attitude", found.position(world.relationships[buyers[9]]))
    assert unheard.beside == 0
    assert is_replayed(both)


def test_the_partnership_index_has_its_own_curve_and_is_no_part_of_seq(app: Flask) -> None:
    buyers = BUYERS[:12]
    world = make_round(buyers)
    world.asked("asked", rows_of(buyers), at=AT)
    answers: dict[str, list[Row]] = {buyer: [(4, 4, 4)] for buyer in buyers}
    run_id = score(
        world.asked("theirs", answers, at=AT + timedelta(days=12), view=View.SUPPLIER_ON_BUYER)
    )
    found = file_of(run_id)
    assert {entry.split("/")[0] for entry in found.contrasts["partnership"].weights} == {
        "supplier-on-buyer"
    }
    assert {entry.split("/")[0] for entry in found.contrasts["seq"].weights} == {
        "buyer-on-supplier"
    }
    assert set(found.numbers("partnership")[:, 4]) == {1.0}
    report = portfolio_of(run_id)
    assert report.partnership is not None
    assert (report.partnership.people, report.partnership.suppliers) == (12, 1)


def test_one_supplier_alone_is_not_told_what_it_said_in_confidence(app: Flask) -> None:
    buyers = BUYERS[:12]
    world = make_round(buyers)
    world.asked("asked", rows_of(buyers), at=AT)
    answers: dict[str, list[Row]] = {buyer: [(4, 4, 4)] for buyer in buyers}
    run_id = score(
        world.asked(
            "theirs",
            answers,
            at=AT + timedelta(days=12),
            view=View.SUPPLIER_ON_BUYER,
            questionnaire={"anonymity": "confidential"},
        )
    )
    assert file_of(run_id).numbers("partnership")[:, 4].sum() == 12
    assert portfolio_of(run_id).partnership is None, "three supplier organisations are promised"


def test_a_suppliers_wave_without_a_buyers_wave_is_not_scored(app: Flask) -> None:
    world = make_round(BUYERS[:3])
    own = world.asked("own", {BUYERS[0]: [(5, 5, 5)]}, at=AT, view=View.SUPPLIER_ON_ITSELF)
    assert (
        scoring_runs.score_wave(reading, transaction, own, state().store, by="test", at=AT + YEAR)
        is None
    )
    with reading() as session:
        assert session.scalar(select(func.count(ScoreRun.id))) == 0


def test_facts_inform_the_state_with_weight_nought(app: Flask) -> None:
    buyers = BUYERS[:12]
    world = make_round(buyers)
    wave = world.asked("asked", {buyers[0]: [(3, 3, 3)]}, at=AT)
    with transaction() as session:
        programme = session.get_one(Programme, world.programme_id)
        define(session, programme, share())
        lines = [
            f"{buyer},Kestrin,{AT.year - 1},{990 if number == 0 else 500 + 20 * number},1000\n"
            for number, buyer in enumerate(buyers)
        ]
        head = "buyer,supplier,period,on_time_numerator,on_time_denominator\n"
        load(session, programme, head + "".join(lines))
    run_id = score(wave)
    found = file_of(run_id)
    assert "kpi/on_time" in found.entries
    assert "kpi/on_time" not in found.contrasts["seq"].weights
    with reading() as session:
        query = select(Score.value, Score.standard_error).where(
            Score.run_id == run_id, Score.measure == Measure.SEQ
        )
        told = session.execute(query).all()
    values = {round(value, 6) for value, _ in told}
    assert len(values) == len(buyers), "silent relationships differ by their facts alone"
    facts = found.numbers("facts")
    assert set(facts[:, 4]) == {1.0}
    assert is_replayed(run_id)


def test_a_roll_up_is_less_sure_than_if_nothing_were_shared(app: Flask) -> None:
    world = make_round(BUYERS)
    found = file_of(score(world.asked("first", rows_of(BUYERS), at=AT)))
    seq = found.numbers("seq")
    value, error = found.rollup(range(len(BUYERS)))
    assert value == pytest.approx(float(seq[:, 0].mean()))
    alone = float(np.sqrt((seq[:, 1] ** 2).sum()) / len(BUYERS))
    assert alone < error < float(seq[:, 1].mean())


def test_answers_of_somebody_who_did_not_read_are_left_out_and_counted(app: Flask) -> None:
    reversed_item = {
        "id": "reversed",
        "sections": [
            {
                "id": "overall",
                "title": "All",
                "items": [
                    {"id": item, "kind": "rating", "scale": "likely5", "text": f"{item}?",
                     "dimension": "intent" if item == "would_repurchase" else "attitude",
                     "reverse": item == "would_recommend"}
                    for item in ("overall_satisfaction", "would_recommend", "would_repurchase")
                ],
            }
        ],
    }  # fmt: skip
    world = make_round(BUYERS[:4])
    answers: dict[str, list[Row]] = {
        BUYERS[0]: [(5, 5, 5), (5, 1, 5)],
        BUYERS[1]: [(4, 2, 4)],
    }
    run_id = score(world.asked("asked", answers, at=AT, questionnaire=reversed_item))
    found = file_of(run_id)
    position = found.position(world.relationships[BUYERS[0]])
    assert (found.careless(position), found.number("seq", position).n) == (1, 1)


def test_questions_lie_around_their_dimension_and_functions_around_seq(app: Flask) -> None:
    world = make_round(BUYERS)
    cold = rows_of(BUYERS) | {BUYERS[0]: [(1, 2, 1), (2, 1, 1)]}
    found = file_of(score(world.asked("first", cold, at=AT)))
    position = found.position(world.relationships[BUYERS[0]])
    whole = found.number("engagement:attitude", position)
    parts = [found.question(item, position) for item in ITEMS[:2]]
    assert sum(part.value for part in parts) / 2 == pytest.approx(whole.value, abs=3)
    assert all(part.z < -1 for part in parts), "a cold dimension has cold questions"
    seq = found.number("seq", position)
    procurement = found.function("procurement", position)
    assert procurement.value == pytest.approx(seq.value), "one function alone is the relationship"
    assert procurement.standard_error > seq.standard_error


def test_a_card_of_a_programme_that_sells_is_named_by_its_buyer(app: Flask) -> None:
    world = make_round(BUYERS[:2])
    run_id = score(world.asked("asked", rows_of(BUYERS[:2]), at=AT))
    with reading() as session:
        run = results.run(session, run_id)
        card = report_contexts.scorecard(
            session, state().store, run, world.relationships[BUYERS[0]], locale="en_GB"
        )
    assert card.subject == "buyer", "one supplier and several buyers: buyers tell cards apart"


def test_seq_is_surer_among_the_people_there_are(app: Flask) -> None:
    """Both questions of attitude and, in another wording, of intent: reliability needs two each."""
    world = make_round(BUYERS, people=4)
    sections = [
        {
            "id": "overall",
            "title": "All",
            "items": [
                {"id": item, "kind": "rating", "scale": "likely5", "text": f"{item}?",
                 "dimension": "attitude"}
                for item in ITEMS
            ],
        }
    ]  # fmt: skip
    weights = {"method": "state/1", "seq": {"attitude": 1.0}}
    dimensions = [{"id": "attitude", "label": "Attitude", "kind": "engagement"}]
    changes = {"id": "one", "sections": sections, "scoring": weights, "dimensions": dimensions}
    answers = rows_of(BUYERS, people=4)
    answers[BUYERS[0]] = answers[BUYERS[0]][:1]
    run_id = score(world.asked("asked", answers, at=AT, questionnaire=changes))
    found = file_of(run_id)
    everybody = found.position(world.relationships[BUYERS[1]])
    known, seq = found.known(everybody), found.number("seq", everybody)
    assert known is not None
    assert (known.n, known.beside) == (4, 4)
    assert known.standard_error < seq.standard_error, "nobody is left to ask"
    one = found.known(found.position(world.relationships[BUYERS[0]]))
    assert one is not None
    assert (one.n, one.beside) == (1, 4)
    assert is_replayed(run_id)


def test_without_two_questions_to_tell_reliability_from_nothing_is_narrowed(app: Flask) -> None:
    world = make_round(BUYERS)
    found = file_of(score(world.asked("asked", rows_of(BUYERS), at=AT)))
    assert [found.known(position) for position in range(len(BUYERS))] == [None] * len(BUYERS)
