"""Own copies in the first scene of F14: some ask for the PDF of what they sent, and some fetch it."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import select

from benchmarks.stage import Browser, Stage, is_acknowledged
from surveyapp.extensions import housekeeping, reading
from surveyapp.jobs import worker
from surveyapp.models.handouts import AnswerCopy
from surveyapp.models.jobs import Job

_PIECES: Final = 9
_PIECE: Final = 40
"""Bytes: shorter than what a database keeps together, long enough to be nobody else's."""


def make(stage: Stage, people: Sequence[tuple[str, str]]) -> list[bytes]:
    """Let people, each a token and a slug, have their copies made; every other one fetches it.

    Raises
    ------
    RuntimeError
        A copy was not made, or is not in the files that are searched afterwards.
    """
    for token, slug in people:
        _press(stage, token, slug)
    with reading() as session:
        jobs = session.scalars(select(Job.id).where(Job.kind == "copy-answers")).all()
    for job_id in jobs:
        worker.run(job_id)
    for token, slug in people[::2]:
        _fetch(stage, token, slug)
    with reading() as session:
        made = [each for each in session.scalars(select(AnswerCopy.content)) if each]
    if len(made) < len(people):
        raise RuntimeError(f"{len(made)} of {len(people)} copies were made.")
    # a search that finds nothing now would prove nothing afterwards
    whole = b"".join(path.read_bytes() for path in raw_files(stage, with_log=True))
    if not any(piece in whole for piece in pieces(made)):
        raise RuntimeError("The copies are not in the files of the database as they were written.")
    return made


def pieces(copies: Sequence[bytes]) -> list[bytes]:
    """Cut out of each copy what is in no other one."""
    found = Counter(
        each[at : at + _PIECE]
        for each in copies
        for at in range(len(each) // _PIECES, len(each) - _PIECE, len(each) // _PIECES)
    )
    return [piece for piece, count in found.items() if count == 1]


def raw_files(stage: Stage, *, with_log: bool = False) -> Iterator[Path]:
    """Return every file of a copy of the home made now, and those of PostgreSQL."""
    kept = stage.home.parent / ("before" if with_log else "copy")
    shutil.copytree(stage.home, kept, ignore=shutil.ignore_patterns("*.sock*"), dirs_exist_ok=True)
    yield from (each for each in kept.rglob("*") if each.is_file() and "outbox" not in each.parts)
    if stage.database == "postgresql":
        with housekeeping() as carry_out:
            carry_out("CHECKPOINT")  # what is in memory only is not in a file yet
        for folder, _, names in os.walk(stage.home.parent / "postgres"):
            if with_log or "pg_wal" not in folder:
                yield from (path for name in names if (path := Path(folder) / name).is_file())
    if with_log:
        shutil.rmtree(kept)


def _press(stage: Stage, token: str, slug: str) -> None:
    browser = Browser(stage.url)
    browser.begin(f"/r/{token}")
    page = f"/r/{slug}/copy"
    if not is_acknowledged(browser.post(f"{page}/pdf", {"page_token": browser.token(page)})):
        raise RuntimeError("A copy could not be asked for.")
    browser.close()


def _fetch(stage: Stage, token: str, slug: str) -> None:
    browser = Browser(stage.url)
    browser.begin(f"/r/{token}")
    file = browser.http.get(f"/r/{slug}/copy/pdf")
    if not file.content.startswith(b"%PDF"):
        raise RuntimeError(f"A copy could not be fetched: {file.status_code}.")
    browser.close()
