"""Documents of stored data: every number they print comes out of what they carry, and no more is in it."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import joinedload

from surveyapp.clock import utcnow
from surveyapp.extensions import db, reading, state, transaction
from surveyapp.jobs.press import press
from surveyapp.models.accounts import Relationship
from surveyapp.reports import packs, pdf
from surveyapp.reports.context import PortfolioContext, ScorecardContext
from surveyapp.reports.evidence import Evidence
from surveyapp.reports.reading import attached, page_words
from surveyapp.reports.signing import is_signed
from surveyapp.services import results, run_files, scorecards, verification
from tests.conftest import make_app
from tests.services.whole_cards import BUYERS, FACTS, run_of_two_waves


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """On SQLite alone: what is written here is written by services that are tested on both."""
    app = make_app(tmp_path)
    with app.app_context():
        yield app
        db.engine.dispose()


def printed(run_id: uuid.UUID, relationship_id: uuid.UUID | None) -> bytes:
    """Have a document made as a worker does."""
    with transaction() as session:
        about = (
            session.get_one(
                Relationship,
                relationship_id,
                options=[joinedload(Relationship.buyer), joinedload(Relationship.supplier)],
            )
            if relationship_id
            else None
        )
        document, _ = scorecards.request(
            session,
            results.run(session, run_id),
            about,
            pack=packs.find("scorecard" if about else "portfolio"),
            locale="en",
            by="test",
            at=utcnow(),
        )
    scorecards.build(reading, transaction, document.id, state().store, press(), at=utcnow())
    with reading() as session:
        return state().store.get(scorecards.find(session, document.id).file_sha256)


def checked(content: bytes) -> verification.Verdict:
    return verification.verify(content, write_pdf=pdf.write, is_signed=is_signed)


def test_every_number_of_stored_data_is_made_again(app: Flask) -> None:
    run_id, relationships = run_of_two_waves(BUYERS)
    for buyer in (BUYERS[3], BUYERS[-1]):
        content = printed(run_id, relationships[buyer])
        verdict = checked(content)
        assert verdict.is_sound, verdict
        assert len(content) < 150_000
    card = ScorecardContext.from_json(
        attached(printed(run_id, relationships[BUYERS[3]]))["context.json"]
    )
    [equipment] = [row for row in card.climate if row.dimension == "equipment"]
    assert card.last_wave is not None
    parts = (equipment.change, equipment.own, equipment.gap, equipment.agreement)
    assert None not in parts, "the check above covered every part"
    assert any(item.score for item in equipment.items)
    assert card.quadrant is not None
    assert len(card.facts) == len(FACTS)
    report = printed(run_id, None)
    verdict = checked(report)
    assert verdict.is_sound, verdict
    whole = PortfolioContext.from_json(attached(report)["context.json"])
    assert whole.movement is not None
    assert whole.signature is not None
    assert whole.signature.key_fingerprint == verdict.fingerprint
    words = "".join(page_words(report)[-1])
    assert verdict.fingerprint in words, "the key stands on the last page"


def test_under_a_promise_the_evidence_holds_what_is_printed_and_not_what_it_is_made_of(
    app: Flask,
) -> None:
    run_id, relationships = run_of_two_waves(BUYERS[:8], "confidential")
    content = printed(run_id, relationships[BUYERS[3]])
    assert checked(content).is_sound
    told = Evidence.from_json(attached(content)["evidence.json"])
    assert "seq" in told.contrasts
    assert [entry for entry in told.entries if "attitude" in entry or "intent" in entry] == []
    with reading() as session:
        file = run_files.load(state().store, results.run(session, run_id))
    place = file.position(relationships[BUYERS[3]])
    hidden = {
        float(file.mean[place, number])
        for number, entry in enumerate(file.entries)
        if entry not in told.entries
    }
    assert hidden
    assert hidden.isdisjoint(told.mean)
    silent = Evidence.from_json(
        attached(printed(run_id, relationships[BUYERS[7]]))["evidence.json"]
    )
    assert silent.entries == ()
    assert {name.partition(":")[0] for name in silent.estimates} == {"reference"}


def test_a_document_that_would_not_check_never_leaves(app: Flask) -> None:
    """A context that says another number than its run gives is refused before it is drawn."""
    run_id, relationships = run_of_two_waves(BUYERS[:5])
    real = press()

    def warmer(*given: object) -> ScorecardContext | PortfolioContext:
        card = real.say(*given)  # type: ignore[arg-type]  # handed on as they are
        assert isinstance(card, ScorecardContext)
        assert card.below_midpoint is not None
        return replace(card, below_midpoint=card.below_midpoint / 2)

    with transaction() as session:
        document, _ = scorecards.request(
            session,
            results.run(session, run_id),
            session.get_one(
                Relationship,
                relationships[BUYERS[3]],
                options=[joinedload(Relationship.buyer), joinedload(Relationship.supplier)],
            ),
            pack=packs.find("scorecard"),
            locale="en",
            by="test",
            at=utcnow(),
        )
    with pytest.raises(ValueError, match="Chance below the midpoint"):
        scorecards.build(
            reading,
            transaction,
            document.id,
            state().store,
            replace(real, say=warmer),
            at=utcnow(),
        )
