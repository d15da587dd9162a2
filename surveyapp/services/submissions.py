"""Sending: the answers on the path as one document, once; and again where they may be corrected."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import DraftAnswer, HeldPage, Response, ResponseMode, SavedSection
from surveyapp.models.waves import WaveState
from surveyapp.questionnaires import answers as rules_of_answers
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.answers import Missing
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import respondent_vector
from surveyapp.questionnaires.values import Value
from surveyapp.services import (
    assignments,
    contract,
    definitions,
    drafts,
    facts,
    plans,
    reader_languages,
    uploads,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """How answers came in: by the person's own hand, or through an interviewer."""

    mode: ResponseMode = ResponseMode.SELF
    by: str | None = None
    """The interviewer, as the audit trail names them."""


BY_THEMSELVES: Final = Entry()


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of pressing Send."""

    response: Response | None
    missing: list[Missing] = field(default_factory=list)
    was_already: bool = False


class NotCorrectable(Conflict):
    """What was sent can be changed no more, or never could."""


def submit(session: Session, slug: str, *, at: datetime, entry: Entry = BY_THEMSELVES) -> Submitted:
    """Send the answers on the path, once: pressing Send again gives the response already there.

    What was taken up for correction is sent as a further revision.

    Raises
    ------
    WaveStateError
        The wave closed before.
    """
    assignment = assignments.find(session, slug, lock=True)
    if assignment.submitted_at is not None and assignment.reopened_at is None:
        return Submitted(last(session, assignment), was_already=True)
    assignments.require_open(assignment, at=at)
    questionnaire = definitions.load(
        assignment.questionnaire_version, reader_languages.of(assignment.invitation)
    )
    draft = drafts.answers_of(session, assignment)
    sources = facts.asked(session, questionnaire, assignment, assignment.relationship, at=at)
    way = rules.path(questionnaire, draft, sources)
    missing = rules_of_answers.missing_on(way, questionnaire, sources)
    if gaps := missing + rules_of_answers.disagreeing_on(way, questionnaire, sources):
        return Submitted(None, gaps)
    before = last(session, assignment)
    if not _claim(session, assignment, at=at):
        return Submitted(last(session, assignment), was_already=True)
    kept = way.answers
    response = _respond(assignment, questionnaire, kept, before, entry, at=at)
    session.add(response)
    uploads.note_sent(session, assignment.id, kept, at=at)
    session.flush()
    return Submitted(response)


def last(session: Session, assignment: Assignment) -> Response | None:
    """Return what an assignment's person sent last, if anything."""
    return session.scalars(
        select(Response)
        .where(Response.assignment_id == assignment.id)
        .order_by(Response.revision.desc())
        .limit(1)
    ).first()


def can_correct(assignment: Assignment, questionnaire: Questionnaire, *, at: datetime) -> bool:
    """Tell whether its person may take up what they sent: the contract allows it and there is time."""
    return (
        assignment.submitted_at is not None
        and assignment.wave.accepts_answers(at)
        and contract.keeps_corrections(questionnaire)
    )


def takes_late_pages(assignment: Assignment, questionnaire: Questionnaire, *, at: datetime) -> bool:
    """Tell whether a page that comes after the answers were sent is kept: it may become a correction.

    So it is while the wave is paused; then it is taken up when that goes on.
    """
    wave = assignment.wave
    return (
        assignment.submitted_at is not None
        and wave.state in {WaveState.OPEN, WaveState.PAUSED}
        and at < wave.closes_at
        and contract.keeps_corrections(questionnaire)
    )


def reopen(session: Session, slug: str, *, at: datetime) -> None:
    """Take up what was sent. It counts as it is until it is sent again; doing so twice changes nothing.

    Raises
    ------
    NotCorrectable
        Nothing was sent, the wave takes no answers now, or its contract allows no corrections.
    """
    assignment = assignments.find(session, slug, lock=True)
    questionnaire = definitions.load(assignment.questionnaire_version, "")
    if not can_correct(assignment, questionnaire, at=at):
        raise NotCorrectable("What was sent cannot be changed.")
    if assignment.reopened_at is None:
        assignment.reopened_at = at
        session.flush()
    sent = last(session, assignment)
    if sent is not None and not drafts.answers_of(session, assignment):
        # the draft is erased some time after a close, and the wave was reopened later: unsent.py
        drafts.store(session, assignment, json.loads(sent.answers_json), stands={}, at=at)


def keep_as_sent(session: Session, slug: str, *, at: datetime) -> None:
    """Drop what was changed since, and pages that came after it: the draft says again what was sent.

    Doing so twice changes nothing.
    """
    assignment = assignments.find(session, slug, lock=True)
    sent = last(session, assignment)
    if sent is None:
        return
    _drop(session, HeldPage, assignment)
    if assignment.reopened_at is None:
        return
    assignment.reopened_at = None
    _drop(session, DraftAnswer, assignment)
    drafts.store(session, assignment, json.loads(sent.answers_json), stands={}, at=at)
    # pages that are open elsewhere show what was dropped: none of them is the newest any more
    session.execute(
        update(SavedSection)
        .where(SavedSection.assignment_id == assignment.id)
        .values(version=SavedSection.version + 1, page="")
        .execution_options(synchronize_session="fetch")
    )
    session.flush()


def _drop(
    session: Session, model: type[DraftAnswer] | type[HeldPage], assignment: Assignment
) -> None:
    session.execute(
        delete(model)
        .where(model.assignment_id == assignment.id)
        .execution_options(synchronize_session="fetch")
    )


def _claim(session: Session, assignment: Assignment, *, at: datetime) -> bool:
    """Win the right to send: the first time, or what was taken up as of then."""
    query = update(Assignment).where(Assignment.id == assignment.id)
    if assignment.reopened_at is None:
        query = query.where(Assignment.submitted_at.is_(None)).values(submitted_at=at)
    else:
        is_as_read = Assignment.reopened_at == assignment.reopened_at
        query = query.where(is_as_read).values(reopened_at=None)
    return session.scalars(query.returning(Assignment.id)).first() is not None


def _respond(
    assignment: Assignment,
    questionnaire: Questionnaire,
    kept: dict[str, Value],
    before: Response | None,
    entry: Entry,
    *,
    at: datetime,
) -> Response:
    plan = plans.plan_of(questionnaire)
    return Response(
        programme_id=assignment.programme_id,
        assignment_id=assignment.id,
        revision=before.revision + 1 if before else 1,
        answers_json=json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")),
        vector=list(respondent_vector(plan, kept)) if plan else [],
        plan_hash=plan.hash() if plan else plans.NO_PLAN,
        submitted_at=at,
        mode=entry.mode,
        entered_by=entry.by,
    )
