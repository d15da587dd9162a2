"""Documents: asked for once per run, pack and language; built by a job; each one a release."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, NotFound, Unavailable
from surveyapp.models.accounts import Relationship
from surveyapp.models.jobs import Job
from surveyapp.models.results import Release, ScoreRun
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports import html, packs, seal
from surveyapp.reports.context import PortfolioContext, ScorecardContext, Signature
from surveyapp.reports.evidence import Evidence
from surveyapp.reports.packs import Pack
from surveyapp.reports.seal import Attached, Signer
from surveyapp.services import audit, document_names, jobs, releases, results
from surveyapp.services.releases import Decision
from surveyapp.storage import Store

Context = ScorecardContext | PortfolioContext
PORTFOLIO: Final = releases.PORTFOLIO
_AUDIENCE: Final = "programme"
_STEPS: Final = 3
"""Say it, draw it, record it."""
_SPELLED: Final = {"en": "en_GB"}
"""A bare language, and the spelling of dates and numbers it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a worker brings along to make documents; pages never load it."""

    say: Callable[[Session, Store, Scorecard], Context]
    """Collects what a document says."""
    write_pdf: Callable[[str, Pack, Sequence[Attached]], bytes]
    collect: Callable[[Session, Store, Scorecard, Context], Evidence]
    """Gathers what a document's numbers are made from."""
    signer: Signer


def request(
    session: Session,
    run: ScoreRun,
    relationship: Relationship | None,
    *,
    pack: Pack,
    locale: str,
    by: str,
    at: datetime,
) -> tuple[Scorecard, uuid.UUID]:
    """Ask for a relationship's scorecard, or with None for the portfolio report; return its job too.

    The same run, pack and language give the document already there.
    """
    document = kept(session, run, relationship, pack=pack, locale=locale, by=by, at=at)
    job = jobs.request(
        session,
        "build-scorecard",
        key=_job_key(document),
        arguments={"scorecard": str(document.id)},
        programme=run.wave.programme,
        at=at,
    )
    return document, job.id


def kept(
    session: Session,
    run: ScoreRun,
    relationship: Relationship | None,
    *,
    pack: Pack,
    locale: str,
    by: str,
    at: datetime,
) -> Scorecard:
    """Return the document of this run, pack and language; a new one has no job that makes it yet."""
    results.frame(run, locale=spelled(locale))
    audit.take_turn(session, run.programme_id)
    cut = cut_of(relationship)
    document = session.scalars(
        select(Scorecard).where(
            Scorecard.run_id == run.id,
            Scorecard.cut == cut,
            Scorecard.pack_hash == pack.sha256,
            Scorecard.locale == spelled(locale),
        )
    ).first()
    if document is None:
        document = Scorecard(
            id=uuid.uuid4(),
            programme_id=run.programme_id,
            run_id=run.id,
            relationship_id=relationship.id if relationship else None,
            cut=cut,
            pack=pack.name,
            pack_hash=pack.sha256,
            locale=spelled(locale),
            file_name=document_names.of_document(run, relationship),
            requested_at=at,
        )
        session.add(document)
        session.flush()
        audit.record(
            session,
            run.wave.programme,
            "scorecard.requested",
            subject=cut,
            by=by,
            at=at,
            run=str(run.id),
        )
    return document


def cut_of(relationship: Relationship | None) -> str:
    """Name the slice a document shows, as the ledger of releases does."""
    return releases.cut_of(relationship.id if relationship else None)


def spelled(locale: str) -> str:
    """Return the locale as documents name it: ``en`` becomes ``en_GB``."""
    plain = locale.replace("-", "_")
    return _SPELLED.get(plain, plain)


def build(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    scorecard_id: uuid.UUID,
    store: Store,
    press: Press,
    *,
    at: datetime,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> None:
    """Make a document's file and record what left the server; done already, it stays as it is.

    Raises
    ------
    Conflict
        The pack changed since the document was asked for: ask again. Or the ledger of releases forbids
        it: what the document says and what was released before would tell of too few people.
    """
    with reading() as session:
        document = _load(session, scorecard_id)
        if document.state == ScorecardState.READY:
            return
        pack = packs.find(document.pack)
        if pack.sha256 != document.pack_hash:
            raise Conflict(f"The pack {pack.name} changed since this was asked for. Ask again.")
        decision = releases.decide(session, document.run, document.cut)
        decision.require()
        context = _signed(press.say(session, store, document), press.signer)
        evidence = press.collect(session, store, document, context)
    said = context.to_json()
    progress(1, _STEPS)
    content = seal.sealed(
        partial(press.write_pdf, html.render(pack, context), pack),
        context=said.encode(),
        evidence=evidence.to_json(),
        pack=pack,
        signer=press.signer,
        made_at=context.made_at,
    )
    sha256 = store.put(content)
    progress(2, _STEPS)
    with transaction() as session:
        document = _load(session, scorecard_id)
        if document.state == ScorecardState.READY:
            return
        audit.take_turn(session, document.programme_id)
        _require_still(releases.decide(session, document.run, document.cut), decision)
        document.context_json = said
        document.release_id = _release(session, document, decision, at=at).id
        document.file_sha256 = sha256
        document.state, document.completed_at = ScorecardState.READY, at
        audit.record(
            session,
            document.run.wave.programme,
            "scorecard.released",
            subject=document.cut,
            by="system",
            at=at,
            run=str(document.run_id),
            file=sha256,
        )


def _require_still(now: Decision, then: Decision) -> None:
    """Refuse what was drawn from an older ledger: another document left the server meanwhile.

    Raises
    ------
    Unavailable
        Drawn again, it keeps to what was released in between.
    """
    now.require()
    if now != then:
        raise Unavailable("Another document of this wave was released meanwhile; drawn again.")


def _signed(context: Context, signer: Signer) -> Context:
    """Let a document say who vouches for it."""
    key = seal.fingerprint(signer.public_key)
    return replace(context, signature=Signature(signed_by=signer.signed_by, key_fingerprint=key))


def find(session: Session, scorecard_id: uuid.UUID) -> Scorecard:
    """Return the document with its run, wave and programme. Raises NotFound."""
    return _load(session, scorecard_id)


def of_run(session: Session, run: ScoreRun, *, cut: str) -> Scorecard | None:
    """Return the newest finished document of a cut, else the one that is being made, else None."""
    documents = session.scalars(
        _documents()
        .where(Scorecard.run_id == run.id, Scorecard.cut == cut)
        .order_by(Scorecard.completed_at.desc().nulls_last(), Scorecard.requested_at.desc())
    )
    return documents.first()


def job_of(session: Session, document: Scorecard) -> Job | None:
    """Return the job that makes the document; None when it came with a whole wave's."""
    return session.scalars(select(Job).where(Job.key == _job_key(document))).first()


def shown(document: Scorecard) -> Context:
    """Return what was released, exactly as the file says it."""
    kind = PortfolioContext if document.relationship_id is None else ScorecardContext
    return kind.from_json(document.context_json, place=f"scorecard {document.id}")


def _job_key(document: Scorecard) -> str:
    return f"scorecard:{document.id}"


def _release(session: Session, document: Scorecard, decision: Decision, *, at: datetime) -> Release:
    cells_hash = hashlib.sha256(document.context_json.encode()).hexdigest()
    release = session.scalars(
        select(Release).where(
            Release.run_id == document.run_id,
            Release.cut == document.cut,
            Release.audience == _AUDIENCE,
            Release.cells_hash == cells_hash,
        )
    ).first()
    if release is None:
        release = Release(
            id=uuid.uuid4(),
            programme_id=document.programme_id,
            run_id=document.run_id,
            cut=document.cut,
            audience=_AUDIENCE,
            cells_hash=cells_hash,
            released_at=at,
        )
        session.add(release)
        session.flush()
        releases.record(session, release, decision)
    return release


def _load(session: Session, scorecard_id: uuid.UUID) -> Scorecard:
    document = session.scalars(_documents().where(Scorecard.id == scorecard_id)).first()
    if document is None:
        raise NotFound("There is no such document.")
    return document


def _documents() -> Select[Scorecard]:
    return select(Scorecard).options(
        joinedload(Scorecard.run).joinedload(ScoreRun.wave).joinedload(Wave.programme),
        joinedload(Scorecard.run).joinedload(ScoreRun.wave).joinedload(Wave.questionnaire_version),
    )
