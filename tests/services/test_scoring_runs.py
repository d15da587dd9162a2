"""Scoring runs: the published method on stored answers, the same whenever it is done again."""

import io
import json
import uuid
from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from scipy.stats import norm
from sqlalchemy import func, select, update

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.responses import Response
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.services import results, scoring_runs, waves
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.scoring_runs import Replayed
from tests import factories
from tests.services.scored import closed_wave, relationship_of, score

ANSWERS = {
    "Aldermere": [(2, 1, 2), (3, 2, 1), (2, 2, 3)],
    "Brook": [(5, 5, 4)],
    "Cask": [],
    "Dunmore": [(4, 4, 5), (3, 5, 4)],
}


def run_of(run_id: uuid.UUID) -> ScoreRun:
    with reading() as session:
        return results.run(session, run_id)


def replay(run_id: uuid.UUID) -> Replayed:
    with reading() as session:
        return scoring_runs.replay(session, results.run(session, run_id), state().store)


def bundle_of(run_id: uuid.UUID) -> Bundle:
    return Bundle.from_bytes(state().store.get(run_of(run_id).bundle_hash))


def seq(run_id: uuid.UUID, buyer: str) -> Score:
    with reading() as session:
        query = select(Score).where(
            Score.run_id == run_id,
            Score.measure == Measure.SEQ,
            Score.relationship_id == relationship_of(buyer).id,
        )
        return session.scalars(query).one()


def by_hand(run: ScoreRun, rows: list[tuple[int, int, int]]) -> float:
    """SEQ = .6 attitude + .4 intent of E(x | answers), the joint normal conditioned in one step."""
    model = run.summary["model"]
    mu, omega, sigma = (np.array(model[part]) for part in ("mean", "between", "within"))
    weights = np.zeros(len(mu))
    weights[:2] = 0.6, 0.4
    if not rows:
        return float(weights @ mu)
    seen = np.array([[25 * ((a - 1) + (b - 1)) / 2, 25 * (c - 1)] for a, b, c in rows])
    blocks = np.kron(np.ones((len(rows), len(rows))), omega[:2, :2])
    spread = blocks + np.kron(np.eye(len(rows)), sigma[:2, :2])
    across = np.tile(omega[:, :2], (1, len(rows)))
    surprise = (seen - mu[:2]).ravel()
    return float(weights @ (mu + across @ np.linalg.solve(spread, surprise)))


def test_a_run_equals_a_computation_by_hand(app: Flask) -> None:
    run = run_of(score(closed_wave(ANSWERS)))
    assert (run.number, run.method, run.reference_set, run.is_assumed) == (
        1,
        "state/1",
        "assumed-1",
        True,
    )
    # the reference: mean 70, var .33 * 22^2 * (.6^2 + .4^2 + 2 * .6 * .4 * .8)
    spread = np.sqrt(0.33 * 22**2 * (0.36 + 0.16 + 0.48 * 0.8))
    cuts = norm.ppf([0.10, 0.34, 0.80])
    for buyer, rows in ANSWERS.items():
        found = seq(run.id, buyer)
        assert found.n == len(rows)
        assert found.value == pytest.approx(by_hand(run, rows), abs=1e-9)
        assert found.z == pytest.approx((found.value - 70) / spread, abs=1e-9)
        assert found.z_standard_error == pytest.approx(found.standard_error / spread, abs=1e-9)
        below = [0.0, *norm.cdf((cuts - found.z) / found.z_standard_error), 1.0]
        assert found.probabilities == pytest.approx(np.diff(below), abs=1e-9)
    warmth = [seq(run.id, buyer).value for buyer in ("Aldermere", "Dunmore", "Brook")]
    assert warmth[0] < 50 < min(warmth[1:]), "three cold answers, and those that are warm"
    errors = [
        seq(run.id, buyer).standard_error for buyer in ("Aldermere", "Dunmore", "Brook", "Cask")
    ]
    assert errors == sorted(errors), "more people say it more surely"


def test_a_run_replays_to_the_same_numbers(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    again = replay(run_id)
    assert again.is_equal
    assert again.max_difference <= scoring_runs.TOLERANCE


def test_the_same_answers_give_the_run_already_there(app: Flask) -> None:
    wave_id = closed_wave(ANSWERS)
    first = score(wave_id)
    assert score(wave_id, at=utcnow() + timedelta(days=1)) == first
    with reading() as session:
        assert session.scalar(select(func.count(ScoreRun.id))) == 1


def test_the_input_names_no_person_and_tells_no_order(app: Flask) -> None:
    forwards = bundle_of(score(closed_wave(ANSWERS)))
    backwards = bundle_of(score(closed_wave(ANSWERS, reverse=True, slug="other")))
    kept = forwards.to_bytes()
    with reading() as session:
        secrets = [
            *session.scalars(select(Contact.id)),
            *session.scalars(select(Contact.email)),
            *session.scalars(select(Contact.name)),
            *session.scalars(select(Invitation.id)),
            *session.scalars(select(Assignment.id)),
            *session.scalars(select(Assignment.slug)),
            *session.scalars(select(Response.id)),
        ]
    assert len(secrets) > 60
    spelled = [
        [str(each).encode(), *([each.bytes] if isinstance(each, uuid.UUID) else [])]
        for each in secrets
    ]
    assert [each for each in spelled if any(bytes_ in kept for bytes_ in each)] == []
    # relationships' ids are random, so positions differ between two programmes; answers do not

    def answers(bundle: Bundle) -> list[list[int]]:
        return sorted(np.column_stack([bundle.vectors, bundle.items]).tolist())

    assert answers(forwards) == answers(backwards)
    whole = np.column_stack(
        [forwards.relationship, forwards.function, forwards.vectors, forwards.items]
    ).tolist()
    assert whole == sorted(whole)


CHANGES: list[dict[str, object]] = [
    {"value": 99.0},
    {"value": Score.value + 1e-6, "n": 3},
    {"z": 9.0},
    {"standard_error": 0.0},
    {"below_midpoint": None},
    {"n": 7},
    {"call": "not at risk!"},
    {"label": "Trusted Advisor?"},
    {"probabilities": [1.0, 0.0, 0.0, 0.0]},
    {"probabilities": [1.0]},
    {"probabilities": []},
    {"dimension": "else"},
]


def test_a_stored_score_that_was_changed_is_found_by_replay(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    target = seq(run_id, "Aldermere").id
    unseen = []
    for change in CHANGES:
        with transaction() as session:
            savepoint = session.begin_nested()
            session.execute(update(Score).where(Score.id == target).values(**change))
            run = results.run(session, run_id)
            if scoring_runs.replay(session, run, state().store).is_equal:
                unseen.append(change)
            savepoint.rollback()
    assert unseen == []
    assert replay(run_id).is_equal


@pytest.mark.parametrize("column", ["summary", "result_hash", "is_assumed"])
def test_a_run_whose_own_figures_were_changed_is_found_by_replay(app: Flask, column: str) -> None:
    run = run_of(score(closed_wave(ANSWERS)))
    changed = {
        "summary": {**run.summary, "cuts": [-2.0, -1.0, 0.0]},
        "result_hash": "0" * 64,
        "is_assumed": not run.is_assumed,
    }
    with transaction() as session:
        session.execute(
            update(ScoreRun).where(ScoreRun.id == run.id).values({column: changed[column]})
        )
    assert not replay(run.id).is_equal


def test_a_score_that_was_removed_is_found_by_replay(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    with transaction() as session:
        session.delete(session.get_one(Score, seq(run_id, "Brook").id))
    assert not replay(run_id).is_equal


def test_an_input_that_is_gone_or_changed_is_named(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    file = state().store.path(run_of(run_id).bundle_hash)
    content = file.read_bytes()
    file.write_bytes(content.replace(b"seed-shares", b"seed-sharez"))
    with pytest.raises(Invalid, match="changed on disk"):
        replay(run_id)
    file.unlink()
    with pytest.raises(NotFound):
        replay(run_id)


def test_a_wave_nobody_answered_is_scored_as_silent(app: Flask) -> None:
    run_id = score(closed_wave({"Aldermere": [], "Brook": []}))
    with reading() as session:
        assert set(session.scalars(select(Score.n).where(Score.run_id == run_id))) == {0}
    assert replay(run_id).is_equal


def test_a_wave_that_is_open_is_not_scored(app: Flask) -> None:
    with transaction() as session:
        programme = factories.make_programme(session)
        wave = factories.make_wave(session, programme, factories.annual_survey())
    with pytest.raises(Conflict, match="Close it before"):
        score(wave.id)


def test_answers_made_by_another_plan_are_not_mixed(app: Flask) -> None:
    wave_id = closed_wave(ANSWERS)
    with transaction() as session:
        one = session.scalars(select(Response)).first()
        assert one is not None
        one.plan_hash = "1" * 64
    with pytest.raises(Invalid, match="cannot be mixed"):
        score(wave_id)


def test_an_input_of_an_unknown_format_is_refused() -> None:
    with pytest.raises(Invalid, match="Score the wave again"):
        Bundle.from_bytes(b'{"format": 1}')


@pytest.mark.parametrize("told", [{"format": 9}, {"format": 2, "weights": {}}])
def test_an_input_of_another_version_is_refused_with_the_remedy(told: dict[str, object]) -> None:
    out = io.BytesIO()
    header = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    tables = ("relationship", "function", "rater", "vectors", "items")
    np.savez(out, header=header, **dict.fromkeys(tables, np.zeros((0, 1), dtype=np.int32)))  # type: ignore[arg-type]  # numpy's stub takes the names for its own option
    with pytest.raises(Invalid, match=r"another version of surveyapp.*Score the wave again"):
        Bundle.from_bytes(out.getvalue())


def test_answers_after_the_cut_off_do_not_count(app: Flask) -> None:
    wave_id = closed_wave(ANSWERS)
    with transaction() as session:
        first = session.scalar(select(func.min(Response.submitted_at)))
        assert first is not None
        waves.load(session, wave_id).closed_at = first
    assert len(bundle_of(score(wave_id)).vectors) == 1
