"""The newest released scorecard of a relationship: what its own page may say of scores."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Relationship
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports.context import ScorecardContext


@dataclass(frozen=True, slots=True)
class Released:
    """One scorecard as it left the server."""

    document_id: uuid.UUID
    wave: str
    """Short name of the wave, as in addresses."""
    context: ScorecardContext


def newest(session: Session, relationship: Relationship) -> Released | None:
    """Return the newest document of the newest wave that has one; None before any was made."""
    found = session.execute(
        select(Scorecard.id, Scorecard.context_json, Wave.slug)
        .join(ScoreRun, ScoreRun.id == Scorecard.run_id)
        .join(Wave, Wave.id == ScoreRun.wave_id)
        .where(
            Scorecard.relationship_id == relationship.id,
            Scorecard.state == ScorecardState.READY,
        )
        .order_by(Wave.opened_at.desc(), ScoreRun.number.desc(), Scorecard.completed_at.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    document_id, text, wave = found
    context = ScorecardContext.from_json(text, place=f"scorecard {document_id}")
    return Released(document_id, wave, context)
