"""What a severed wave's people leave behind: that they were asked, and how many answered."""

from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.referrals import Referral
from surveyapp.models.responses import DraftAnswer, HeldPage, Response, SavedSection
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.services import answer_copies
from surveyapp.services.anonymous_items import Taken
from surveyapp.services.anonymous_places import Places


def turnout(session: Session, wave: Wave, places: Places) -> dict[str, Any]:
    """Count for ``Wave.turnout`` how many started and answered everything, before that is deleted."""
    started = session.scalar(
        select(func.count(Invitation.started_at)).where(Invitation.wave_id == wave.id)
    )
    person = (
        select(func.count().label("asked"), func.count(Assignment.submitted_at).label("sent"))
        .where(Assignment.wave_id == wave.id)
        .group_by(Assignment.invitation_id)
        .subquery()
    )
    is_done = person.c.asked == person.c.sent
    answered = session.scalar(select(func.count()).select_from(person).where(is_done))
    return {
        "started": started or 0,
        "answered": answered or 0,
        "spared": str(places.spared) if places.spared else "",
    }


def delete_all(session: Session, wave: Wave) -> None:
    """Delete everything that says who answered, what, when or how far.

    Every row of the wave is written, not only those of whom something was known: the database's own
    marks of who changed a row last would tell the others.
    """
    answer_copies.forget_of_wave(session, wave)
    for model in (HeldPage, SavedSection, DraftAnswer, UploadedFile, Response):
        session.execute(
            delete(model)
            .where(model.assignment_id.in_(_assignments(wave)))
            .execution_options(synchronize_session=False)
        )
    # whoever named a colleague had opened the questionnaire; those who are asked by now have a link
    session.execute(
        delete(Referral)
        .where(Referral.wave_id == wave.id)
        .execution_options(synchronize_session=False)
    )
    for table, nothing in (
        (Assignment, {"submitted_at": None, "reopened_at": None}),
        (Invitation, {"started_at": None}),
    ):
        session.execute(
            update(table)
            .where(table.wave_id == wave.id)
            .values(nothing)
            .execution_options(synchronize_session=False)
        )


def delete_items(session: Session, wave: Wave, taken: Taken) -> None:
    """Take the anonymous items out of drafts, held pages, own copies and every response of a wave."""
    answer_copies.forget_of_wave(session, wave)
    for model in (DraftAnswer, UploadedFile):
        session.execute(
            delete(model)
            .where(model.assignment_id.in_(_assignments(wave)))
            .where(belongs(model.item_id, taken.answer_ids))
            .execution_options(synchronize_session=False)
        )
    session.execute(
        delete(HeldPage)
        .where(HeldPage.assignment_id.in_(_assignments(wave)))
        .execution_options(synchronize_session=False)
    )
    if taken.rest:
        session.execute(
            update(Response),
            [{"id": key, "answers_json": rest} for key, rest in taken.rest.items()],
        )


def belongs(column: InstrumentedAttribute[str], answer_ids: frozenset[str]) -> ColumnElement[bool]:
    """Say that a column names one of these items or rows, or what belongs to one."""
    # words go with an answer behind a dot, answers of a repeated section have an @
    more = (
        column.startswith(f"{each}{sign}", autoescape=True)
        for each in sorted(answer_ids)
        for sign in (".", "@")
    )
    return or_(column.in_(sorted(answer_ids)), *more)


def _assignments(wave: Wave) -> Select[Any]:
    return select(Assignment.id).where(Assignment.wave_id == wave.id)
