"""Files that came with anonymous answers: their bytes go before their rows do."""

import uuid
from collections import defaultdict

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import contract, severed_traces, uploads
from surveyapp.storage import Store


def erase(session: Session, wave: Wave, store: Store) -> None:
    """Take the bytes of a closed wave's anonymous files out of the store; its severing deletes the rows.

    Whoever is stopped in between finds the rows again, and does it again.
    """
    if wave.closed_at is None:
        return
    for assignment_id, hashes in _doomed(session, wave).items():
        uploads.erase(store, assignment_id, hashes)


def _doomed(session: Session, wave: Wave) -> dict[uuid.UUID, set[str]]:
    """Return what to erase of each assignment: not what a file that stays holds too."""
    is_anonymous = _are_anonymous(wave)
    rows = session.execute(
        select(UploadedFile.assignment_id, UploadedFile.sha256, is_anonymous.label("goes"))
        .join(Assignment, Assignment.id == UploadedFile.assignment_id)
        .where(Assignment.wave_id == wave.id)
    ).all()
    goes: dict[uuid.UUID, set[str]] = defaultdict(set)
    stays: dict[uuid.UUID, set[str]] = defaultdict(set)
    for row in rows:
        (goes if row.goes else stays)[row.assignment_id].add(row.sha256)
    return {each: hashes - stays[each] for each, hashes in goes.items()}


def _are_anonymous(wave: Wave) -> ColumnElement[bool]:
    questionnaire = from_canonical_json(wave.questionnaire_version.canonical_json)
    if questionnaire.anonymity is Anonymity.ANONYMOUS:
        return true()
    ids = (each for item in contract.anonymous_items(questionnaire) for each in item.own_ids)
    return severed_traces.belongs(UploadedFile.item_id, frozenset(ids))
