"""What goes with SEQ: from the programme's own answers, with intervals, or not said at all."""

import uuid
from dataclasses import replace

import numpy as np
import pytest
from flask import Flask

from surveyapp.extensions import reading, state
from surveyapp.models.scorecards import Scorecard
from surveyapp.reports.portfolio import PortfolioPage
from surveyapp.services import (
    document_evidence,
    evidence_checks,
    portfolio_contexts,
    results,
    run_files,
    scoring_runs,
)
from surveyapp.services.score_drivers import Drivers
from tests.factories import AT
from tests.services.rounds import Row, make_round, score

BUYERS = [f"Buyer {number:02}" for number in range(44)]
TWO_SIDES: dict[str, object] = {
    "id": "two-sides",
    "dimensions": [
        {"id": "service", "label": "Service", "kind": "climate"},
        {"id": "price", "label": "Price", "kind": "climate"},
        {"id": "intent", "label": "Intent", "kind": "engagement"},
    ],
    "sections": [
        {
            "id": "overall",
            "title": "All",
            "items": [
                {"id": item, "kind": "rating", "scale": "likely5", "text": f"{item}?",
                 "dimension": dimension}
                for item, dimension in (
                    ("overall_satisfaction", "service"),
                    ("would_recommend", "price"),
                    ("would_repurchase", "intent"),
                )
            ],
        }
    ],
    "scoring": {"method": "state/1", "minimum_answered": 0.5, "seq": {"intent": 1.0},
                "levels": {"cuts": "seed-shares"}},
}  # fmt: skip


def rows(buyers: list[str], people: int) -> dict[str, list[Row]]:
    """Intent follows service closely; price goes its own way."""
    rng = np.random.default_rng(11)
    found: dict[str, list[Row]] = {}
    for buyer in buyers:
        service, price = (int(rng.integers(1, 6)) for _ in range(2))
        told = [
            [int(np.clip(base + rng.integers(-1, 2), 1, 5)) for base in (service, price, service)]
            for _ in range(people)
        ]
        found[buyer] = [(each[0], each[1], each[2]) for each in told]
    return found


def told(run_id: uuid.UUID) -> Drivers:
    with reading() as session:
        found = run_files.load(state().store, results.run(session, run_id)).drivers()
    assert found is not None
    return found


def test_what_goes_with_seq_leads_beyond_its_interval_and_replays(app: Flask) -> None:
    world = make_round(BUYERS, people=3)
    run_id = score(world.asked("asked", rows(BUYERS, 3), at=AT, questionnaire=TWO_SIDES))
    found = told(run_id)
    assert (found.why_not, found.dimensions) == ("", ["service", "price"])
    assert found.share.sum() == pytest.approx(1.0)
    assert (found.low <= found.share).all()
    assert (found.share <= found.high).all()
    assert found.low[0] > 0.5 > found.high[1], "service, not price"
    assert 0.5 < found.explained <= 1.0
    assert (found.relationships, found.resamples) == (44, 400)
    with reading() as session:
        run = results.run(session, run_id)
        assert scoring_runs.replay(session, run, state().store).is_equal
        context = portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")
        document = Scorecard(run=run, relationship_id=None, locale="en_GB")
        evidence = document_evidence.collect(session, state().store, document, context)
    said = context.drivers
    assert said is not None
    assert [row.label for row in said.leading] == ["Service"]
    assert evidence_checks.check(evidence, context).wrong == []
    first, second = said.rows
    swapped = (replace(first, share=second.share), replace(second, share=first.share))
    forged = replace(context, drivers=replace(said, rows=swapped))
    [wrong, *_] = evidence_checks.check(evidence, forged).wrong
    assert wrong.startswith("Service, share: the document says")
    bare = replace(evidence, drivers=None)
    assert evidence_checks.check(bare, context).wrong == [
        "What goes with SEQ: the document says True, the evidence False."
    ]


@pytest.mark.parametrize(
    ("buyers", "people", "why"), [(29, 2, "too few"), (44, 1, "too few"), (44, 2, "")]
)
def test_nothing_is_said_before_thirty_relationships_have_two_people(
    app: Flask, buyers: int, people: int, why: str
) -> None:
    asked = BUYERS[:buyers]
    world = make_round(asked, people=people)
    run_id = score(world.asked("asked", rows(asked, people), at=AT, questionnaire=TWO_SIDES))
    assert told(run_id).why_not == why


def test_a_dimension_in_which_relationships_do_not_differ_is_named(app: Flask) -> None:
    # two people of each buyer disagree about the price in the same way everywhere
    flat = {
        buyer: [(one[0], 2, one[2]), (two[0], 4, two[2])]
        for buyer, (one, two) in rows(BUYERS, 2).items()
    }
    run_id = score(
        make_round(BUYERS, people=2).asked("asked", flat, at=AT, questionnaire=TWO_SIDES)
    )
    assert told(run_id).dimensions == ["price"]
    with reading() as session:
        run = results.run(session, run_id)
        context = portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")
        document = Scorecard(run=run, relationship_id=None, locale="en_GB")
        evidence = document_evidence.collect(session, state().store, document, context)
    assert evidence_checks.check(evidence, context).wrong == []
    assert "relationships hardly differ in Price." in PortfolioPage(context).drivers_finding


def test_a_questionnaire_of_one_climate_dimension_has_no_shares(app: Flask) -> None:
    one = TWO_SIDES | {
        "dimensions": [
            {"id": "service", "label": "Service", "kind": "climate"},
            {"id": "price", "label": "Price", "kind": "engagement"},
            {"id": "intent", "label": "Intent", "kind": "engagement"},
        ]
    }
    world = make_round(BUYERS[:3])
    run_id = score(world.asked("asked", rows(BUYERS[:3], 2), at=AT, questionnaire=one))
    assert told(run_id).why_not == "one dimension"
