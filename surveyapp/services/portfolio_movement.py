"""How a portfolio moved since the last comparable wave."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.reports import context as said
from surveyapp.services import disclosure_rules, portfolio_numbers
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_details import FALSE_DISCOVERIES
from surveyapp.services.score_entries import BUYER, LAST


def last_wave(session: Session, run: ScoreRun) -> Wave | None:
    """Return the buyers' wave a run compares with; None when there was none."""
    slugs = [
        each["wave"]
        for each in run.summary["layers"]
        if (each["view"], each["when"]) == (BUYER, LAST)
    ]
    return session.scalars(
        select(Wave)
        .where(Wave.programme_id == run.programme_id, Wave.slug.in_(slugs))
        .options(joinedload(Wave.questionnaire_version))
    ).first()


def compared(file: RunFile, last: Wave | None, *, minimum: int) -> frozenset[int]:
    """Return the positions of relationships that enough people spoke for in both waves."""
    if last is None or "change" not in file.contrasts:
        return frozenset()
    change = file.numbers("change")
    before = max(disclosure_rules.people(last), 1)
    enough = (change[:, 4] >= max(minimum, 1)) & (change[:, 5] >= before)
    return frozenset(int(position) for position in np.flatnonzero(enough))


def movement(
    file: RunFile, last: Wave | None, positions: Sequence[int], *, cuts: Sequence[float]
) -> said.Movement | None:
    """Say how the relationships moved together, and what their mix was; None when none is compared."""
    if last is None or not positions:
        return None
    whole = portfolio_numbers.mean(file, positions, "change")
    return said.Movement(
        since=last.name,
        compared=len(positions),
        change=whole.interval,
        is_beyond_chance=whole.p <= FALSE_DISCOVERIES,
        mix=portfolio_numbers.former_mix(file, positions, cuts),
    )
