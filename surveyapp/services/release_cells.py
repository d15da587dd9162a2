"""What a release rests on: for each relationship and wave how many people, and which of their answers."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import AnonymousResponse, Response
from surveyapp.models.results import ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.services import contract, disclosure_rules

SCORES: Final = "scores"
"""The cell of everything that is computed from a relationship's answers in a wave."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry for the ledger."""

    wave_id: uuid.UUID
    relationship_id: uuid.UUID
    people: int
    answers_hash: str
    minimum: int
    """The k of that wave."""


@dataclass(frozen=True, slots=True)
class History:
    """Every revision a relationship's people have sent in a wave, and when; of nobody's answers the ids."""

    revisions: Sequence[tuple[uuid.UUID, datetime, uuid.UUID]]
    """Assignment, time sent, response; the later revisions of an assignment last."""
    unowned: Sequence[uuid.UUID] = ()

    def at(self, moment: datetime) -> dict[uuid.UUID, uuid.UUID]:
        """Return the answers that counted at a moment: the last revision of each person until then."""
        counted = {
            assignment: response
            for assignment, sent_at, response in self.revisions
            if sent_at <= moment
        }
        return counted | {each: each for each in self.unowned}

    def people_changed(self, since: datetime, until: datetime) -> int:
        """Count whose answers differ between two moments."""
        before, after = self.at(since), self.at(until)
        return sum(before.get(each) != response for each, response in after.items())


def fingerprint(answers: Mapping[uuid.UUID, uuid.UUID]) -> str:
    """Return the same hash for the same set of the same revisions."""
    content = ",".join(sorted(str(each) for each in answers.values()))
    return hashlib.sha256(content.encode()).hexdigest()


def waves_of(session: Session, run: ScoreRun) -> Sequence[Wave]:
    """Return the waves whose answers a run looked at, its own first, their questionnaires loaded."""
    slugs = {each["wave"] for each in run.summary.get("layers", ())} | {run.wave.slug}
    found = session.scalars(
        select(Wave)
        .where(Wave.programme_id == run.programme_id, Wave.slug.in_(slugs))
        .options(joinedload(Wave.questionnaire_version))
    ).all()
    return sorted(found, key=lambda wave: (wave.id != run.wave_id, wave.slug))


def histories(
    session: Session, wave: Wave, *, relationship_id: uuid.UUID | None = None
) -> dict[uuid.UUID, History]:
    """Read what was sent in a wave, by relationship; or of one."""
    if contract.is_severed(wave):
        return _unowned(
            session, wave, _is_about(AnonymousResponse.relationship_id, relationship_id)
        )
    rows = session.execute(
        select(
            Assignment.relationship_id,
            Response.assignment_id,
            Response.submitted_at,
            Response.id,
        )
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(
            Assignment.wave_id == wave.id, _is_about(Assignment.relationship_id, relationship_id)
        )
        .order_by(Response.assignment_id, Response.revision)
    )
    found: defaultdict[uuid.UUID, list[tuple[uuid.UUID, datetime, uuid.UUID]]] = defaultdict(list)
    for relationship, assignment, sent_at, response in rows:
        found[relationship].append((assignment, sent_at, response))
    return {relationship: History(sent) for relationship, sent in found.items()}


def cells_of(run: ScoreRun, wave: Wave, told: Mapping[uuid.UUID, History]) -> Iterable[Cell]:
    """Return what a run takes from a wave: the answers there were when it was made."""
    minimum = disclosure_rules.people(wave)
    for relationship_id, history in told.items():
        answers = history.at(run.created_at)
        if answers:
            yield Cell(wave.id, relationship_id, len(answers), fingerprint(answers), minimum)


def _unowned(
    session: Session, wave: Wave, is_about: ColumnElement[bool]
) -> dict[uuid.UUID, History]:
    rows = session.execute(
        select(AnonymousResponse.relationship_id, AnonymousResponse.id).where(
            AnonymousResponse.wave_id == wave.id, is_about
        )
    )
    found: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for relationship, answer in rows:
        if relationship is not None:
            found[relationship].append(answer)
    return {relationship: History((), answers) for relationship, answers in found.items()}


def _is_about(
    column: InstrumentedAttribute[Any], relationship_id: uuid.UUID | None
) -> ColumnElement[bool]:
    return true() if relationship_id is None else column == relationship_id
