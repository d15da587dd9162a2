"""What a document carries so that its numbers can be made again: gathered from a run, by a worker."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from surveyapp.models.results import Measure, Score
from surveyapp.models.scorecards import Scorecard
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.evidence import Estimated, Evidence, Scale
from surveyapp.services import claims, results
from surveyapp.storage import Store

Context = ScorecardContext | PortfolioContext


def collect(session: Session, store: Store, document: Scorecard, context: Context) -> Evidence:
    """Gather what the document's numbers are made from, and nothing it does not show."""
    del store
    bare = _bare(document, context)
    if isinstance(context, PortfolioContext):
        return _portfolio(session, document, context, bare)
    return _scorecard(session, document, context, bare)


def _bare(document: Scorecard, context: Context) -> Evidence:
    run = document.run
    return Evidence(
        kind="scorecard" if isinstance(context, ScorecardContext) else "portfolio",
        run=str(run.id),
        bundle_sha256=run.bundle_hash,
        cuts=tuple(run.summary["cuts"]),
        level_names=tuple(run.summary["level_names"]),
        confidence=results.CONFIDENCE,
    )


def _scorecard(
    session: Session, document: Scorecard, card: ScorecardContext, bare: Evidence
) -> Evidence:
    scores = results.scores_of(session, document.run, relationship_id=document.relationship_id)
    estimates = {_name(score): _estimated(document, score) for score in scores}
    if (anchor := _anchor(scores)) is not None:
        estimates["anchor"] = _estimated(document, anchor)
    counts = {
        row.function: (
            *(row.invited, row.answered, row.deciders_invited, row.deciders_answered),
            *row.by_dimension,
        )
        for row in card.coverage
    }
    return replace(bare, estimates=_printed(estimates, card), counts=counts)


def _portfolio(
    session: Session, document: Scorecard, report: PortfolioContext, bare: Evidence
) -> Evidence:
    scores = results.scores_of(session, document.run)
    estimates = {f"seq:{score.relationship_id}": _estimated(document, score) for score in scores}
    counts = {row.key: (row.invited, row.answered) for row in report.relationships}
    return replace(bare, estimates=_printed(estimates, report), counts=counts)


def _printed(estimates: Mapping[str, Estimated], context: Context) -> dict[str, Estimated]:
    """Leave only what stands on the pages: the rest may be hidden."""
    names = {claim.name for claim in claims.of(context)}
    return {name: each for name, each in estimates.items() if name in names}


def _name(score: Score) -> str:
    return score.measure.value + (f":{score.dimension}" if score.dimension else "")


def _anchor(scores: Sequence[Score]) -> Score | None:
    """Return the dimension whose midpoint is the absolute anchor: attitude, else the first."""
    engaged = [score for score in scores if score.measure is Measure.ENGAGEMENT]
    return min(engaged, key=lambda score: score.dimension != "attitude", default=None)


def _estimated(document: Scorecard, score: Score) -> Estimated:
    mean, sd = document.run.summary["reference"][f"{score.measure.value}:{score.dimension}"]
    return Estimated(
        value=score.value,
        standard_error=score.standard_error,
        scale=Scale(mean=mean, sd=sd),
        n=score.n,
    )
