"""Documents: only what may be shown, the same bytes each time, one release each."""

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.clock import utcnow
from surveyapp.extensions import reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.results import Release
from surveyapp.models.scorecards import Scorecard, ScorecardState
from surveyapp.reports import packs
from surveyapp.services import portfolio_contexts, report_contexts, results, scorecards
from tests.services.scored import closed_wave, relationship_of, score

COLD = [(1, 1, 1), (1, 2, 1)]
ANSWERS = {"Aldermere": [*COLD, (2, 1, 1)], "Brook": COLD, "Cask": []}


@pytest.fixture
def run_id(app: Flask) -> uuid.UUID:
    return score(closed_wave(ANSWERS, settings={"anonymity": "confidential"}))


def ask(run_id: uuid.UUID, buyer: str = "Aldermere") -> tuple[uuid.UUID, uuid.UUID]:
    relationship = relationship_of(buyer)
    with transaction() as session:
        document, job_id = scorecards.request(
            session,
            results.run(session, run_id),
            relationship,
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )
        return document.id, job_id


def build(document_id: uuid.UUID) -> Scorecard:
    scorecards.build(reading, transaction, document_id, state().store, press(), at=utcnow())
    with reading() as session:
        return scorecards.find(session, document_id)


def test_what_rests_on_too_few_people_is_in_no_context(run_id: uuid.UUID) -> None:
    """Confidential: k = 3. Aldermere has three answers, Brook two, Cask none of the one asked."""
    with reading() as session:
        run = results.run(session, run_id)
        whole = portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")
        single = {
            buyer: report_contexts.scorecard(
                session, state().store, run, relationship_of(buyer).id, locale="en_GB"
            )
            for buyer in ANSWERS
        }
    rows = {row.name: row for row in whole.relationships}
    assert {name: row.standing for name, row in rows.items()} == {
        "Aldermere": "shown",
        "Brook": "suppressed",
        # one person was asked there: that they were silent would tell of nobody else
        "Cask": "suppressed",
    }
    assert rows["Aldermere"].call == "at risk"
    assert whole.mix == rows["Aldermere"].chances, "the mix is over what may be shown"
    for buyer in ("Brook", "Cask"):
        row, card = rows[buyer], single[buyer]
        assert (row.seq, row.chances, row.call) == (None, None, None)
        assert (card.seq, card.chances, card.call, card.below_midpoint) == (None,) * 4
        assert [each.score for each in card.climate] == [None] * 6
        assert card.standing == row.standing
    with reading() as session:
        hidden = [
            value
            for found in results.scores_of(
                session, run, relationship_id=relationship_of("Brook").id
            )
            for value in (found.value, found.z)
        ]
    assert hidden
    written = whole.to_json() + single["Brook"].to_json()
    assert [value for value in hidden if str(value)[:10] in written] == []


def test_an_identified_wave_shows_a_single_answer(app: Flask) -> None:
    run_id = score(closed_wave({"Aldermere": [(5, 4, 5)], "Cask": []}))
    with reading() as session:
        run = results.run(session, run_id)
        card = report_contexts.scorecard(
            session, state().store, run, relationship_of("Aldermere").id, locale="en_GB"
        )
    assert card.standing == "shown"
    assert card.seq is not None
    assert card.seq.n == 1


def test_built_twice_it_is_the_same_bytes_and_one_release(run_id: uuid.UUID) -> None:
    document_id, _ = ask(run_id)
    first = build(document_id)
    assert first.state is ScorecardState.READY
    content = state().store.get(first.file_sha256)
    assert content.startswith(b"%PDF-")
    with transaction() as session:
        document = session.get_one(Scorecard, document_id)
        document.state, document.completed_at = ScorecardState.QUEUED, None
        document.file_sha256, document.release_id = "", None
    again = build(document_id)
    assert again.file_sha256 == first.file_sha256
    assert build(document_id).completed_at == again.completed_at, "what is done stays as it is"
    with reading() as session:
        release = session.scalars(select(Release)).one()
    assert (release.id, release.cut) == (
        again.release_id,
        f"relationship:{relationship_of('Aldermere').id}",
    )


def test_asking_at_once_is_one_document_and_one_job(
    run_id: uuid.UUID, at_once: Callable[[Sequence[Callable[[], object]]], list[object]]
) -> None:
    found = at_once([lambda: ask(run_id)] * 4)
    assert len(set(found)) == 1, found
    assert ask(run_id) == found[0]
    assert ask(run_id, "Brook") != found[0]
    with reading() as session:
        assert session.scalar(select(func.count(Scorecard.id))) == 2


@pytest.mark.parametrize(
    "buyer", ["Aldermere " * 10, "山田電機" * 25, "\N{FACE WITH TEARS OF JOY}" * 80]
)
def test_a_document_about_long_names_has_a_name_every_file_system_takes(
    app: Flask, tmp_path: Path, buyer: str
) -> None:
    document_id, _ = ask(score(closed_wave({buyer: COLD})), buyer)
    with reading() as session:
        name = scorecards.find(session, document_id).file_name
    assert len(name) <= 200
    (tmp_path / name).write_bytes(b"")
    assert name.endswith(".pdf")
