"""The ledger: what a second document may say, given what the first has told."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.responses import Response
from surveyapp.models.results import Release, ReleaseCell, ScoreRun
from surveyapp.models.scorecards import Scorecard
from surveyapp.models.waves import Wave
from surveyapp.services import archives, releases, results, waves
from surveyapp.services.releases import PORTFOLIO, Decision
from surveyapp.services.wave_cuts import Cut
from tests.services import test_archives
from tests.services.scored import closed_wave, hand_in, relationship_of, score

ANSWERS: Mapping[str, Sequence[Sequence[int]]] = {
    "Aldermere": [(2, 1, 2), (3, 2, 1), (1, 2, 2), (4, 4, 5)],
    "Brook": [(4, 4, 5), (5, 4, 4)],
    "Cask": [(4, 3, 5), (5, 4, 2), (2, 4, 4)],
}
PLEASED = dict.fromkeys(("overall_satisfaction", "would_recommend", "would_repurchase"), 5)


@pytest.fixture
def app(app_on_both: Flask) -> Iterator[Flask]:
    with app_on_both.app_context():
        yield app_on_both


def asked(**settings: Any) -> uuid.UUID:
    """A closed confidential wave, scored; in each relationship somebody was silent, in one three."""
    wave_id = closed_wave(
        ANSWERS, settings={"anonymity": "confidential", **settings}, silent={"Aldermere": 3}
    )
    score(wave_id)
    return wave_id


def decide(wave_id: uuid.UUID, buyer: str = "") -> Decision:
    with reading() as session:
        run = results.latest_run(session, waves.load(session, wave_id))
        cut = releases.cut_of(relationship_of(buyer).id) if buyer else PORTFOLIO
        return releases.decide(session, run, cut)


def release(wave_id: uuid.UUID, buyer: str = "") -> None:
    """Put on record what making a document does."""
    decision = decide(wave_id, buyer)
    decision.require()
    with transaction() as session:
        run = results.latest_run(session, waves.load(session, wave_id))
        row = Release(
            id=uuid.uuid4(),
            programme_id=run.programme_id,
            run_id=run.id,
            cut=releases.cut_of(relationship_of(buyer).id) if buyer else PORTFOLIO,
            audience="programme",
            cells_hash=uuid.uuid4().hex * 2,
            released_at=utcnow(),
        )
        session.add(row)
        session.flush()
        releases.record(session, row, decision)


def late(wave_id: uuid.UUID, *names: str) -> None:
    """Reopen the wave for these people, close it and score it again."""
    reopen(wave_id)
    for name in names:
        hand_in(wave_id, name, PLEASED)
    with transaction() as session:
        waves.close(session, waves.load(session, wave_id), by="test", at=utcnow())
    score(wave_id)


def reopen(wave_id: uuid.UUID) -> None:
    """Take answers again; the job that would have scored the wave was done here by hand."""
    until = utcnow() + timedelta(days=9)
    with transaction() as session:
        done = {"state": JobState.DONE, "finished_at": utcnow()}
        session.execute(update(Job).where(Job.kind == "score-wave").values(done))
        wave = waves.load(session, wave_id)
        waves.reopen(session, wave, reason="Late", closes_at=until, by="test", at=utcnow())


def test_one_late_answer_is_no_reason_for_a_second_document(app: Flask) -> None:
    wave_id = asked()
    release(wave_id, "Aldermere")
    assert decide(wave_id, "Aldermere").refusal == ""
    late(wave_id, "Aldermere 4")
    refusal = decide(wave_id, "Aldermere").refusal
    assert "the answers of 1 person are new or changed" in refusal
    assert "it needs 3 people or more" in refusal
    assert decide(wave_id, "Cask").refusal == "", "nothing has left about it yet"


def test_the_portfolio_keeps_back_whoever_moved_by_too_few_and_the_small_ones_with_them(
    app: Flask,
) -> None:
    wave_id = asked()
    release(wave_id)
    late(wave_id, "Brook 2")
    found = decide(wave_id)
    assert found.refusal == ""
    # Brook had two answers, which a roll-up may have held; now it has three
    assert found.withheld == {relationship_of("Brook").id}
    release(wave_id)
    with reading() as session:
        rows = session.execute(
            select(ReleaseCell.people, ReleaseCell.is_shown)
            .join(Release, Release.id == ReleaseCell.release_id)
            .join(ScoreRun, ScoreRun.id == Release.run_id)
            .where(ReleaseCell.relationship_id == relationship_of("Brook").id)
            .order_by(ScoreRun.number)
        )
        assert [tuple(row) for row in rows] == [(2, True), (3, False)]


def test_many_new_answers_are_released_though_not_by_function(app: Flask) -> None:
    wave_id = asked()
    declare(wave_id, Cut.FUNCTION)
    assert decide(wave_id, "Aldermere").cuts == {Cut.FUNCTION}
    release(wave_id, "Aldermere")
    late(wave_id, *(f"Aldermere {number}" for number in (4, 5, 6)))
    found = decide(wave_id, "Aldermere")
    assert (found.refusal, found.cuts) == ("", frozenset())


def test_erased_answers_are_not_given_away_by_what_is_released_next(app: Flask) -> None:
    wave_id = asked()
    release(wave_id, "Aldermere")
    with transaction() as session:
        theirs = select(Response).join(Assignment, Assignment.id == Response.assignment_id)
        about = Assignment.relationship_id == relationship_of("Aldermere").id
        session.delete(session.scalars(theirs.where(about).limit(1)).one())
    late(wave_id, *(f"Aldermere {number}" for number in (4, 5, 6)))
    assert "were erased after the release" in decide(wave_id, "Aldermere").refusal


def test_what_an_identified_wave_says_is_on_record_and_never_refused(app: Flask) -> None:
    wave_id = asked(anonymity="identified")
    release(wave_id, "Aldermere")
    late(wave_id, "Aldermere 4")
    found = decide(wave_id, "Aldermere")
    assert (found.refusal, found.cuts) == ("", frozenset(Cut))
    assert [cell.people for cell in found.cells] == [5]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ReleaseCell)) == 1


def test_a_promise_is_released_after_the_close_and_by_declared_cuts_only(app: Flask) -> None:
    wave_id = asked()
    assert decide(wave_id).cuts == frozenset()
    declare(wave_id, Cut.REGION)
    assert decide(wave_id).cuts == {Cut.REGION}
    reopen(wave_id)
    assert "It is released after it closes" in decide(wave_id).refusal


def declare(wave_id: uuid.UUID, *cuts: Cut) -> None:
    with transaction() as session:
        session.get_one(Wave, wave_id).cuts = [each.value for each in cuts]


def test_the_file_with_all_scorecards_leaves_out_what_may_not_be_released(app: Flask) -> None:
    wave_id = asked()
    release(wave_id, "Aldermere")
    late(wave_id, "Aldermere 4")
    with reading() as session:
        run_id = results.latest_run(session, waves.load(session, wave_id)).id
    archive_id = test_archives.ask(run_id)
    test_archives.build(archive_id, test_archives.Printer())
    with reading() as session:
        assert archives.find(session, archive_id).documents == 2
        made = session.scalars(select(Scorecard.relationship_id)).all()
        assert set(made) == {relationship_of("Brook").id, relationship_of("Cask").id}
