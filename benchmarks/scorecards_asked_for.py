"""Whole scorecards for S7 and S12: four pages each, from stored answers of both sides, asked for at will."""

import uuid
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, transaction
from surveyapp.models.accounts import Relationship
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports import packs
from surveyapp.services import results, scorecards
from tests.services.whole_cards import BUYERS, run_of_two_waves

LOCALES = ("en_GB", "en_US", "en_AU", "en_CA", "en_NZ", "en_IE")
"""Each gives every relationship another document, so that a small run gives many."""


def run_of(relationships: int) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Store a run; return it and the relationships whose people answered."""
    buyers = BUYERS[: relationships + 1]
    run_id, found = run_of_two_waves(buyers)
    return run_id, [found[buyer] for buyer in buyers[:-1]]


def ask(run_id: uuid.UUID, relationships: Iterable[uuid.UUID], locale: str) -> int:
    """Ask for these scorecards; return how many."""
    count = 0
    with transaction() as session:
        run, pack = results.run(session, run_id), packs.find("scorecard")
        for relationship_id in relationships:
            about = session.get_one(
                Relationship,
                relationship_id,
                options=[joinedload(Relationship.buyer), joinedload(Relationship.supplier)],
            )
            scorecards.request(
                session, run, about, pack=pack, locale=locale, by="benchmark", at=utcnow()
            )
            count += 1
    return count


def ready() -> int:
    """Count the finished documents."""
    with reading() as session:
        finished = Scorecard.state == ScorecardState.READY
        return session.scalar(select(func.count(Scorecard.id)).where(finished)) or 0
