"""Attacks of F14 on what lies around the tables: files, samples, the log, what scoring keeps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import f14_copies
from benchmarks.f14_scene import DRAFT, SENT, Scene
from benchmarks.stage import Stage

_NEAR: Final = 2_000
"""Bytes between a person's mark and their words that a row may lie apart in a page."""


def samples(session: Session, scene: Scene) -> str:
    """Read what PostgreSQL's planner keeps of the columns: words, or ids of those who answered."""
    if session.get_bind().dialect.name != "postgresql":
        return ""
    told = session.execute(text("SELECT tablename, attname, pg_stats::text FROM pg_stats"))
    tables = {"response", "draft_answer", "saved_section", "held_page"}
    for table, column, values in told:
        if SENT in values or DRAFT in values:
            return f"{table}.{column} keeps words"
        if table in tables and any(str(each) in values for p in scene.people for each in p.ids):
            return f"{table}.{column} keeps who answered"
    return ""


def files(stage: Stage, scene: Scene) -> str:
    """Read the raw files, and those of a copy made after the close."""
    pieces = f14_copies.pieces(scene.copies)
    return next(
        (
            f"{path.name} holds {found}"
            for path in f14_copies.raw_files(stage)
            if (found := _found(path, scene, pieces))
        ),
        "",
    )


def _found(path: Path, scene: Scene, pieces: Sequence[bytes]) -> str:
    content = path.read_bytes()
    if any(piece in content for piece in pieces):
        return "a part of somebody's own copy"
    if DRAFT.encode() in content:
        return "what was typed and never sent"
    for person in scene.answered:
        words = (SENT + person.name).encode() + b'"'
        at = content.find(words)
        while at >= 0:
            around = content[max(0, at - _NEAR) : at + _NEAR]
            row = around[max(0, around.find(words) - 400) : around.find(words) + len(words)]
            if any(mark in row for each in person.ids for mark in (each.bytes, each.hex.encode())):
                return f"the words of {person.name} beside their row's id"
            at = content.find(words, at + 1)
    return ""


def holds(path: Path, scene: Scene) -> bool:
    """Tell whether a file holds anybody's words."""
    return path.is_file() and any(
        (SENT + each.name).encode() in path.read_bytes() for each in scene.answered
    )


def log(stage: Stage, scene: Scene) -> str:
    """Look for anybody in what pages and worker said."""
    said = stage.log.read_text(encoding="utf-8", errors="replace")
    for person in scene.people:
        marks = [
            person.slug,
            person.token,
            *(form for each in person.ids for form in (str(each), each.hex)),
        ]
        if any(mark in said for mark in marks):
            return f"names {person.name}"
    return ""


def store(stage: Stage, scene: Scene) -> str:
    """Look for anybody, or anybody's words, in the inputs and arrays of runs."""
    ids = [
        form for p in scene.people for each in p.ids for form in (str(each).encode(), each.bytes)
    ]
    for path in (stage.home / "files").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if any(mark in content for mark in ids) or SENT.encode() in content:
            return f"{path.name[:12]} names a person"
    return ""
