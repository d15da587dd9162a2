"""All scorecards of a run in one ZIP: asked for once, made by a job, which goes on where it stopped."""

import shutil
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Final

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.jobs import Job
from surveyapp.models.results import ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardArchive, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports import packs
from surveyapp.reports.packs import Pack
from surveyapp.services import audit, document_names, jobs, releases, results, scorecards
from surveyapp.services.scorecards import Press
from surveyapp.storage import Store

Opening = Callable[[], AbstractContextManager[Session]]
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""Every entry's date, the first a ZIP knows: the same documents give the same bytes."""
_READABLE: Final = 0o100644 << 16
_BLOCK: Final = 1 << 20


def request(
    session: Session, run: ScoreRun, *, pack: Pack, locale: str, by: str, at: datetime
) -> tuple[ScorecardArchive, uuid.UUID]:
    """Ask for the ZIP of every scorecard of a run; return the job that makes it too.

    The same run, pack and language give the ZIP already there.

    Raises
    ------
    Invalid
        The wave's view has no scorecards.
    """
    spelled = scorecards.spelled(locale)
    results.frame(run, locale=spelled)
    audit.take_turn(session, run.programme_id)
    archive = session.scalars(
        select(ScorecardArchive).where(
            ScorecardArchive.run_id == run.id,
            ScorecardArchive.pack_hash == pack.sha256,
            ScorecardArchive.locale == spelled,
        )
    ).first()
    if archive is None:
        archive = ScorecardArchive(
            id=uuid.uuid4(),
            programme_id=run.programme_id,
            run_id=run.id,
            pack=pack.name,
            pack_hash=pack.sha256,
            locale=spelled,
            file_name=document_names.of_archive(run),
            requested_at=at,
        )
        session.add(archive)
        session.flush()
        audit.record(
            session,
            run.wave.programme,
            "archive.requested",
            subject=f"wave:{run.wave.slug}",
            by=by,
            at=at,
            run=str(run.id),
        )
    job = jobs.request(
        session,
        "build-archive",
        key=_job_key(archive),
        arguments={"archive": str(archive.id), "wave": str(run.wave_id), "by": by},
        programme=run.wave.programme,
        at=at,
    )
    return archive, job.id


def build(
    reading: Opening,
    transaction: Opening,
    archive_id: uuid.UUID,
    store: Store,
    press: Press,
    *,
    by: str,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> None:
    """Make every scorecard that is missing, each by itself, then the ZIP; done already, it stays.

    What the ledger of releases forbids is left out.

    Raises
    ------
    Conflict
        The pack changed since the ZIP was asked for: ask again.
    """
    with reading() as session:
        archive = find(session, archive_id)
        if archive.state is ScorecardState.READY:
            return
        pack = packs.find(archive.pack)
        if pack.sha256 != archive.pack_hash:
            raise Conflict(f"The pack {pack.name} changed since this was asked for. Ask again.")
        wanted = [each.id for each in results.relationships_of(session, archive.run, among=true())]
        made = _made(session, archive)
        wanted = _released(session, archive.run, wanted, made)
    for done, relationship_id in enumerate(wanted):
        progress(done, len(wanted) + 1)
        if relationship_id not in made:
            with transaction() as session:
                document = _document(session, archive_id, relationship_id, by=by, at=now())
            scorecards.build(reading, transaction, document, store, press, at=now())
    progress(len(wanted), len(wanted) + 1)
    _zip(reading, transaction, archive_id, store, at=now())


def _released(
    session: Session, run: ScoreRun, wanted: list[uuid.UUID], made: Container[uuid.UUID | None]
) -> list[uuid.UUID]:
    """Return the relationships whose scorecards are there already or may be released now."""
    return [
        each
        for each in wanted
        if each in made or not releases.decide(session, run, releases.cut_of(each)).refusal
    ]


def _document(
    session: Session, archive_id: uuid.UUID, relationship_id: uuid.UUID, *, by: str, at: datetime
) -> uuid.UUID:
    archive = find(session, archive_id)
    relationship = results.relationship_of(session, archive.run, relationship_id, among=true())
    pack = packs.find(archive.pack)
    return scorecards.kept(
        session, archive.run, relationship, pack=pack, locale=archive.locale, by=by, at=at
    ).id


def _zip(
    reading: Opening, transaction: Opening, archive_id: uuid.UUID, store: Store, *, at: datetime
) -> None:
    with reading() as session:
        named = entries(_made(session, find(session, archive_id)).values())
    sha256, size = store.put_written(lambda file: _write(file, named, store))
    with transaction() as session:
        archive = find(session, archive_id)
        if archive.state is ScorecardState.READY:
            return
        archive.file_sha256, archive.size, archive.documents = sha256, size, len(named)
        archive.state, archive.completed_at = ScorecardState.READY, at
        audit.record(
            session,
            archive.run.wave.programme,
            "archive.made",
            subject=f"wave:{archive.run.wave.slug}",
            by="system",
            at=at,
            run=str(archive.run_id),
            file=sha256,
        )


def _write(file: BinaryIO, named: Mapping[str, str], store: Store) -> None:
    """Write the documents one after another, a block at a time; PDFs are compressed as they are."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for name, sha256 in named.items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.external_attr, entry.create_system = _READABLE, 3
            path = store.path(sha256)
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, made.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _BLOCK)


def entries(documents: Collection[Scorecard]) -> dict[str, str]:
    """Name the files, sorted; of two alike each gets a part of its relationship's id."""
    alike = Counter(each.file_name.casefold() for each in documents)
    named = {}
    for each in documents:
        name = each.file_name
        if alike[name.casefold()] > 1 and each.relationship_id is not None:
            name = f"{name.removesuffix('.pdf')} {each.relationship_id.hex[:8]}.pdf"
        named[name] = each.file_sha256
    return dict(sorted(named.items()))


def _made(session: Session, archive: ScorecardArchive) -> dict[uuid.UUID | None, Scorecard]:
    """Return the finished scorecards that belong into the ZIP, by relationship."""
    found = session.scalars(
        select(Scorecard).where(
            Scorecard.run_id == archive.run_id,
            Scorecard.relationship_id.is_not(None),
            Scorecard.pack_hash == archive.pack_hash,
            Scorecard.locale == archive.locale,
            Scorecard.state == ScorecardState.READY,
        )
    )
    return {each.relationship_id: each for each in found}


def find(session: Session, archive_id: uuid.UUID) -> ScorecardArchive:
    """Return the ZIP with its run, wave and programme. Raises NotFound."""
    found = session.scalars(_archives().where(ScorecardArchive.id == archive_id)).first()
    if found is None:
        raise NotFound("There is no such archive.")
    return found


def of_run(session: Session, run: ScoreRun) -> ScorecardArchive | None:
    """Return the newest finished ZIP of a run, else the one that is being made, else None."""
    return session.scalars(
        _archives()
        .where(ScorecardArchive.run_id == run.id)
        .order_by(
            ScorecardArchive.completed_at.desc().nulls_last(), ScorecardArchive.requested_at.desc()
        )
    ).first()


def job_of(session: Session, archive: ScorecardArchive) -> Job | None:
    """Return the job that makes the ZIP, to show how it is getting on."""
    return session.scalars(select(Job).where(Job.key == _job_key(archive))).first()


def _job_key(archive: ScorecardArchive) -> str:
    return f"archive:{archive.id}"


def _archives() -> Select[ScorecardArchive]:
    return select(ScorecardArchive).options(
        joinedload(ScorecardArchive.run).joinedload(ScoreRun.wave).joinedload(Wave.programme),
        joinedload(ScorecardArchive.run)
        .joinedload(ScoreRun.wave)
        .joinedload(Wave.questionnaire_version),
    )
