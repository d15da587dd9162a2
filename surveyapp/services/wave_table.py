"""A programme's waves, a line each: how far they are, whom they ask and who has answered."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import definitions, listing, wave_people
from surveyapp.services.listing import Order, Page

NEWEST_FIRST: Final = Order("created", is_descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One wave of the list."""

    wave: Wave
    title: str
    """Of its questionnaire."""
    asked: int
    """People on the frozen list; 0 before the launch."""
    answered: int | None
    """Of these, who sent everything they were asked; None where the contract keeps it to itself."""


def page(
    session: Session, programme: Programme, *, order: Order = NEWEST_FIRST, number: int = 1
) -> Page[Line]:
    """Return a page of the waves, by as many queries for many as for one."""
    query = (
        select(Wave)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Wave.questionnaire_version_id)
        .where(Wave.programme_id == programme.id)
        .options(joinedload(Wave.questionnaire_version))
    )
    columns: dict[str, listing.Sortable] = {
        "created": Wave.created_at,
        "name": func.lower(Wave.name),
        "state": case(
            *((Wave.state == each, literal(number)) for number, each in enumerate(WaveState))
        ),
        "questionnaire": QuestionnaireVersion.questionnaire_id,
        "closes": func.coalesce(Wave.closed_at, Wave.closes_at),
    }
    found = listing.paged(session, query, columns=columns, order=order, number=number, tie=Wave.id)
    shown: list[Wave] = [row[0] for row in found.rows]
    asked = _asked(session, shown)
    unanswered = _unanswered(session, shown)
    return found.with_rows([_line(wave, asked, unanswered) for wave in shown])


def _line(wave: Wave, asked: Mapping[uuid.UUID, int], unanswered: Mapping[uuid.UUID, int]) -> Line:
    people = asked.get(wave.id, 0)
    return Line(
        wave=wave,
        title=definitions.load(wave.questionnaire_version, "").title,
        asked=people,
        answered=(
            people - unanswered.get(wave.id, 0) if wave_people.tells_counts(wave, people) else None
        ),
    )


def _asked(session: Session, waves: Sequence[Wave]) -> dict[uuid.UUID, int]:
    found = session.execute(
        select(Invitation.wave_id, func.count())
        .where(Invitation.wave_id.in_([wave.id for wave in waves]))
        .group_by(Invitation.wave_id)
    )
    return {row[0]: row[1] for row in found}


def _unanswered(session: Session, waves: Sequence[Wave]) -> dict[uuid.UUID, int]:
    """Count the people with something left to send."""
    people = (
        select(Assignment.wave_id)
        .where(
            Assignment.wave_id.in_([wave.id for wave in waves]),
            Assignment.submitted_at.is_(None),
        )
        .group_by(Assignment.wave_id, Assignment.invitation_id)
        .subquery()
    )
    found = session.execute(select(people.c.wave_id, func.count()).group_by(people.c.wave_id))
    return {row[0]: row[1] for row in found}
