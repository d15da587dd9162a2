"""The second scene of F14: a confidential wave, released, answered late by one person, released again."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select

from benchmarks.stage import Outcome, Stage
from surveyapp.clock import utcnow
from surveyapp.errors import Conflict
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.accounts import Organisation, Relationship
from surveyapp.models.invitations import Assignment
from surveyapp.models.programmes import Programme
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.models.waves import Wave
from surveyapp.reports import packs
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.services import (
    access,
    coverage_promise,
    coverage_relationships,
    coverage_summary,
    results,
    run_files,
    scorecards,
    waves,
)
from surveyapp.services.listing import Order
from tests.services.scored import closed_wave, relationship_of, score
from tests.services.test_releases import late

_K: Final = 3
_SLUG: Final = "quarry"
_ANSWERS: Final[Mapping[str, Sequence[Sequence[int]]]] = {
    "Ash": [(2, 1, 2), (3, 2, 1), (1, 2, 2), (4, 4, 5)],
    "Birch": [(4, 4, 5), (5, 4, 4)],
    "Cedar": [(4, 3, 5)],
    "Elm": [(4, 4, 4), (4, 4, 4), (4, 4, 4)],
    "Fir": [(1, 3, 5), (5, 4, 2), (2, 4, 4), (3, 3, 3)],
}
_SILENT: Final = {"Ash": 1, "Birch": 1, "Cedar": 0, "Elm": 1, "Fir": 1}
_SEGMENTS: Final = {"Ash": "A", "Birch": "A", "Cedar": "A", "Elm": "B", "Fir": "B"}


def attack(stage: Stage, outcome: Outcome) -> None:
    """Obtain every document before and after a late answer, and set them against each other."""
    wave_id = _play()
    first = [_obtain(wave_id, ""), _obtain(wave_id, "Ash"), _obtain(wave_id, "Cedar")]
    late(wave_id, "Ash 4")
    second = [_obtain(wave_id, ""), _obtain(wave_id, "Ash"), _obtain(wave_id, "Fir")]
    del stage
    for name, found in _attacks(wave_id, first, second):
        outcome.tries += 1
        outcome.check(not found, f"confidential wave: {name}: {found}")


def _play() -> uuid.UUID:
    wave_id = closed_wave(
        _ANSWERS, settings={"anonymity": "confidential"}, silent=_SILENT, slug=_SLUG
    )
    with transaction() as session:
        session.get_one(Wave, wave_id).cuts = ["function", "segment"]
        rows = select(Relationship, Organisation.name).join(
            Organisation, Organisation.id == Relationship.buyer_id
        )
        for relationship, buyer in session.execute(rows.where(Organisation.name.in_(_SEGMENTS))):
            relationship.segment = _SEGMENTS[buyer]
    score(wave_id)
    return wave_id


def _obtain(wave_id: uuid.UUID, buyer: str) -> tuple[Any, bytes]:
    """Ask for a document as an owner does; return what it says and its file, nothing when refused."""
    with transaction() as session:
        run = results.latest_run(session, waves.load(session, wave_id))
        document = scorecards.request(
            session,
            run,
            relationship_of(buyer) if buyer else None,
            pack=packs.find("scorecard" if buyer else "portfolio"),
            locale="en",
            by="attacker",
            at=utcnow(),
        )[0]
    try:
        scorecards.build(reading, transaction, document.id, state().store, press(), at=utcnow())
    except Conflict:
        return None, b""
    with reading() as session:
        found = session.get_one(Scorecard, document.id)
        content = state().store.get(found.file_sha256)
        kind = ScorecardContext if buyer else PortfolioContext
        return kind.from_json(found.context_json, place="a document"), content


def _attacks(
    wave_id: uuid.UUID, first: Sequence[tuple[Any, bytes]], second: Sequence[tuple[Any, bytes]]
) -> Iterator[tuple[str, str]]:
    documents = [said for said, _ in (*first, *second) if said is not None]
    yield "numbers that rest on too few", _too_few(documents)
    yield "the same answer from everybody", _alike(documents)
    yield "two cards about one relationship", _two_cards(first, second)
    yield "two reports about one relationship", _two_reports(first, second)
    yield "roll-ups less what is shown", _rest_of_rollups(documents)
    yield "counts of answers among few", _counts(documents)
    yield "the whole less what is told", _rest_of_coverage(wave_id)
    yield "what is hidden, in the bytes of files", _bytes(wave_id, [*first, *second])


def _too_few(documents: Sequence[Any]) -> str:
    """Look for any n under k in anything that left."""
    found = [n for said in documents for n in _numbers_of_people(said.to_json()) if 0 < n < _K]
    return f"{len(found)} numbers" if found else ""


def _numbers_of_people(text: str) -> Iterator[int]:
    import json  # noqa: PLC0415 as small as its use

    def walk(value: Any) -> Iterator[int]:  # noqa: ANN401 any JSON
        if isinstance(value, dict):
            if isinstance(value.get("n"), int):
                yield value["n"]
            for each in value.values():
                yield from walk(each)
        elif isinstance(value, list):
            for each in value:
                yield from walk(each)

    return walk(json.loads(text))


def _alike(documents: Sequence[Any]) -> str:
    for said in documents:
        if isinstance(said, PortfolioContext):
            rows = {row.name: row for row in said.relationships}
            if rows["Elm"].seq is not None:
                return "three people at Elm said the same, and it is printed"
    return ""


def _two_cards(first: Sequence[tuple[Any, bytes]], second: Sequence[tuple[Any, bytes]]) -> str:
    before, after = first[1][0], second[1][0]
    if before is None or before.seq is None:
        return "the first card about Ash was not released: nothing was tried"
    if after is None or after.seq is None:
        return ""
    return f"n went from {before.seq.n} to {after.seq.n}: the difference is one person's"


def _two_reports(first: Sequence[tuple[Any, bytes]], second: Sequence[tuple[Any, bytes]]) -> str:
    before, after = (
        {row.name: row for row in each[0][0].relationships} for each in (first, second)
    )
    for name, row in before.items():
        later = after[name]
        moved = row.seq and later.seq and 0 < abs(later.seq.n - row.seq.n) < _K
        if moved:
            return f"{name} went from {row.seq.n} to {later.seq.n}"
    return "" if before["Ash"].seq else "the first report shows nothing of Ash: nothing was tried"


def _rest_of_rollups(documents: Sequence[Any]) -> str:
    """Take the shown relationships of a group off its number; what is left must be k people in two."""
    for said in documents:
        if not isinstance(said, PortfolioContext):
            continue
        shown = Counter(
            _SEGMENTS[row.name] for row in said.relationships if row.standing == "shown"
        )
        for rollup in said.rollups:
            for row in rollup.rows:
                rest = row.measured - shown[row.name]
                hidden = [each for each, there in _SEGMENTS.items() if there == row.name]
                people = sum(len(_ANSWERS[each]) for each in hidden if len(_ANSWERS[each]) < _K)
                if row.score is not None and rest and (rest == 1 or people < _K):
                    return f"{rollup.kind} {row.name} leaves {rest} with {people} people"
    return ""


def _counts(documents: Sequence[Any]) -> str:
    for said in documents:
        if isinstance(said, PortfolioContext):
            few = [r.name for r in said.relationships if r.is_counted and 0 < r.invited < _K]
        else:
            few = [row.function for row in said.coverage if 0 < row.invited < _K]
        if few:
            return f"of {few[0]} it is told how many of so few answered"
    return ""


def _rest_of_coverage(wave_id: uuid.UUID) -> str:
    """Take the counts that are told off the whole; what is left must be k people or nobody."""
    with reading() as session:
        wave = waves.load(session, wave_id)
        programme = session.get_one(Programme, wave.programme_id)
        owner = access.Actor(uuid.uuid4(), "A", "a@example.com", programme.id, access.Role.OWNER)
        sight = coverage_promise.whole_sight(session, wave, owner)
        summary = coverage_summary.look(session, sight, at=utcnow())
        page = coverage_relationships.page(
            session, sight, coverage_relationships.EVERY, order=Order("name"), number=1
        )
        hidden = [row.asked for row in page.rows if row.answered is None]
        asked = session.scalar(select(func.count()).where(Assignment.wave_id == wave_id))
        if summary.is_told and 0 < sum(hidden) < _K:
            return f"{sum(hidden)} of {asked} people are the rest of the whole"
        # documents print n: it must not tell what coverage keeps to itself
        run = results.latest_run(session, wave)
        documents = session.scalars(
            select(Scorecard).where(
                Scorecard.run_id == run.id,
                Scorecard.cut == scorecards.PORTFOLIO,
                Scorecard.state == ScorecardState.READY,
            )
        )
        untold = {row.buyer for row in page.rows if row.answered is None}
        for document in documents:
            said = PortfolioContext.from_json(document.context_json, place="a document")
            told = {row.name for row in said.relationships if row.seq is not None}
            if told & untold:
                return f"coverage hides {sorted(told & untold)}, a report prints their n"
    return ""


def _bytes(wave_id: uuid.UUID, files: Sequence[tuple[Any, bytes]]) -> str:
    """Look for the means of relationships that are hidden in anything that was sent out."""
    with reading() as session:
        run = results.latest_run(session, waves.load(session, wave_id))
        arrays = run_files.load(state().store, run)
        hidden = {
            buyer: [
                f"{value:.6f}"[:8]
                for value in arrays.mean[arrays.position(relationship_of(buyer).id)]
            ]
            for buyer in ("Birch", "Cedar")
        }
    for said, content in files:
        text = said.to_json() if said is not None else ""
        for buyer, values in hidden.items():
            if any(each in text or each.encode() in content for each in values):
                return f"a mean of {buyer}"
    return ""
