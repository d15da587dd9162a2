"""Which relationships a promise keeps out of documents, the same that coverage keeps to itself."""

import uuid

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from surveyapp.models.waves import Wave
from surveyapp.services import coverage_promise, disclosure_rules
from surveyapp.services.coverage_promise import Sight


def hidden(session: Session, wave: Wave) -> frozenset[uuid.UUID]:
    """Return the relationships of which it is not told how many answered: too few were asked there.

    A number shown about them would tell that, alone or from the whole.
    """
    minimum = disclosure_rules.people(wave)
    if minimum == 1:
        return frozenset()
    plain = Sight(wave=wave, own=true(), sees_all=True, minimum=minimum)
    sight = coverage_promise.with_hiding(session, plain)
    tally = sight.tally()
    query = select(tally.c.relationship_id).where(~sight.is_told(tally))
    return frozenset(session.scalars(query))
