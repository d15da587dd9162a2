"""Which approved weights and cuts a questionnaire's next run is made with."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from surveyapp.models.programmes import Programme
from surveyapp.models.scoring_rules import ScoringRule


def at_moment(
    session: Session, programme: Programme, questionnaire_id: str, *, at: datetime
) -> ScoringRule | None:
    """Return the newest rule approved by then; None where the questionnaire's own numbers hold."""
    query = all_rules(programme).where(
        ScoringRule.questionnaire_id == questionnaire_id, ScoringRule.approved_at <= at
    )
    return session.scalars(query.limit(1)).first()


def all_rules(programme: Programme) -> Select[ScoringRule]:
    """Query a programme's rules, newest first within their questionnaire."""
    return (
        select(ScoringRule)
        .where(ScoringRule.programme_id == programme.id)
        .order_by(ScoringRule.questionnaire_id, ScoringRule.number.desc())
    )
