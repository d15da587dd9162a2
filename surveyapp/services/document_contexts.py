"""What a document says, made by a worker from its run; pages show what was released."""

from sqlalchemy.orm import Session

from surveyapp.models.scorecards import Scorecard
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.services import portfolio_contexts, report_contexts
from surveyapp.storage import Store


def context_of(
    session: Session, store: Store, document: Scorecard
) -> ScorecardContext | PortfolioContext:
    """Collect what the document says from stored scores and the arrays of its run."""
    if document.relationship_id is None:
        return portfolio_contexts.portfolio(session, store, document.run, locale=document.locale)
    return report_contexts.scorecard(
        session, store, document.run, document.relationship_id, locale=document.locale
    )
