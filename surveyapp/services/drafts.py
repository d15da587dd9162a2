"""Drafts: the rows behind a page that was saved, and behind one that is kept until confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import DraftAnswer, HeldPage, SavedSection
from surveyapp.questionnaires.values import Value

_HELD_AT_MOST: Final = 20
"""Held pages kept per assignment: the newest; a form token is no key to fill the disk."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """That a section's page was accepted."""

    version: int
    saved_at: datetime
    is_passed: bool


# written once, for every page asks them
_ANSWERS: Final[Select[str, Any]] = select(DraftAnswer.item_id, DraftAnswer.value).where(
    DraftAnswer.assignment_id == bindparam("assignment_id")
)
_SAVED: Final = select(
    SavedSection.section_id, SavedSection.version, SavedSection.saved_at, SavedSection.is_passed
).where(SavedSection.assignment_id == bindparam("assignment_id"))
_HELD: Final = (
    select(HeldPage)
    .where(HeldPage.assignment_id == bindparam("assignment_id"))
    .order_by(HeldPage.held_at)
)
_FORGET_HELD: Final = (
    delete(HeldPage)
    .where(
        HeldPage.assignment_id == bindparam("assignment_id"),
        HeldPage.section_id == bindparam("section_id"),
    )
    .execution_options(synchronize_session=False)
)


def answers_of(session: Session, assignment: Assignment) -> dict[str, Value]:
    """Return the whole draft by item, on and off the path."""
    rows = session.execute(_ANSWERS, {"assignment_id": assignment.id})
    return {row.item_id: row.value for row in rows}


def saved_sections(session: Session, assignment: Assignment) -> dict[str, Accepted]:
    """Return the sections that were accepted, by id."""
    rows = session.execute(_SAVED, {"assignment_id": assignment.id})
    return {row.section_id: Accepted(row.version, row.saved_at, row.is_passed) for row in rows}


def held_pages(session: Session, assignment: Assignment) -> list[HeldPage]:
    """Return the pages kept for confirmation, oldest first."""
    return list(session.scalars(_HELD, {"assignment_id": assignment.id}))


def store(
    session: Session, assignment: Assignment, answers: Mapping[str, Value | None], *, at: datetime
) -> None:
    """Write answers of the draft, None takes one out: a statement for all that are new, changed, gone."""
    stands = answers_of(session, assignment)
    given = {key: value for key, value in answers.items() if value is not None}
    new = [key for key in given if key not in stands]
    changed = [key for key in given if key in stands and stands[key] != given[key]]
    gone = [key for key in answers if key in stands and key not in given]
    if gone:
        session.execute(
            delete(DraftAnswer)
            .where(DraftAnswer.assignment_id == assignment.id, DraftAnswer.item_id.in_(gone))
            .execution_options(synchronize_session=False)
        )
    row = {"assignment_id": assignment.id, "saved_at": at}
    if changed:
        rows = [{**row, "item_id": key, "value": given[key]} for key in changed]
        session.execute(update(DraftAnswer), rows)
    if new:
        row["programme_id"] = assignment.programme_id
        session.execute(
            insert(DraftAnswer), [{**row, "item_id": key, "value": given[key]} for key in new]
        )


def forget_held(session: Session, assignment: Assignment, section_id: str) -> None:
    """Drop the kept pages of a section: a newer page of it was accepted."""
    session.execute(_FORGET_HELD, {"assignment_id": assignment.id, "section_id": section_id})


def keep_newest_held(session: Session, assignment: Assignment) -> None:
    """Drop all but the newest kept pages of an assignment."""
    newest = (
        select(HeldPage.id)
        .where(HeldPage.assignment_id == assignment.id)
        .order_by(HeldPage.held_at.desc())
        .limit(_HELD_AT_MOST)
    )
    session.execute(
        delete(HeldPage).where(
            HeldPage.assignment_id == assignment.id, HeldPage.id.not_in(newest.scalar_subquery())
        )
    )
