"""From stored scores to what the portfolio report of a whole run says."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.invitations import Assignment
from surveyapp.models.results import Score, ScoreRun
from surveyapp.reports import context as said
from surveyapp.services import results
from surveyapp.services.report_contexts import call_of
from surveyapp.services.results import Frame


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
        call=call_of(score) if is_shown else None,
        label=score.label if is_shown else "no answers",
        annual_value=results.money(score.relationship),
        renewal_on=score.relationship.renewal_on,
        key=str(score.relationship_id),
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
