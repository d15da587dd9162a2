"""Who was asked about a relationship, who has spoken, and SEQ as each function sees it."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact, Function, Influence
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.reports import context as said
from surveyapp.scoring import disclosure
from surveyapp.services import anonymous_answers, contract, scorecard_numbers
from surveyapp.services.scorecard_climate import Card

FUNCTION_LABELS: Final = {
    each: "IT" if each is Function.IT else each.value.capitalize() for each in Function
}
EVERYBODY: Final = "All functions"
_BY_LABEL: Final = {label: each for each, label in FUNCTION_LABELS.items()}


def coverage(
    session: Session, run: ScoreRun, relationship_id: uuid.UUID
) -> tuple[said.CoverageRow, ...]:
    """Count who was asked and who answered, function by function, the largest first.

    Of answers that are nobody's any more only their number is known.
    """
    if not contract.keeps_pairs(run.wave):
        asked = select(func.count()).where(
            Assignment.wave_id == run.wave_id, Assignment.relationship_id == relationship_id
        )
        invited = session.scalar(asked) or 0
        heard = anonymous_answers.heard(session, run.wave, relationship_id)
        return (said.CoverageRow(function=EVERYBODY, invited=invited, answered=heard),)
    return _by_function(session, run, relationship_id)


def _by_function(
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


def with_dimensions(card: Card, rows: Sequence[said.CoverageRow]) -> tuple[said.CoverageRow, ...]:
    """Add how many of each function answered each climate dimension, unless a count is small."""
    if any(row.function not in _BY_LABEL for row in rows):
        return tuple(rows)
    wanted = [each.id for each in card.frame.questionnaire.dimensions if each.kind == "climate"]
    counted = []
    for row in rows:
        heard = card.file.heard(_BY_LABEL[row.function].value, card.position)
        counted.append(tuple(heard[each] for each in wanted))
    if any(0 < n < card.frame.minimum for counts in counted for n in counts):
        return tuple(rows)
    return tuple(
        said.CoverageRow(
            function=row.function,
            invited=row.invited,
            answered=row.answered,
            deciders_invited=row.deciders_invited,
            deciders_answered=row.deciders_answered,
            by_dimension=counts,
        )
        for row, counts in zip(rows, counted, strict=True)
    )


def by_function(card: Card, rows: Sequence[said.CoverageRow]) -> tuple[said.FunctionRow, ...]:
    """Say SEQ as each function sees it; nothing where a single one was heard, it would be SEQ.

    Functions under the contract's k are hidden, and as many more that none follows from the rest.
    """
    if any(row.function not in _BY_LABEL for row in rows):
        return ()
    numbers = [card.file.function(_BY_LABEL[row.function].value, card.position) for row in rows]
    minimum = card.frame.minimum
    counts = [0 if number.is_alike and minimum > 1 else number.n for number in numbers]
    if sum(number.n > 0 for number in numbers) < 2:  # noqa: PLR2004 see above
        return ()
    hidden = disclosure.suppress(np.array([float(n) for n in counts]), minimum=minimum)
    found = []
    for row, number, count, is_hidden in zip(rows, numbers, counts, hidden, strict=True):
        standing = card.frame.standing(0 if is_hidden else count, answered=row.answered)
        found.append(
            said.FunctionRow(
                function=row.function,
                standing=standing,
                invited=row.invited,
                answered=row.answered,
                score=scorecard_numbers.score(number) if standing == "shown" else None,
            )
        )
    return tuple(found)


def silent_deciders(
    session: Session, run: ScoreRun, relationship_id: uuid.UUID
) -> tuple[said.SilentDecider, ...]:
    """Name who decides and has not answered; to be asked for identified waves only."""
    rows = session.execute(
        select(Assignment.function, Contact.name)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .where(
            Assignment.wave_id == run.wave_id,
            Assignment.relationship_id == relationship_id,
            Assignment.influence == Influence.DECIDES,
            Assignment.submitted_at.is_(None),
        )
        .order_by(Contact.name, Contact.id)
    )
    return tuple(
        said.SilentDecider(function=FUNCTION_LABELS[function], name=name) for function, name in rows
    )


def suppliers_people(
    session: Session, waves: Sequence[Wave], relationship_id: uuid.UUID
) -> tuple[int, int]:
    """Count the supplier's people who were asked in these waves, and those who answered any."""
    rows = session.execute(
        select(Invitation.contact_id, func.max(Assignment.submitted_at))
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .where(
            Assignment.wave_id.in_([wave.id for wave in waves]),
            Assignment.relationship_id == relationship_id,
        )
        .group_by(Invitation.contact_id)
    ).all()
    return len(rows), sum(1 for _, submitted_at in rows if submitted_at is not None)
