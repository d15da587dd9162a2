"""A respondent's own copy as a PDF: asked for by them, made by a job, deleted within the hour.

The file lies in its row. Whatever deletes the row, at the close of an anonymous wave or by the clock, has
deleted the file with it; no store, no name and no log knows of it. The job holds the row's id only.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session, undefer

from surveyapp.errors import NotFound, SurveyappError
from surveyapp.models.handouts import AnswerCopy
from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.responses import Response, ResponseMode
from surveyapp.models.waves import Wave, WaveState
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import Anonymity, Questionnaire
from surveyapp.reports.handouts import answers, stating
from surveyapp.reports.handouts.answers import About, AnswerSheet
from surveyapp.reports.handouts.drawing import Look, look
from surveyapp.services import (
    assignments,
    contract,
    definitions,
    disclosure_rules,
    jobs,
    reader_languages,
    responses,
    submissions,
)
from surveyapp.services.responses import Answering

Opening = Callable[[], AbstractContextManager[Session]]
WritePdf = Callable[[str, Look], tuple[bytes, bool]]
"""Returns the file, and whether it lacks signs."""
KEPT: Final = timedelta(hours=1)
_KIND: Final = "copy-answers"


class CopyNotMade(SurveyappError):
    """Drawing it broke. What broke may quote what somebody wrote, so no more is said of it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page can say of the PDF."""

    state: Literal["none", "making", "ready", "failed"]
    expires_at: datetime | None = None


def may_be_shown(wave: Wave, questionnaire: Questionnaire, *, at: datetime) -> bool:
    """Tell whether what was sent may still be shown: of an anonymous wave not after its close."""
    is_over = at >= wave.closes_at or wave.state == WaveState.CLOSED
    return not (is_over and questionnaire.anonymity is Anonymity.ANONYMOUS)


def left_out(wave: Wave, questionnaire: Questionnaire) -> frozenset[str]:
    """Return the items whose answers are no longer tied to anybody, once the wave is severed."""
    if wave.severed_at is None:
        return frozenset()
    return frozenset(item.id for item in contract.anonymous_items(questionnaire))


def offer(session: Session, answering: Answering, sent: Response, *, at: datetime) -> Offer:
    """Say how it stands with the PDF of what was sent last, in the language it is read in now."""
    kept = session.scalars(_current(answering, sent, at)).first()
    if kept is None:
        return Offer("none")
    if kept.made_at is not None:
        return Offer("ready", kept.expires_at)
    state = session.scalars(select(Job.state).where(Job.key == _job_key(kept.id))).first()
    return Offer("making" if state in {JobState.QUEUED, JobState.RUNNING} else "failed")


def content(session: Session, answering: Answering, *, at: datetime) -> bytes | None:
    """Return the finished file; None where there is none, or it shows what is no longer so."""
    sent = submissions.last(session, answering.assignment)
    if sent is None or not may_be_shown(answering.wave, answering.questionnaire, at=at):
        return None
    query = _current(answering, sent, at).options(undefer(AnswerCopy.content))
    found = session.scalars(query).first()
    return found.content if found else None


def request(session: Session, slug: str, *, at: datetime) -> None:
    """Ask for the PDF of what was sent last; one that is there or being made stays.

    Raises
    ------
    NotFound
        Nothing was sent, or it may not be shown any more.
    """
    # holds the wave too: nothing is asked for beside its severing
    assignment = assignments.find(session, slug, lock=True)
    questionnaire = definitions.load(
        assignment.questionnaire_version, reader_languages.of(assignment.invitation)
    )
    sent = submissions.last(session, assignment)
    if sent is None or not may_be_shown(assignment.wave, questionnaire, at=at):
        raise NotFound("There is no such page.")
    before = session.scalars(
        select(AnswerCopy).where(AnswerCopy.assignment_id == assignment.id)
    ).first()
    if before is not None and _is_good(session, before, sent, questionnaire, at=at):
        return
    forget(session, AnswerCopy.assignment_id == assignment.id)
    copy = AnswerCopy(
        id=uuid.uuid4(),
        programme_id=assignment.programme_id,
        assignment_id=assignment.id,
        revision=sent.revision,
        language=questionnaire.language,
        requested_at=at,
        expires_at=at + KEPT,
    )
    session.add(copy)
    session.flush()
    # of no programme: its people need not see that somebody asked, and when
    jobs.request(
        session,
        _KIND,
        key=_job_key(copy.id),
        arguments={"copy": str(copy.id)},
        programme=None,
        at=at,
    )


def _is_good(
    session: Session,
    copy: AnswerCopy,
    sent: Response,
    questionnaire: Questionnaire,
    *,
    at: datetime,
) -> bool:
    is_same = (copy.revision, copy.language) == (sent.revision, questionnaire.language)
    job = session.scalars(select(Job.state).where(Job.key == _job_key(copy.id))).first()
    is_coming = job in {JobState.QUEUED, JobState.RUNNING}
    return is_same and copy.expires_at > at and (copy.made_at is not None or is_coming)


def build(
    reading: Opening,
    transaction: Opening,
    copy_id: uuid.UUID,
    write_pdf: WritePdf,
    *,
    now: Callable[[], datetime],
) -> None:
    """Make the file, unless nobody may have it any more; nothing is left of it then.

    Raises
    ------
    CopyNotMade
        Something broke on the way.
    """
    with reading() as session:
        copy = session.get(AnswerCopy, copy_id)
        if copy is None or copy.made_at is not None:
            return
        with _unquoted():
            sheet = _sheet(session, copy, at=now())
    if sheet is None:
        return
    with _unquoted():
        drawn, lacks_signs = write_pdf(sheet.to_html(), look())
        if lacks_signs:
            drawn, _ = write_pdf(sheet.with_missing_signs().to_html(), look())
    at = now()
    with transaction() as session:
        # without its row it was forgotten meanwhile, and is not written
        session.execute(
            update(AnswerCopy)
            .where(AnswerCopy.id == copy_id)
            .values(content=drawn, made_at=at, expires_at=at + KEPT)
        )


@contextmanager
def _unquoted() -> Iterator[None]:
    """Let go on of an error only what it is called, neither to the job nor to the log."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 whatever breaks may quote what somebody wrote
        raise CopyNotMade(
            f"A copy of answers could not be drawn: {type(error).__name__}."
        ) from None


def _sheet(session: Session, copy: AnswerCopy, *, at: datetime) -> AnswerSheet | None:
    """Return what the copy says; None when that is no longer what it was asked for."""
    assignment = session.get_one(Assignment, copy.assignment_id)
    answering = responses.answering(session, assignment.slug, at=at)
    questionnaire, wave = answering.questionnaire, answering.wave
    sent = submissions.last(session, answering.assignment)
    if (
        sent is None
        or (sent.revision, questionnaire.language) != (copy.revision, copy.language)
        or not may_be_shown(wave, questionnaire, at=at)
    ):
        return None
    without = left_out(wave, questionnaire)
    about = About(
        asker=answering.programme.asker,
        data_note=answering.programme.data_note,
        contract=stating.promise(
            questionnaire,
            people=disclosure_rules.under(questionnaire.anonymity, wave).people,
            has_anonymous_part=contract.has_anonymous_part(questionnaire),
        ),
        person=answering.contact.name,
        them=answering.names["them"],
        sent_at=sent.submitted_at,
        is_by_interviewer=sent.mode is not ResponseMode.SELF,
        is_severed=bool(without),
    )
    path = rules.path(questionnaire, json.loads(sent.answers_json), answering.sources)
    return answers.copied(questionnaire, path, about, without=without)


def has_expired(session: Session, *, at: datetime) -> bool:
    """Tell whether a copy is kept longer than was said."""
    found = session.scalars(select(AnswerCopy.id).where(AnswerCopy.expires_at <= at).limit(1))
    return found.first() is not None


def forget_expired(session: Session, *, at: datetime) -> None:
    """Delete every copy whose time is over."""
    forget(session, AnswerCopy.expires_at <= at)


def forget_of_wave(session: Session, wave: Wave) -> None:
    """Delete every copy of a wave."""
    of_wave = select(Assignment.id).where(Assignment.wave_id == wave.id)
    forget(session, AnswerCopy.assignment_id.in_(of_wave))


def forget(session: Session, which: ColumnElement[bool]) -> None:
    """Delete copies with the jobs that name them; one at work finds its job gone and stops."""
    ids: Sequence[uuid.UUID] = session.scalars(select(AnswerCopy.id).where(which)).all()
    if not ids:
        return
    keys = [_job_key(each) for each in ids]
    # in the order in which a worker takes them, so that neither waits for the other
    for query in (
        delete(Job).where(Job.key.in_(keys)),
        delete(AnswerCopy).where(AnswerCopy.id.in_(ids)),
    ):
        session.execute(query.execution_options(synchronize_session="fetch"))


def _current(answering: Answering, sent: Response, at: datetime) -> Select[AnswerCopy]:
    return select(AnswerCopy).where(
        AnswerCopy.assignment_id == answering.assignment.id,
        AnswerCopy.revision == sent.revision,
        AnswerCopy.language == answering.questionnaire.language,
        AnswerCopy.expires_at > at,
    )


def _job_key(copy_id: uuid.UUID) -> str:
    return f"copy:{copy_id}"
