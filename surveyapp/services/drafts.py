"""Drafts: the rows behind a page that was saved, and behind one that is kept until confirmed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import (
    JSON,
    BindParameter,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    null,
    select,
    type_coerce,
    union_all,
    update,
)
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
    page: str = ""
    """The opened page that was saved last, where it was asked for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page that is saved meets."""

    answers: dict[str, Value]
    """The whole draft, on and off the path."""
    saved: Accepted | None
    """The page's own section, if it was accepted before."""
    has_held: bool
    """Whether any page of the assignment is kept for confirmation."""


# written once, for every page asks them; of tables, since rows are all that is wanted and objects cost
_DRAFTS, _SECTIONS, _KEPT = (
    cast("Table", each.__table__) for each in (DraftAnswer, SavedSection, HeldPage)
)
_answer, _section = _DRAFTS.c, _SECTIONS.c
_OF_ASSIGNMENT: Final[BindParameter[uuid.UUID]] = bindparam("assignment_id")
_ANSWERS: Final = select(_answer.item_id, _answer.value).where(
    _answer.assignment_id == _OF_ASSIGNMENT
)
_DRAFT: Final = union_all(
    select(
        _section.section_id,
        type_coerce(null(), JSON).label("value"),
        _section.version,
        _section.saved_at,
        _section.is_passed,
    ).where(_section.assignment_id == _OF_ASSIGNMENT),
    select(_answer.item_id, _answer.value, null(), null(), null()).where(
        _answer.assignment_id == _OF_ASSIGNMENT
    ),
)
_STANDING: Final = (
    select(
        _answer.item_id,
        _answer.value,
        _section.version,
        _section.saved_at,
        _section.is_passed,
        _section.page,
        exists().where(_KEPT.c.assignment_id == _OF_ASSIGNMENT).label("has_held"),
    )
    .select_from(Assignment.__table__)
    .outerjoin(
        _SECTIONS,
        and_(
            _section.assignment_id == _OF_ASSIGNMENT,
            _section.section_id == bindparam("section_id"),
        ),
    )
    .outerjoin(_DRAFTS, _answer.assignment_id == _OF_ASSIGNMENT)
    .where(Assignment.__table__.c.id == _OF_ASSIGNMENT)
)
_WRITE_ANSWERS: Final = insert(_DRAFTS)
_SAVE_FIRST: Final = insert(_SECTIONS)
_SAVE_AGAIN: Final = (
    update(_SECTIONS)
    .where(
        _section.assignment_id == bindparam("of_assignment"),
        _section.section_id == bindparam("of_section"),
    )
    .values({name: bindparam(name) for name in ("version", "saved_at", "page", "is_passed")})
)
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
    rows = session.execute(_ANSWERS, {"assignment_id": assignment.id}).all()
    return {row[0]: row[1] for row in rows}


def whole(session: Session, assignment: Assignment) -> tuple[dict[str, Value], dict[str, Accepted]]:
    """Return the whole draft by item, on and off the path, and the sections that were accepted, by id."""
    answers: dict[str, Value] = {}
    saved: dict[str, Accepted] = {}
    rows = session.execute(_DRAFT, {"assignment_id": assignment.id}).all()
    for name, value, version, saved_at, is_passed in rows:
        if version is None:
            answers[name] = value
        else:
            saved[name] = Accepted(version, saved_at, is_passed)
    return answers, saved


def standing(session: Session, assignment: Assignment, section_id: str) -> Standing:
    """Read, in a transaction that holds the assignment, what a page of this section meets."""
    rows = session.execute(
        _STANDING, {"assignment_id": assignment.id, "section_id": section_id}
    ).all()
    first = rows[0]
    saved = (
        Accepted(first.version, first.saved_at, first.is_passed, first.page)
        if first.version is not None
        else None
    )
    answers = {row[0]: row[1] for row in rows if row[0] is not None}
    return Standing(answers, saved, bool(first.has_held))


def accept(
    session: Session,
    assignment: Assignment,
    section_id: str,
    accepted: Accepted,
    *,
    is_first: bool,
) -> None:
    """Note that a section was saved: for the first time, or once more."""
    row = {
        "version": accepted.version,
        "saved_at": accepted.saved_at,
        "page": accepted.page,
        "is_passed": accepted.is_passed,
    }
    if not is_first:
        session.execute(
            _SAVE_AGAIN, {**row, "of_assignment": assignment.id, "of_section": section_id}
        )
        return
    row |= {"assignment_id": assignment.id, "section_id": section_id}
    session.execute(_SAVE_FIRST, {**row, "programme_id": assignment.programme_id})


def held_pages(session: Session, assignment: Assignment) -> list[HeldPage]:
    """Return the pages kept for confirmation, oldest first."""
    return list(session.scalars(_HELD, {"assignment_id": assignment.id}))


def store(
    session: Session,
    assignment: Assignment,
    answers: Mapping[str, Value | None],
    *,
    stands: Mapping[str, Value],
    at: datetime,
) -> None:
    """Write answers of the draft, None takes one out: a statement for all that are new, changed, gone.

    ``stands`` is the draft as it was read under the same lock.
    """
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
            _WRITE_ANSWERS, [{**row, "item_id": key, "value": given[key]} for key in new]
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
