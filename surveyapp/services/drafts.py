"""Drafts: the rows behind a page that was saved, and behind one that is kept until confirmed."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import DraftAnswer, HeldPage, SavedSection
from surveyapp.questionnaires.values import Value

_HELD_AT_MOST: Final = 20
"""Held pages kept per assignment: the newest; a form token is no key to fill the disk."""


def answers_of(session: Session, assignment: Assignment) -> dict[str, Value]:
    """Return the whole draft by item, on and off the path."""
    rows = session.execute(
        select(DraftAnswer.item_id, DraftAnswer.value).where(
            DraftAnswer.assignment_id == assignment.id
        )
    )
    return {row.item_id: row.value for row in rows}


def saved_sections(session: Session, assignment: Assignment) -> dict[str, SavedSection]:
    """Return the sections that were accepted, by id."""
    rows = session.scalars(select(SavedSection).where(SavedSection.assignment_id == assignment.id))
    return {section.section_id: section for section in rows}


def held_pages(session: Session, assignment: Assignment) -> list[HeldPage]:
    """Return the pages kept for confirmation, oldest first."""
    return list(
        session.scalars(
            select(HeldPage)
            .where(HeldPage.assignment_id == assignment.id)
            .order_by(HeldPage.held_at)
        )
    )


def store(
    session: Session, assignment: Assignment, item_id: str, value: Value | None, *, at: datetime
) -> None:
    """Write one answer of the draft; None takes it out."""
    stored = session.get(DraftAnswer, (assignment.id, item_id))
    if value is None:
        if stored is not None:
            session.delete(stored)
    elif stored is None:
        session.add(
            DraftAnswer(
                assignment_id=assignment.id,
                item_id=item_id,
                programme_id=assignment.programme_id,
                value=value,
                saved_at=at,
            )
        )
    elif stored.value != value:
        stored.value, stored.saved_at = value, at


def forget_held(session: Session, assignment: Assignment, section_id: str) -> None:
    """Drop the kept pages of a section: a newer page of it was accepted."""
    session.execute(
        delete(HeldPage).where(
            HeldPage.assignment_id == assignment.id, HeldPage.section_id == section_id
        )
    )


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
