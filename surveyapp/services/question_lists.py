"""All the questions of a wave as a PDF in each language: made by a job, shared by waves that say the same."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from surveyapp.models.definitions import QuestionnaireVersion
from surveyapp.models.handouts import QuestionList
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.waves import View, Wave, WaveState
from surveyapp.reports.handouts import questions, stating
from surveyapp.reports.handouts.drawing import Look, look
from surveyapp.reports.handouts.questions import Frame, Questions
from surveyapp.services import contract, definitions, disclosure_rules, jobs, reader_languages
from surveyapp.services.shelves import Shelf
from surveyapp.storage import Store

Opening = Callable[[], AbstractContextManager[Session]]
WritePdf = Callable[[str, Look], bytes]
_KIND: Final = "list-questions"
_LIVE: Final = (WaveState.OPEN, WaveState.PAUSED)
_FINGERPRINTS: Final[Shelf[tuple[str, str, View, Frame], str]] = Shelf(1000)
"""By the hash of the published text, the language asked for, the view and the frame: all a document is
made of. Idle workers ask for those of every wave people can answer, again and again."""


def _fingerprint(
    wave: Wave, programme: Programme, version: QuestionnaireVersion, language: str
) -> str:
    """Return the hash of what the document of a wave says in a language."""
    frame = _frame(wave, programme, version, language)
    key = (version.sha256, language, wave.view, frame)
    return _FINGERPRINTS.get(key, lambda: _said(wave, version, language, frame).sha256)


def _said(wave: Wave, version: QuestionnaireVersion, language: str, frame: Frame) -> Questions:
    """Return what the document of a wave says in the nearest language its questionnaire has."""
    return questions.listed(definitions.load(version, language), wave.view.value, frame)


def _frame(wave: Wave, programme: Programme, version: QuestionnaireVersion, language: str) -> Frame:
    questionnaire = definitions.load(version, language)
    people = disclosure_rules.under(questionnaire.anonymity, wave).people
    return Frame(
        asker=programme.asker,
        data_note=programme.data_note,
        contract=stating.promise(
            questionnaire,
            people=people,
            has_anonymous_part=contract.has_anonymous_part(questionnaire),
        ),
        published_on=version.published_at.date(),
    )


def find(
    session: Session,
    wave: Wave,
    programme: Programme,
    version: QuestionnaireVersion,
    language: str,
) -> QuestionList | None:
    """Return the document that says what is so now; None while there is none yet."""
    return _kept(session, programme.id, _fingerprint(wave, programme, version, language))


def request_missing(session: Session, asked: Mapping[uuid.UUID, str], *, at: datetime) -> None:
    """Ask for what ``missing`` found, each once: what failed then is for people to try again."""
    for wave_id, what in asked.items():
        wave = session.get_one(Wave, wave_id)
        jobs.request(
            session,
            _KIND,
            key=_job_key(wave, what),
            arguments={"wave": str(wave.id)},
            programme=session.get_one(Programme, wave.programme_id),
            at=at,
        )


def missing(session: Session) -> dict[uuid.UUID, str]:
    """Return the waves that people can answer and whose documents are not there, nor asked for.

    So it is after a launch, with waves opened by an earlier version, and when a name, a promise or the
    look changed.
    """
    found = {}
    for wave in session.scalars(_waves().where(Wave.state.in_(_LIVE))):
        lacking = [each.sha256 for each in _wanted(session, wave)]
        if lacking:
            what = hashlib.sha256("".join(lacking).encode()).hexdigest()[:16]
            if not _is_asked_for(session, wave, what):
                found[wave.id] = what
    return found


def build(
    reading: Opening,
    transaction: Opening,
    wave_id: uuid.UUID,
    store: Store,
    write_pdf: WritePdf,
    *,
    at: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Make what is missing of a wave's documents, one by one; done already, it stays."""
    with reading() as session:
        wave = session.scalars(_waves().where(Wave.id == wave_id)).one()
        wanted = list(_wanted(session, wave))
    for done, each in enumerate(wanted):
        progress(done, len(wanted))
        content = write_pdf(each.to_html(), look())
        made = QuestionList(
            programme_id=wave.programme_id,
            questionnaire_version_id=wave.questionnaire_version_id,
            language=each.language,
            context_sha256=each.sha256,
            file_sha256=store.put(content),
            size=len(content),
            made_at=at,
        )
        with transaction() as session:
            _keep(session, made)


def _keep(session: Session, made: QuestionList) -> None:
    """Store the row unless the job of another wave did."""
    if _kept(session, made.programme_id, made.context_sha256) is not None:
        return
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:  # PostgreSQL only: at this very moment
        if _kept(session, made.programme_id, made.context_sha256) is None:
            raise


def _wanted(session: Session, wave: Wave) -> Iterator[Questions]:
    """Say what each language's document says, where there is none that does."""
    version = wave.questionnaire_version
    for language in reader_languages.offered(version):
        fingerprint = _fingerprint(wave, wave.programme, version, language)
        if _kept(session, wave.programme_id, fingerprint) is None:
            frame = _frame(wave, wave.programme, version, language)
            yield _said(wave, version, language, frame)


def _kept(session: Session, programme_id: uuid.UUID, sha256: str) -> QuestionList | None:
    return session.scalars(
        select(QuestionList).where(
            QuestionList.programme_id == programme_id, QuestionList.context_sha256 == sha256
        )
    ).first()


def _is_asked_for(session: Session, wave: Wave, what: str) -> bool:
    asked = select(Job.id).where(Job.key == _job_key(wave, what))
    return session.scalars(asked).first() is not None


def _job_key(wave: Wave, what: str) -> str:
    return f"questions:{wave.id}:{what}"


def _waves() -> Select[Wave]:
    return select(Wave).options(joinedload(Wave.questionnaire_version), joinedload(Wave.programme))
