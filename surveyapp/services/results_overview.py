"""Every wave of a programme in one line: how far it is, who answered, what its report says."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports.context import PortfolioContext
from surveyapp.services import access, results, scorecards, turnout, wave_people, waves


@dataclass(frozen=True, slots=True)
class Asked:
    """Plain counts of who was asked in a wave."""

    relationships: int = 0
    questionnaires: int = 0
    """One for each person and relationship."""
    sent: int | None = 0
    """Of these, sent back; None: too few were asked for the contract to let them be counted."""


_NOBODY: Final = Asked()


@dataclass(frozen=True, slots=True)
class Called:
    """What the released portfolio report says, and where it is."""

    document_id: uuid.UUID
    report: PortfolioContext

    @property
    def at_risk(self) -> int:
        """Names called at risk."""
        return len(self.report.at_risk)

    @property
    def measured(self) -> int:
        """Relationships with a score."""
        return len(self.report.measured)


@dataclass(frozen=True, slots=True)
class WaveLine:
    """One wave as an owner sees it in a list."""

    wave: Wave
    is_scored: bool
    last_day: date | None
    """The last day on which answers counted; None before the wave is closed."""
    asked: Asked
    called: Called | None
    """None before the report is released: scores are read nowhere else."""
    failure: str
    """Why scoring failed for good; empty when it did not."""


def lines(session: Session, programme: Programme, *, actor: access.Actor) -> list[WaveLine]:
    """Return every wave, newest first, by as many queries for many waves as for one.

    Whoever sees only their own relationships gets counts of these, and no report about all.
    """
    runs = {run.wave_id: run for run in results.runs_of(session, programme)}
    found = waves.listed(session, programme)
    asked = _asked(session, found, actor)
    own = None if actor.sees_all else access.own_relationships(actor)
    for wave_id, sent in turnout.by_wave(session, found, among=own).items():
        if wave_id in asked:
            asked[wave_id] = replace(asked[wave_id], sent=sent)
    called = _called(session, runs) if actor.sees_all else {}
    failures = _failures(session, programme)
    return [
        WaveLine(
            wave=wave,
            is_scored=wave.id in runs,
            last_day=results.last_day(wave),
            asked=_as_promised(wave, asked.get(wave.id, _NOBODY)),
            called=called.get(wave.id),
            failure="" if wave.id in runs else failures.get(str(wave.id), ""),
        )
        for wave in found
    ]


def _as_promised(wave: Wave, asked: Asked) -> Asked:
    is_told = wave_people.tells_counts(wave, asked.questionnaires)
    return asked if is_told else replace(asked, sent=None)


def _asked(session: Session, found: list[Wave], actor: access.Actor) -> dict[uuid.UUID, Asked]:
    query = (
        select(
            Assignment.wave_id,
            func.count().label("asked"),
            func.count(Assignment.submitted_at).label("sent"),
        )
        .where(Assignment.wave_id.in_([wave.id for wave in found]))
        .group_by(Assignment.wave_id, Assignment.relationship_id)
    )
    if not actor.sees_all:
        query = query.join(Assignment.relationship).where(access.own_relationships(actor))
    # by relationship first, in the order of the index: counting distinct ones sorts all parts
    each = query.subquery()
    asked, sent = (cast(func.sum(column), Integer) for column in (each.c.asked, each.c.sent))
    rows = session.execute(
        select(each.c.wave_id, func.count(), asked, sent).group_by(each.c.wave_id)
    )
    return {wave_id: Asked(*counts) for wave_id, *counts in rows}


def _called(session: Session, runs: Mapping[uuid.UUID, ScoreRun]) -> dict[uuid.UUID, Called]:
    """Read the newest released portfolio report of each run."""
    waves_by_run = {run.id: wave_id for wave_id, run in runs.items()}
    rows = session.execute(
        select(Scorecard.run_id, Scorecard.id, Scorecard.context_json)
        .where(
            Scorecard.run_id.in_(waves_by_run),
            Scorecard.cut == scorecards.PORTFOLIO,
            Scorecard.state == ScorecardState.READY,
        )
        .order_by(Scorecard.completed_at)
    )
    newest = {run_id: (document, context) for run_id, document, context in rows}
    return {
        waves_by_run[run_id]: Called(
            document,
            PortfolioContext.from_json(context, place=f"portfolio of run {run_id}"),
        )
        for run_id, (document, context) in newest.items()
    }


def _failures(session: Session, programme: Programme) -> dict[str, str]:
    """Return the errors of scoring jobs that failed for good, by the wave's id."""
    failed = session.scalars(
        select(Job).where(
            Job.programme_id == programme.id,
            Job.kind == "score-wave",
            Job.state == JobState.FAILED,
        )
    )
    return {job.arguments["wave"]: job.error for job in failed}
