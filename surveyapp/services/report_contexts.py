"""From stored scores to what a document says, for one relationship or for a whole run."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Function, Influence, Relationship
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
        call=_call(seq) if is_shown else None,
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


def portfolio(session: Session, run: ScoreRun, *, locale: str) -> said.PortfolioContext:
    """Say everything a run found about all relationships together.

    The level mix is the mean of probabilities over relationships that may be shown.
    """
    frame = results.frame(run, locale=locale)
    scores = results.scores_of(session, run)
    counts = _counts(session, run)
    naming = _Naming([score.relationship for score in scores])
    rows = tuple(_row(frame, score, counts, naming) for score in scores)
    shown = [row.chances for row in rows if row.chances is not None]
    return said.PortfolioContext(
        programme=frame.programme.name,
        wave=frame.wave.name,
        opened_on=frame.wave.opened_at.date() if frame.wave.opened_at else None,
        closed_on=results.last_day(frame.wave),
        made_at=run.created_at,
        levels=frame.levels,
        mix=_mean(shown) if shown else None,
        relationships=rows,
        method=frame.method,
        noun=naming.noun,
        locale=locale,
        data_note=frame.programme.data_note or None,
    )


class _Naming:
    """What the reader calls a relationship: by the side that differs."""

    def __init__(self, relationships: Sequence[Relationship]) -> None:
        buyers = {each.buyer_id for each in relationships}
        suppliers = {each.supplier_id for each in relationships}
        self._by_buyer, self._by_supplier = len(suppliers) == 1, len(buyers) == 1
        sides = Counter(self._side(each) for each in relationships)
        self._doubled = {side for side, count in sides.items() if count > 1}
        self.noun = "relationships"
        if not self._doubled and self._by_buyer:
            self.noun = "customers"
        elif not self._doubled and self._by_supplier:
            self.noun = "suppliers"

    def of(self, relationship: Relationship) -> str:
        side = self._side(relationship)
        narrowed = results.narrowed_by(relationship)
        return f"{side} ({', '.join(narrowed)})" if side in self._doubled and narrowed else side

    def _side(self, relationship: Relationship) -> str:
        if self._by_buyer:
            return relationship.buyer.name
        if self._by_supplier:
            return relationship.supplier.name
        return f"{relationship.buyer.name} and {relationship.supplier.name}"


def _row(
    frame: Frame, score: Score, counts: dict[uuid.UUID, tuple[int, int]], naming: _Naming
) -> said.PortfolioRow:
    invited, answered = counts[score.relationship_id]
    standing = frame.standing(score.n, answered=answered)
    is_shown = standing == "shown"
    return said.PortfolioRow(
        name=naming.of(score.relationship),
        standing=standing,
        invited=invited,
        answered=answered,
        seq=results.shown_score(score) if is_shown else None,
        chances=tuple(score.probabilities) if is_shown else None,
        call=_call(score) if is_shown else None,
        label=score.label if is_shown else "no answers",
        annual_value=results.money(score.relationship),
        renewal_on=score.relationship.renewal_on,
        key=str(score.relationship_id),
    )


def _call(score: Score) -> said.Call:
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


def _counts(session: Session, run: ScoreRun) -> dict[uuid.UUID, tuple[int, int]]:
    """Return people asked and people who answered, by relationship."""
    rows = session.execute(
        select(
            Assignment.relationship_id,
            func.count(),
            func.count(Assignment.submitted_at),
        )
        .where(Assignment.wave_id == run.wave_id)
        .group_by(Assignment.relationship_id)
    )
    return {relationship: (asked, answered) for relationship, asked, answered in rows}


def _mean(probabilities: Iterable[Sequence[float]]) -> tuple[float, ...]:
    rows = list(probabilities)
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
