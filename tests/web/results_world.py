"""Closed waves with real scores: answered through the services, scored and reported by the worker."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from surveyapp.clock import utcnow
from surveyapp.extensions import db, transaction
from surveyapp.jobs import worker
from surveyapp.models.invitations import Assignment
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.values import Value
from surveyapp.services import responses, submissions, waves
from tests import factories

COLD, WARM = 1, 5
NO_BASIS: dict[str, str] = {"escape": "nb"}
SILENT = None
Answer = int | dict[str, str] | None
"""One person's rating of everything, no basis to judge anything, or no answer at all."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A programme with one wave."""

    programme: str
    wave: str
    relationships: tuple[uuid.UUID, ...]

    @property
    def address(self) -> str:
        return f"/p/{self.programme}/results/{self.wave}"

    def card(self, position: int = 0) -> str:
        return f"{self.address}/{self.relationships[position]}"


def survey(
    app: Flask,
    answers: Sequence[Answer],
    *,
    slug: str = "kestrin",
    wave: str = "autumn",
    close: bool = True,
    **changes: Any,
) -> Surveyed:
    """Ask one person of each customer, send the answers, close; the worker does its part at once."""
    at = utcnow()
    with app.app_context():
        with transaction() as session:
            programme = factories.make_programme(session, slug, at=at)
            supplier = factories.make_organisation(session, programme, f"{slug} Logistics", at=at)
            for number in range(1, len(answers) + 1):
                buyer = factories.make_organisation(
                    session, programme, f"{slug} customer {number}", at=at
                )
                relationship = factories.make_relationship(session, buyer, supplier, at=at)
                contact = factories.make_contact(session, buyer, f"Tomas {number}", at=at)
                factories.make_part(session, contact, relationship, at=at)
            made = factories.make_wave(
                session, programme, factories.annual_survey(changes), slug=wave, at=at
            )
            waves.launch(session, made, by="test", at=at)
        work()
        with transaction() as session:
            relationships = _answer(session, wave, answers)
            if close:
                waves.close(session, session.get_one(Wave, made.id), by="test", at=utcnow())
        work()
    return Surveyed(slug, wave, relationships)


def _answer(session: Session, wave: str, answers: Sequence[Answer]) -> tuple[uuid.UUID, ...]:
    assignments = session.scalars(
        select(Assignment).join(Assignment.wave).where(Wave.slug == wave).order_by(Assignment.slug)
    ).all()
    for assignment, answer in zip(assignments, answers, strict=True):
        if answer is not SILENT:
            _send(session, assignment.slug, answer)
    return tuple(assignment.relationship_id for assignment in assignments)


def _send(session: Session, slug: str, answer: Value) -> None:
    at = utcnow()
    questionnaire = responses.answering(session, slug, at=at).questionnaire
    for section in questionnaire.sections:
        rated: dict[str, Value | None] = {
            item.id: answer for item in section.items if item.kind == "rating"
        }
        responses.save_section(session, slug, section.id, rated, version=0, at=at)
    assert submissions.submit(session, slug, at=at).response is not None


def work() -> None:
    """Carry out everything that is due, as the worker does."""
    while worker.tick():
        pass


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
