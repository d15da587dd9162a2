"""Which documents ``waves report`` asks for, and where the finished ones go."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.extensions import state
from surveyapp.models.accounts import Relationship
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports import packs
from surveyapp.services import results, scorecards

_PACKS = {"relationship": "scorecard", "portfolio": "portfolio"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Documents asked for, and the jobs that make them."""

    scorecards: list[uuid.UUID]
    jobs: list[uuid.UUID]


def request_documents(
    session: Session,
    wave: Wave,
    *,
    at_risk: int,
    warmest: int,
    locale: str,
    by: str,
    at: datetime,
) -> Asked:
    """Ask for the portfolio report and the scorecards; those made before are not made again."""
    run = results.latest_run(session, wave)
    wanted: list[Relationship | None] = [None, *_chosen(session, run, at_risk, warmest)]
    made = []
    for relationship in wanted:
        pack = packs.find(_PACKS["relationship" if relationship else "portfolio"])
        made.append(
            scorecards.request(session, run, relationship, pack=pack, locale=locale, by=by, at=at)
        )
    return Asked([document.id for document, _ in made], [job for _, job in made])


def _chosen(session: Session, run: ScoreRun, at_risk: int, warmest: int) -> list[Relationship]:
    """Return the relationships most at risk, then the warmest; all of them when no number is given."""
    scores = list(
        session.scalars(
            select(Score)
            .where(Score.run_id == run.id, Score.measure == Measure.SEQ)
            .options(
                joinedload(Score.relationship).joinedload(Relationship.buyer),
                joinedload(Score.relationship).joinedload(Relationship.supplier),
            )
        )
    )
    if not at_risk and not warmest:
        return [score.relationship for score in scores]
    by_risk = sorted(scores, key=lambda score: (-score.probabilities[0], score.value))
    by_warmth = sorted(scores, key=lambda score: -score.value)
    chosen = {score.relationship_id: score.relationship for score in by_risk[:at_risk]}
    chosen |= {score.relationship_id: score.relationship for score in by_warmth[:warmest]}
    return list(chosen.values())


def copy_finished(session: Session, ids: list[uuid.UUID], folder: Path) -> list[Path]:
    """Copy finished documents out of the store under names that people can read."""
    folder.mkdir(parents=True, exist_ok=True)
    session.rollback()
    found = session.scalars(
        select(Scorecard).where(Scorecard.id.in_(ids), Scorecard.state == ScorecardState.READY)
    )
    copied: list[Path] = []
    for document in found:
        path = folder / document.file_name
        if path in copied:  # two companies of one name, or alike in their first letters
            path = path.with_stem(f"{path.stem} {document.id.hex[:8]}")
        path.write_bytes(state().store.get(document.file_sha256))
        copied.append(path)
    return copied
