"""What was typed and never sent: erased some days after the close, with its files; what was sent stays.

Of an anonymous wave it goes at the close already, with what joins answers to people (``severing``). Of
any other it stays for a while, because a wave may be reopened and people then go on where they were.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from surveyapp.models.invitations import Assignment
from surveyapp.models.jobs import Job, JobState
from surveyapp.models.responses import DraftAnswer, HeldPage, SavedSection
from surveyapp.models.uploads import UploadedFile
from surveyapp.models.waves import Wave, WaveState
from surveyapp.services import jobs, uploads, wave_rows
from surveyapp.storage import Store

KIND: Final = "erase-unsent"
_AT_ONCE: Final = 200
"""Assignments in one transaction: pages wait for it on SQLite."""
_ASKED_AGAIN: Final = timedelta(days=1)
"""After a job for it has failed for good: what was promised stays promised."""
Opening = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went."""

    answers: int = 0
    files: int = 0

    def with_more(self, other: "Erased") -> "Erased":
        """Add what went next."""
        return Erased(self.answers + other.answers, self.files + other.files)


def promise(session: Session, wave_id: uuid.UUID, *, days: int) -> None:
    """Freeze what the people of a launched wave are told; a later setting is for later launches."""
    wave = wave_rows.load(session, wave_id)
    wave_rows.hold(session, wave)
    if wave.unsent_days is None:
        wave.unsent_days = days
    session.flush()


def days_told(wave: Wave, *, setting: int) -> int:
    """Return after how many days people are told it goes; the ``setting`` before the launch."""
    return setting if wave.unsent_days is None else wave.unsent_days


def has_due(session: Session, *, kept: timedelta, at: datetime) -> bool:
    """Tell whether a closed wave's time is over and nobody has asked yet to erase what it left.

    Here and below, ``kept`` is for a wave that promised nothing.
    """
    return bool(_unasked(session, kept=kept, at=at))


def request_due(session: Session, *, kept: timedelta, at: datetime) -> None:
    """Ask for a job for each closed wave whose time is over."""
    for wave in _unasked(session, kept=kept, at=at):
        jobs.request(
            session,
            KIND,
            key=_key(wave),
            arguments={"wave": str(wave.id)},
            programme=wave_rows.programme_of(session, wave),
            at=at,
        )


def erase(
    reading: Opening,
    transaction: Opening,
    wave_id: uuid.UUID,
    store: Store,
    *,
    kept: timedelta,
    now: Callable[[], datetime],
    progress: Callable[[int, int], None],
) -> None:
    """Erase what the people of a closed wave typed and did not send, some of them at a time.

    A wave that was reopened meanwhile is left alone. It can be run again after a crash: how much went
    is kept with each commit, and put on record at the end or when the wave is reopened.
    """
    with reading() as session:
        found = session.scalars(
            select(Assignment.id).where(Assignment.wave_id == wave_id).order_by(Assignment.id)
        ).all()
    for start in range(0, len(found), _AT_ONCE):
        with transaction() as session:
            wave = _hold_if_over(session, wave_id, kept=kept, at=now())
            if wave is None:
                return
            erased = _erase(session, found[start : start + _AT_ONCE], store)
            wave.unsent_erased = asdict(Erased(**wave.unsent_erased).with_more(erased))
        progress(min(start + _AT_ONCE, len(found)), len(found))
    with transaction() as session:
        wave = _hold_if_over(session, wave_id, kept=kept, at=now())
        if wave is not None:
            wave.unsent_erased_at = now()
            _record(session, wave, at=now())


def forget_progress(session: Session, wave: Wave, *, at: datetime) -> None:
    """Let the people of a wave that is reopened begin anew where nothing of theirs is left.

    Also while they are being erased: then something is left of some of them, and what went already
    is put on record.
    """
    if wave.unsent_erased:
        _record(session, wave, at=at)
    has_draft = exists().where(DraftAnswer.assignment_id == Assignment.id)
    of_whom_nothing_is_left = select(Assignment.id).where(
        Assignment.wave_id == wave.id, Assignment.submitted_at.is_(None), ~has_draft
    )
    session.execute(
        delete(SavedSection)
        .where(SavedSection.assignment_id.in_(of_whom_nothing_is_left))
        .execution_options(synchronize_session=False)
    )
    wave.unsent_erased_at = None
    session.flush()


def _unasked(session: Session, *, kept: timedelta, at: datetime) -> list[Wave]:
    waves = _over(session, kept=kept, at=at)
    is_asked = or_(Job.state != JobState.FAILED, Job.finished_at > at - _ASKED_AGAIN)
    keys = select(Job.key).where(Job.key.in_([_key(wave) for wave in waves]), is_asked)
    asked = set(session.scalars(keys)) if waves else set()
    return [wave for wave in waves if _key(wave) not in asked]


def _over(session: Session, *, kept: timedelta, at: datetime) -> list[Wave]:
    """List the closed waves whose time is over and whose drafts are still there."""
    closed = select(Wave.id, Wave.closed_at, Wave.unsent_days).where(
        Wave.state == WaveState.CLOSED, Wave.unsent_erased_at.is_(None)
    )
    due = [
        wave_id
        for wave_id, closed_at, days in session.execute(closed)
        if _is_over(closed_at, days, kept=kept, at=at)
    ]
    return list(session.scalars(select(Wave).where(Wave.id.in_(due)))) if due else []


def _is_over(
    closed_at: datetime | None, days: int | None, *, kept: timedelta, at: datetime
) -> bool:
    lasts = kept if days is None else timedelta(days=days)
    return closed_at is not None and closed_at + lasts <= at


def _key(wave: Wave) -> str:
    closed = wave.closed_at.isoformat() if wave.closed_at else ""
    return f"unsent:{wave.id}:{closed}"


def _hold_if_over(
    session: Session, wave_id: uuid.UUID, *, kept: timedelta, at: datetime
) -> Wave | None:
    """Keep the wave as it is until the commit; None when it was reopened or is done."""
    wave = wave_rows.load(session, wave_id)
    wave_rows.hold(session, wave)
    is_over = _is_over(wave.closed_at, wave.unsent_days, kept=kept, at=at)
    return wave if is_over and wave.unsent_erased_at is None else None


def _erase(session: Session, assignment_ids: Sequence[uuid.UUID], store: Store) -> Erased:
    files = _erase_files(session, assignment_ids, store)
    drafts = DraftAnswer.assignment_id.in_(assignment_ids)
    answers = session.scalar(select(func.count()).select_from(DraftAnswer).where(drafts)) or 0
    for model in (DraftAnswer, HeldPage):
        session.execute(
            delete(model)
            .where(model.assignment_id.in_(assignment_ids))
            .execution_options(synchronize_session=False)
        )
    # a correction that was begun and not sent goes too: what was sent stands
    session.execute(
        update(Assignment)
        .where(Assignment.id.in_(assignment_ids), Assignment.reopened_at.is_not(None))
        .values(reopened_at=None)
        .execution_options(synchronize_session=False)
    )
    return Erased(answers, files)


def _erase_files(session: Session, assignment_ids: Sequence[uuid.UUID], store: Store) -> int:
    """Forget the files that were never sent; their bytes go first, so that a crash leaves none."""
    rows = session.scalars(
        select(UploadedFile).where(UploadedFile.assignment_id.in_(assignment_ids))
    ).all()
    stays: dict[uuid.UUID, set[str]] = defaultdict(set)
    for row in rows:
        if row.sent_at is not None:
            stays[row.assignment_id].add(row.sha256)
    goes = [row for row in rows if row.sent_at is None]
    for row in goes:
        if row.sha256 not in stays[row.assignment_id]:
            uploads.erase(store, row.assignment_id, [row.sha256])
        session.delete(row)
    session.flush()
    return len(goes)


def _record(session: Session, wave: Wave, *, at: datetime) -> None:
    erased = Erased(**wave.unsent_erased)
    wave.unsent_erased = {}
    session.flush()
    wave_rows.record(
        session,
        wave_rows.programme_of(session, wave),
        wave,
        "wave.unsent-erased",
        by="system",
        at=at,
        answers=str(erased.answers),
        files=str(erased.files),
    )
