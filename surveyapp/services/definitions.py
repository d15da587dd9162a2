"""Published questionnaires: frozen once, read back in the reader's language."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.programmes import Programme
from surveyapp.questionnaires import mirrored
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.loading import canonical_json, fingerprint_of, from_canonical_json
from surveyapp.questionnaires.wording import localised
from surveyapp.services import audit
from surveyapp.services.shelves import Shelf

_READ: Final[Shelf[tuple[str, str], Questionnaire]] = Shelf(64)
"""By the hash of the published text and the language asked for, which is all that they are made of."""


def publish(
    session: Session, programme: Programme, questionnaire: Questionnaire, *, by: str, at: datetime
) -> QuestionnaireVersion:
    """Freeze a questionnaire with its translations; the same one again is the version already there.

    Raises
    ------
    Conflict
        Id and version are taken by other content: answers to the two could not be told apart.
    """
    frozen = canonical_json(questionnaire)
    fingerprint = fingerprint_of(frozen)
    stored = session.scalars(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.programme_id == programme.id,
            QuestionnaireVersion.questionnaire_id == questionnaire.id,
            QuestionnaireVersion.version == questionnaire.version,
        )
    ).first()
    name = f"{questionnaire.id} version {questionnaire.version}"
    if stored is not None:
        if stored.sha256 != fingerprint:
            raise Conflict(
                f"{name} was published with other content ({stored.sha256[:12]}, this one is"
                f" {fingerprint[:12]}). Raise the version in questionnaire.yaml."
            )
        return stored
    published = QuestionnaireVersion(
        programme_id=programme.id,
        questionnaire_id=questionnaire.id,
        version=questionnaire.version,
        sha256=fingerprint,
        canonical_json=frozen,
        published_at=at,
    )
    session.add(published)
    session.flush()
    audit.record(
        session,
        programme,
        "questionnaire.published",
        subject=name,
        by=by,
        at=at,
        sha256=fingerprint,
    )
    return published


def load(version: QuestionnaireVersion, locale: str) -> Questionnaire:
    """Read a published questionnaire in the nearest language it has; parsed once per process."""
    return _READ.get((version.sha256, locale), lambda: _read(version.canonical_json, locale))


def _read(frozen: str, locale: str) -> Questionnaire:
    questionnaire = from_canonical_json(frozen)
    if locale == mirrored.LANGUAGE:
        return mirrored.questionnaire(questionnaire)
    return localised(questionnaire, locale)
