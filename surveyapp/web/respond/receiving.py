"""Files that come with a section's page: looked at and kept at once, so that no problem elsewhere loses one."""

from typing import Final

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from surveyapp.clock import utcnow
from surveyapp.errors import NotFound
from surveyapp.extensions import db, state, transaction
from surveyapp.questionnaires.definition import File, Section
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.services import responses, uploads
from surveyapp.services.responses import Answering
from surveyapp.web.filters import plain_number
from surveyapp.web.forms.fields import PREFIX
from surveyapp.web.forms.questionnaire import SectionForm, Typed
from surveyapp.web.respond import cookies
from surveyapp.web.respond.page_tokens import PageToken

_USUAL: Final = 2 * uploads.MEGABYTE
_SLACK: Final = 2
"""How many times too large a file may be and still be refused in words, with the page kept."""


def allow_files(slug: str, section_id: str) -> None:
    """Let a large body in where the section asks for files, from a browser that was let in."""
    if (request.content_length or 0) <= _USUAL or not cookies.is_let_in(slug):
        return
    answering = responses.answering(db.session(), slug, at=utcnow())
    try:
        section = answering.questionnaire.section(section_id)
    except KeyError as error:
        raise NotFound("There is no such section.") from error
    megabytes = sum(item.largest for item in files_of(section))
    request.max_content_length = _USUAL + _SLACK * megabytes * uploads.MEGABYTE


def files_of(section: Section) -> list[File]:
    """List the items of a section that ask for a file."""
    return [item for item in section.items if isinstance(item, File)]


def receive(answering: Answering, token: PageToken) -> tuple[Typed, dict[str, str]]:
    """Keep the files that came along. Return what was typed with their ids, and what is wrong with others."""
    typed: Typed = MultiDict(request.form)
    problems: dict[str, str] = {}
    for item in files_of(answering.questionnaire.section(token.section_id)):
        came = request.files.get(PREFIX + item.id)
        if item.id not in token.shown or came is None or not came.filename:
            continue
        content = came.stream.read(item.largest * uploads.MEGABYTE + 1)
        try:
            received = uploads.examine(item, came.filename, content)
        except AnswerError as error:
            problems[item.id] = error.sentence(_, plain_number)
        else:
            typed[PREFIX + item.id] = _keep(answering, item, received)
    return typed, problems


def _keep(answering: Answering, item: File, received: uploads.Received) -> str:
    assignment, store = answering.assignment, state().store
    sha256 = uploads.place(store, assignment.id).put(received.content)
    stands = answering.answers.get(item.id)
    named = stands.get("file", "") if isinstance(stands, dict) else ""
    with transaction() as session:
        gone = uploads.make_room(session, assignment.slug, item.id, named=named)
        kept = uploads.keep(session, assignment.slug, item.id, received, sha256=sha256, at=utcnow())
    uploads.erase(store, assignment.id, set(gone) - {sha256})
    return str(kept.id)


def refuse(form: SectionForm, problems: dict[str, str]) -> None:
    """Say at each place what is wrong with the file that came for it."""
    for item_id, sentence in problems.items():
        form.field(item_id).errors = [sentence]
