"""From stored scores to what the scorecard of one relationship says."""

import uuid
from collections import Counter, defaultdict
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Function, Influence
from surveyapp.models.invitations import Assignment
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.reports import context as said
from surveyapp.services import results
from surveyapp.services.results import Frame

FUNCTION_LABELS: Final = {
    each: "IT" if each is Function.IT else each.value.capitalize() for each in Function
}


def scorecard(
    session: Session, run: ScoreRun, relationship_id: uuid.UUID, *, locale: str
) -> said.ScorecardContext:
    """Say everything a run found about one relationship.

    Raises
    ------
    NotFound
        The run did not ask about this relationship.
    """
    frame = results.frame(run, locale=locale)
    scores = results.scores_of(session, run, relationship_id=relationship_id)
    if not scores:
        raise NotFound("This relationship is not part of the wave.")
    by_measure = {(score.measure, score.dimension): score for score in scores}
    seq = by_measure[Measure.SEQ, ""]
    relationship = seq.relationship
    coverage = _coverage(session, run, relationship_id)
    answered = sum(row.answered for row in coverage)
    standing = frame.standing(seq.n, answered=answered)
    is_shown = standing == "shown"
    return said.ScorecardContext(
        programme=frame.programme.name,
        buyer=relationship.buyer.name,
        supplier=relationship.supplier.name,
        wave=frame.wave.name,
        opened_on=frame.wave.opened_at.date() if frame.wave.opened_at else None,
        closed_on=results.last_day(frame.wave),
        made_at=run.created_at,
        standing=standing,
        call=call_of(seq) if is_shown else None,
        label=seq.label if is_shown else "",
        seq=results.shown_score(seq) if is_shown else None,
        chances=tuple(seq.probabilities) if is_shown else None,
        levels=frame.levels,
        below_midpoint=seq.below_midpoint if is_shown else None,
        climate=_climate(frame, by_measure, answered),
        coverage=coverage,
        method=frame.method,
        narrowed_by=results.narrowed_by(relationship),
        annual_value=results.money(relationship),
        renewal_on=relationship.renewal_on,
        locale=locale,
        data_note=frame.programme.data_note or None,
    )


def call_of(score: Score) -> said.Call:
    """Read the call that a score was stored with."""
    match score.call:
        case "at risk" | "not at risk" | "cannot tell yet":
            return score.call
        case other:
            raise ValueError(f"Score {score.id} holds the call {other!r}, which no rule gives.")


def _climate(
    frame: Frame, scores: dict[tuple[Measure, str], Score], answered: int
) -> tuple[said.ClimateRow, ...]:
    rows = []
    for dimension in frame.questionnaire.dimensions:
        if dimension.kind != "climate":
            continue
        score = scores[Measure.CLIMATE, dimension.id]
        standing = frame.standing(score.n, answered=answered)
        mean, _ = frame.run.summary["reference"][f"climate:{dimension.id}"]
        rows.append(
            said.ClimateRow(
                dimension=dimension.id,
                label=dimension.label,
                standing=standing,
                score=results.shown_score(score) if standing == "shown" else None,
                reference_points=mean,
            )
        )
    return tuple(rows)


def _coverage(
    session: Session, run: ScoreRun, relationship_id: uuid.UUID
) -> tuple[said.CoverageRow, ...]:
    rows = session.execute(
        select(
            Assignment.function,
            Assignment.influence,
            func.count(),
            func.count(Assignment.submitted_at),
        )
        .where(Assignment.wave_id == run.wave_id, Assignment.relationship_id == relationship_id)
        .group_by(Assignment.function, Assignment.influence)
    )
    invited: defaultdict[Function, Counter[str]] = defaultdict(Counter)
    for function, influence, asked, answered in rows:
        invited[function]["asked"] += asked
        invited[function]["answered"] += answered
        if influence == Influence.DECIDES:
            invited[function]["deciders"] += asked
            invited[function]["deciders answered"] += answered
    return tuple(
        said.CoverageRow(
            function=FUNCTION_LABELS[function],
            invited=count["asked"],
            answered=count["answered"],
            deciders_invited=count["deciders"],
            deciders_answered=count["deciders answered"],
        )
        for function, count in sorted(
            invited.items(), key=lambda pair: (-pair[1]["asked"], pair[0].value)
        )
    )
