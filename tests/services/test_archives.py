"""All scorecards of a run in one ZIP: whole, the same bytes each time, and on from where it stopped."""

import io
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from surveyapp.clock import utcnow
from surveyapp.errors import Conflict
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.results import Release
from surveyapp.models.scorecards import Scorecard, ScorecardArchive, ScorecardState
from surveyapp.reports import packs
from surveyapp.reports.packs import Pack
from surveyapp.reports.seal import Attached
from surveyapp.services import archives, audit, results, scorecards
from surveyapp.services.scorecards import Press
from tests.services.scored import closed_wave, relationship_of, score

ANSWERS = {"Aldermere": [(1, 1, 1)], "Brook": [(4, 5, 4), (5, 5, 5)], "Cask": []}


class Killed(Exception):
    """What ends a worker in the middle."""


class Printer:
    """The real press, counting what it draws; it dies after so many documents."""

    def __init__(self, *, dies_after: int = 1000) -> None:
        self.drawn = 0
        self._dies_after = dies_after
        self._real = press()

    @property
    def press(self) -> Press:
        return replace(self._real, write_pdf=self._write)

    def _write(self, html: str, pack: Pack, attached: Sequence[Attached]) -> bytes:
        if self.drawn == self._dies_after:
            raise Killed
        self.drawn += 1
        return self._real.write_pdf(html, pack, attached)


def ask(run_id: uuid.UUID) -> uuid.UUID:
    with transaction() as session:
        run = results.run(session, run_id)
        pack = packs.find("scorecard")
        archive, _ = archives.request(session, run, pack=pack, locale="en", by="test", at=utcnow())
        return archive.id


def build(archive_id: uuid.UUID, printer: Printer) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    archives.build(
        reading,
        transaction,
        archive_id,
        state().store,
        printer.press,
        by="test",
        now=utcnow,
        progress=lambda done, of: told.append((done, of)),
    )
    return told


def file_of(archive_id: uuid.UUID) -> bytes:
    with reading() as session:
        return state().store.get(archives.find(session, archive_id).file_sha256)


def count(model: type[Scorecard | Release | ScorecardArchive]) -> int:
    with reading() as session:
        return session.scalar(select(func.count(model.id))) or 0


def forget(archive_id: uuid.UUID) -> None:
    """As if the ZIP had never been finished."""
    with transaction() as session:
        session.execute(
            update(ScorecardArchive)
            .where(ScorecardArchive.id == archive_id)
            .values(state=ScorecardState.QUEUED, completed_at=None, file_sha256="")
        )


def test_it_holds_every_scorecard_and_each_is_a_release(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    archive_id, printer = ask(run_id), Printer()
    assert build(archive_id, printer) == [(0, 4), (1, 4), (2, 4), (3, 4)]
    first = file_of(archive_id)
    with zipfile.ZipFile(io.BytesIO(first)) as opened:
        names = opened.namelist()
        assert opened.testzip() is None
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.read(names[0]).startswith(b"%PDF-")
    assert names == [f"{name} and Kestrin - Autumn.pdf" for name in ANSWERS]
    assert (printer.drawn, count(Scorecard), count(Release)) == (3, 3, 3)
    with reading() as session:
        programme = results.run(session, run_id).wave.programme
        assert audit.first_broken(session, programme) is None
        found = archives.find(session, archive_id)
        assert (found.documents, found.size) == (3, len(first))
    assert build(archive_id, printer) == [], "what is done stays"
    forget(archive_id)
    build(archive_id, printer)
    assert file_of(archive_id) == first
    assert printer.drawn == 3


def test_killed_in_the_middle_it_goes_on_where_it_was(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    whole = ask(run_id)
    dying, second = Printer(dies_after=1), Printer()
    with pytest.raises(Killed):
        build(whole, dying)
    with reading() as session:
        assert archives.find(session, whole).state is ScorecardState.QUEUED
    build(whole, second)
    assert (dying.drawn, second.drawn) == (1, 2)
    assert count(Release) == 3


def test_a_scorecard_that_is_there_is_taken_as_it_is(app: Flask) -> None:
    run_id = score(closed_wave(ANSWERS))
    with transaction() as session:
        document, _ = scorecards.request(
            session,
            results.run(session, run_id),
            relationship_of("Brook"),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )
    scorecards.build(reading, transaction, document.id, state().store, press(), at=utcnow())
    printer = Printer()
    build(ask(run_id), printer)
    assert (printer.drawn, count(Scorecard)) == (2, 3)


def test_asked_for_at_once_it_is_one(
    app: Flask, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    run_id = score(closed_wave(ANSWERS))
    assert len(set(at_once([lambda: ask(run_id)] * 4))) == 1
    assert count(ScorecardArchive) == 1


def test_a_pack_that_changed_meanwhile_is_told(app: Flask) -> None:
    archive_id = ask(score(closed_wave(ANSWERS)))
    with transaction() as session:
        session.execute(update(ScorecardArchive).values(pack_hash="0" * 64))
    with pytest.raises(Conflict, match="Ask again"):
        build(archive_id, Printer())


def test_names_alike_are_told_apart_by_their_relationship() -> None:
    same = uuid.UUID(int=1 << 100), uuid.UUID(int=1 << 120)
    documents = [
        Scorecard(file_name=name, file_sha256=str(number), relationship_id=relationship)
        for number, (name, relationship) in enumerate(
            [("Brook.pdf", same[0]), ("BROOK.pdf", same[1]), ("Alder.pdf", same[0])]
        )
    ]
    assert archives.entries(documents) == {
        f"BROOK {same[1].hex[:8]}.pdf": "1",
        "Alder.pdf": "2",
        f"Brook {same[0].hex[:8]}.pdf": "0",
    }
