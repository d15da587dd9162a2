"""A wave reopened after its scorecards went out: a new run at the next close, nothing old touched."""

import uuid
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard
from surveyapp.reports import packs
from surveyapp.services import results, scorecards, waves
from tests.services.scored import closed_wave, hand_in, relationship_of, score

ANSWERS = {"Aldermere": [(5, 5, 5), (4, 4, 4), (5, 4, 5)], "Brook": [(2, 2, 1), (1, 2, 2)]}


def finish_jobs() -> None:
    with transaction() as session:
        for job in session.scalars(select(Job)):
            job.state, job.finished_at = JobState.DONE, utcnow()


def released(run_id: uuid.UUID) -> uuid.UUID:
    """Make a scorecard of a relationship as an owner does."""
    with transaction() as session:
        document, _ = scorecards.request(
            session,
            results.run(session, run_id),
            relationship_of("Aldermere"),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )
        document_id = document.id
    scorecards.build(reading, transaction, document_id, state().store, press(), at=utcnow())
    return document_id


def as_stored(model: Any, key: uuid.UUID) -> dict[str, Any]:
    with reading() as session:
        found = session.get_one(model, key)
        return {column.name: getattr(found, column.name) for column in model.__table__.columns}


def test_a_reopened_wave_is_scored_anew_and_what_was_released_stays(app: Flask) -> None:
    wave_id = closed_wave(ANSWERS)
    first = score(wave_id)
    document_id = released(first)
    before = [as_stored(ScoreRun, first), as_stored(Scorecard, document_id)]
    finish_jobs()
    with transaction() as session:
        waves.reopen(
            session,
            waves.load(session, wave_id),
            reason="Brook asked for more time",
            closes_at=utcnow() + timedelta(days=5),
            by="test",
            at=utcnow(),
        )
    hand_in(wave_id, "Brook 2", {"overall_satisfaction": 5, "would_recommend": 5})
    with transaction() as session:
        waves.close(session, waves.load(session, wave_id), by="test", at=utcnow())
    second = score(wave_id)
    assert second != first
    with reading() as session:
        runs = session.scalars(select(ScoreRun).order_by(ScoreRun.number)).all()
        assert [(run.id, run.number) for run in runs] == [(first, 1), (second, 2)]
        programme = waves.load(session, wave_id).programme
        assert [run.id for run in results.runs_of(session, programme)] == [second]
    assert [as_stored(ScoreRun, first), as_stored(Scorecard, document_id)] == before
