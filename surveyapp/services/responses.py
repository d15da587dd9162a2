"""Answers: drafts saved a section at a time, and pages held."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.accounts import Contact, Relationship
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.programmes import Programme
from surveyapp.models.responses import HeldPage
from surveyapp.models.waves import Wave
from surveyapp.questionnaires import rules
from surveyapp.questionnaires.definition import File, Questionnaire
from surveyapp.questionnaires.telling import AnswersInWords
from surveyapp.questionnaires.values import Sources, Value
from surveyapp.services import (
    assignments,
    definitions,
    drafts,
    facts,
    links,
    merging,
    reader_languages,
    submissions,
    told,
    uploads,
)
from surveyapp.services.invitations import Status
from surveyapp.services.merging import UNKNOWN, Opened


@dataclass(frozen=True, kw_only=True)
class Answering:
    """One assignment as its respondent meets it."""

    assignment: Assignment
    invitation: Invitation
    wave: Wave
    programme: Programme
    contact: Contact
    relationship: Relationship
    questionnaire: Questionnaire
    """In the contact's language and the person's order, with names and earlier answers filled in."""
    names: dict[str, str]
    answers: dict[str, Value]
    """The whole draft, on and off the path."""
    sources: Sources
    """What conditions may ask about the person and the relationship."""
    files: dict[str, dict[str, str]]
    """The answers that name this assignment's files, by the file's id."""
    saved: dict[str, drafts.Accepted]
    held: list[HeldPage]
    status: Status

    @cached_property
    def path(self) -> rules.Path:
        """The questionnaire as walked with everything answered so far."""
        return rules.path(self.questionnaire, self.answers, self.sources)


@dataclass(frozen=True, slots=True)
class Saved:
    """That a section was accepted."""

    version: int
    saved_at: datetime
    gone: tuple[str, ...] = ()
    """Hashes of files that no answer names any more, to be erased after the commit."""


class StalePage(Conflict):
    """The section was saved meanwhile from another page, with other answers to the same questions."""

    def __init__(
        self,
        current: dict[str, Value],
        saved_at: datetime,
        elsewhere: Collection[str] = (),
    ) -> None:
        super().__init__("This section was saved from another window meanwhile.")
        self.current = current
        self.saved_at = saved_at
        self.elsewhere = frozenset(elsewhere)
        """Answers that this page did not touch and another changed."""


def answering(session: Session, slug: str, *, at: datetime) -> Answering:
    """Load an assignment by the name in its pages' addresses, reading only. Raises NotFound."""
    assignment, has_held = assignments.find_with_held(session, slug)
    invitation = assignment.invitation
    names = links.names_for(assignment.wave, assignment.relationship)
    version, language = assignment.questionnaire_version, reader_languages.of(invitation)
    questionnaire = definitions.load(version, language)
    sources = facts.asked(session, questionnaire, assignment, assignment.relationship, at=at)
    draft, saved = drafts.whole(session, assignment)
    labels = AnswersInWords(questionnaire, names, draft, sources)
    return Answering(
        assignment=assignment,
        invitation=invitation,
        wave=assignment.wave,
        programme=invitation.programme,
        contact=invitation.contact,
        relationship=assignment.relationship,
        questionnaire=told.to_person(version, language, names, labels, seed=assignment.seed),
        names=names,
        answers=draft,
        sources=sources,
        files=_files(session, questionnaire, assignment),
        saved=saved,
        held=drafts.held_pages(session, assignment) if has_held else [],
        status=assignments.status_of(assignment, at=at),
    )


def _files(
    session: Session, questionnaire: Questionnaire, assignment: Assignment
) -> dict[str, dict[str, str]]:
    asks = any(isinstance(item, File) for _, item in questionnaire.items())
    return uploads.answers_with(session, assignment.id) if asks else {}


def slugs_of(session: Session, invitation: Invitation) -> list[str]:
    """Return the names of everything this invitation asks."""
    return list(
        session.scalars(
            select(Assignment.slug)
            .where(Assignment.invitation_id == invitation.id)
            .order_by(Assignment.slug)
        )
    )


def save_section(
    session: Session,
    slug: str,
    section_id: str,
    answers: Mapping[str, Value | None],
    *,
    version: int,
    at: datetime,
    files: Collection[str] = (),
    page: Opened = UNKNOWN,
    is_passed: bool = True,
) -> Saved:
    """Save a section's page; None clears an answer. Answers off the path are kept in the draft.

    ``files`` names the items that ask for a file; what these answers do not name is forgotten.

    ``version`` is the section's version when the page was made. A page that is older is merged with
    what was saved meanwhile, as far as ``page`` knows what it was made with; where both changed the
    same answer it is refused. ``is_passed`` is False for a page saved while it is being filled in.

    Raises
    ------
    StalePage
        The section was saved meanwhile with other answers; nothing was written.
    WaveStateError
        It is too late, or the answers were sent already.
    Conflict
        Another window removed a file that an answer names.
    """
    assignment = assignments.hold(session, slug)
    assignments.require_open(assignment, at=at)
    stands = drafts.standing(session, assignment, section_id)
    saved = stands.saved
    if stands.has_held:
        drafts.forget_held(session, assignment, section_id)
    is_passed = is_passed or (saved is not None and saved.is_passed)
    if saved is not None and saved.version != version:
        answers = _merged(answers, stands.answers, saved, page)
        if all(stands.answers.get(key) == value for key, value in answers.items()):
            if is_passed != saved.is_passed:
                as_it_was = replace(saved, is_passed=is_passed)
                drafts.accept(session, assignment, section_id, as_it_was, is_first=False)
            return Saved(saved.version, saved.saved_at)
    about_files = {key: value for key, value in answers.items() if key in files}
    gone = uploads.settle(session, assignment.id, about_files) if about_files else []
    drafts.store(session, assignment, answers, stands=stands.answers, at=at)
    accepted = drafts.Accepted(saved.version + 1 if saved else 1, at, is_passed, page.name)
    drafts.accept(session, assignment, section_id, accepted, is_first=saved is None)
    return Saved(accepted.version, accepted.saved_at, tuple(gone))


def _merged(
    answers: Mapping[str, Value | None],
    current: dict[str, Value],
    saved: drafts.Accepted,
    page: Opened,
) -> dict[str, Value | None]:
    """Merge an older page with what was saved meanwhile. Raises StalePage where both changed the same."""
    merged = merging.merge(answers, current, page, is_own=saved.page == page.name != "")
    if merged.conflicts:
        raise StalePage(
            {key: current[key] for key in answers if key in current},
            saved.saved_at,
            merged.elsewhere,
        )
    return merged.answers


def hold_page(
    session: Session,
    slug: str,
    section_id: str,
    answers: Mapping[str, Any],
    *,
    version: int,
    at: datetime,
) -> None:
    """Keep a page that cannot be saved now, until its person confirms it.

    It came without the browser's pass, while the wave is paused, or after the answers were sent and
    while they may be corrected.

    Raises
    ------
    WaveStateError
        It is too late, or what was sent cannot be corrected.
    """
    assignment = assignments.hold(session, slug)
    status = assignments.status_of(assignment, at=at)
    is_kept = status == "paused" or (
        status == "answered"
        and submissions.takes_late_pages(
            assignment, definitions.load(assignment.questionnaire_version, ""), at=at
        )
    )
    if not is_kept:
        assignments.require_open(assignment, at=at)
    session.add(
        HeldPage(
            programme_id=assignment.programme_id,
            assignment_id=assignment.id,
            section_id=section_id,
            version=version,
            answers=dict(answers),
            held_at=at,
        )
    )
    session.flush()
    drafts.keep_newest_held(session, assignment)
