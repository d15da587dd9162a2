"""Files handed in with answers: kept at once, named by the draft, removed when no answer names them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.invitations import Assignment
from surveyapp.models.uploads import UploadedFile
from surveyapp.questionnaires import file_kinds
from surveyapp.questionnaires.definition import File
from surveyapp.questionnaires.file_kinds import FileKind
from surveyapp.questionnaires.reading import AnswerError
from surveyapp.questionnaires.values import Value, file_answer, is_file
from surveyapp.storage import Store

MEGABYTE: Final = 1024 * 1024
_LOOSE_AT_MOST: Final = 5
"""Files of one item that no saved answer names yet: a page sent in vain may be sent again."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that passed: what it is by its content, and how it will be called."""

    name: str
    kind: FileKind
    content: bytes


def examine(item: File, name: str, content: bytes) -> Received:
    """Look at what was handed in. Raises AnswerError, with what to do instead."""
    if not content:
        raise AnswerError("This file is empty. Choose another one.")
    if len(content) > item.largest * MEGABYTE:
        raise AnswerError(
            "This file is larger than {most} MB. Choose a smaller one.", most=item.largest
        )
    kind = file_kinds.kind_of(content, item.kinds)
    if kind is None:
        raise AnswerError(
            "This file cannot be taken, whatever its name. Choose one of these: {kinds}.",
            kinds=tuple(file_kinds.in_words(item.kinds)),
        )
    return Received(file_kinds.safe_name(name, kind), kind, content)


def place(store: Store, assignment_id: uuid.UUID) -> Store:
    """Return where an assignment's files lie: apart, so that what is removed is gone."""
    return store.within(f"uploads-{assignment_id}")


def keep(
    session: Session,
    slug: str,
    item_id: str,
    received: Received,
    *,
    sha256: str,
    at: datetime,
) -> UploadedFile:
    """Note a file whose bytes are in the store. No answer names it yet."""
    assignment = session.scalars(select(Assignment).where(Assignment.slug == slug)).one()
    kept = UploadedFile(
        programme_id=assignment.programme_id,
        assignment_id=assignment.id,
        item_id=item_id,
        name=received.name,
        media_type=file_kinds.media_type(received.kind),
        size=len(received.content),
        sha256=sha256,
        uploaded_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def answers_with(session: Session, assignment_id: uuid.UUID) -> dict[str, dict[str, str]]:
    """Return the answer that names each of an assignment's files, by the file's id."""
    return {
        str(row.id): file_answer(str(row.id), row.name, row.sha256)
        for row in session.scalars(_files(assignment_id))
    }


def find(session: Session, assignment_id: uuid.UUID, file_id: uuid.UUID) -> UploadedFile:
    """Return one of an assignment's files. Raises NotFound."""
    found = session.scalars(_files(assignment_id).where(UploadedFile.id == file_id)).first()
    if found is None:
        raise NotFound("There is no such file.")
    return found


def settle(
    session: Session, assignment_id: uuid.UUID, answers: Mapping[str, Value | None]
) -> list[str]:
    """Forget the files of these items that their answers do not name; return what to erase.

    Raises
    ------
    Conflict
        An answer names a file that is not here: another window removed it meanwhile.
    """
    named = {value["file"] for value in answers.values() if is_file(value)}
    rows = list(session.scalars(_files(assignment_id)))
    if not named <= {str(row.id) for row in rows}:
        raise Conflict("A file was removed in another window. Go back and choose it again.")
    gone = [row for row in rows if row.item_id in answers and not _is_kept(row, named)]
    return _forget(session, rows, gone)


def make_room(session: Session, slug: str, item_id: str, *, named: str) -> list[str]:
    """Forget the oldest files of an item that were sent in vain; return what to erase."""
    query = (
        select(UploadedFile)
        .join(Assignment, Assignment.id == UploadedFile.assignment_id)
        .where(Assignment.slug == slug)
        .order_by(UploadedFile.uploaded_at.desc())
    )
    rows = list(session.scalars(query))
    loose = [row for row in rows if row.item_id == item_id and not _is_kept(row, {named})]
    return _forget(session, rows, loose[_LOOSE_AT_MOST - 1 :])


def _forget(
    session: Session, rows: Sequence[UploadedFile], gone: Sequence[UploadedFile]
) -> list[str]:
    for row in gone:
        session.delete(row)
    session.flush()
    # the same bytes may have been handed in for two items
    still = {row.sha256 for row in rows if row not in gone}
    return [row.sha256 for row in gone if row.sha256 not in still]


def note_sent(
    session: Session, assignment_id: uuid.UUID, answers: Mapping[str, Value], *, at: datetime
) -> None:
    """Note which files the answers that are sent now name."""
    named = {value["file"] for value in answers.values() if is_file(value)}
    if not named:
        return
    for row in session.scalars(_files(assignment_id)):
        if str(row.id) in named:
            row.sent_at = at


def _is_kept(row: UploadedFile, named: set[str]) -> bool:
    """Tell whether a file stays: an answer names it, or it was sent, whatever a correction says."""
    return str(row.id) in named or row.sent_at is not None


def erase(store: Store, assignment_id: uuid.UUID, hashes: Iterable[str]) -> None:
    """Take the bytes of forgotten files out of the store, after the commit that forgot them."""
    for sha256 in hashes:
        place(store, assignment_id).remove(sha256)


def _files(assignment_id: uuid.UUID) -> Select[UploadedFile]:
    return select(UploadedFile).where(UploadedFile.assignment_id == assignment_id)
