"""Trying weights and cuts before they are published: exact, and history never changes."""

import uuid
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.errors import Conflict, Invalid
from surveyapp.extensions import reading, state, transaction
from surveyapp.models.audit import AuditEvent
from surveyapp.models.scoring_rules import CutSet, ProposalState, ScoringProposal
from surveyapp.scoring import norms
from surveyapp.services import cut_sets, results, run_files, scoring_rules, scoring_runs, what_if
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.scoring_rules import Proposed
from surveyapp.services.what_if import Rule
from tests.factories import AT
from tests.services.rounds import Round, make_round, score
from tests.services.test_one_posterior import BUYERS, rows_of

YEAR = timedelta(days=365)
CUTS = (-1.2, -0.3, 0.9)


def proposed_on(run_id: uuid.UUID, rule: Rule) -> uuid.UUID:
    """A proposal as it stands once a worker has tried it."""
    with reading() as session:
        run = results.run(session, run_id)
        file = run_files.load(state().store, run)
        bundle = Bundle.from_bytes(state().store.get(run.bundle_hash))
        found = what_if.result(file, bundle, rule, file.relationships)
        questionnaire = run.wave.questionnaire_version.questionnaire_id
        programme_id = run.programme_id
    with transaction() as session:
        proposal = ScoringProposal(
            id=uuid.uuid4(),
            programme_id=programme_id,
            run_id=run_id,
            questionnaire_id=questionnaire,
            weights=dict(rule.weights),
            cut_name="ours",
            cut_version=1,
            cuts=list(rule.cuts),
            state=ProposalState.TRIED,
            result=found,
            by="test",
            created_at=AT + 2 * YEAR,
            tried_at=AT + 2 * YEAR,
        )
        session.add(proposal)
        return proposal.id


def approve(proposal_id: uuid.UUID, *, reason: str = "The board decided so in May.") -> None:
    with transaction() as session:
        proposal = session.get_one(ScoringProposal, proposal_id)
        scoring_rules.approve(session, proposal, reason=reason, by="owner", at=AT + 2 * YEAR)


@pytest.fixture
def asked(app: Flask) -> tuple[Round, uuid.UUID]:
    world = make_round(BUYERS)
    return world, world.asked("first", rows_of(BUYERS), at=AT)


def test_what_a_rule_would_change_is_what_the_next_run_says_and_the_last_one_stays(
    asked: tuple[Round, uuid.UUID],
) -> None:
    _, wave_id = asked
    first = score(wave_id)
    rule = Rule(weights={"attitude": 0.2, "intent": 0.8}, cuts=CUTS)
    proposal_id = proposed_on(first, rule)
    with reading() as session:
        before = run_files.load(state().store, results.run(session, first)).numbers("seq").copy()
        told = session.get_one(ScoringProposal, proposal_id).result
    approve(proposal_id)
    second = score(wave_id)
    assert second != first
    with reading() as session:
        runs = [results.run(session, each) for each in (first, second)]
        found = {str(each.relationship_id): each for each in results.scores_of(session, runs[1])}
        assert [run.cut_set for run in runs] == ["seed-shares 1", "ours 1"]
        assert runs[1].summary["weights"] == {"attitude": 0.2, "intent": 0.8}
        assert runs[1].summary["rule"] == "annual-buyer-on-supplier rule 1"
        method = results.frame(runs[1], locale="en_GB").method
        assert [weight.share for weight in method.weights] == [0.2, 0.8]
        again = run_files.load(state().store, runs[0]).numbers("seq")
        assert scoring_runs.replay(session, runs[1], state().store).is_equal
        kept = session.scalars(select(CutSet)).one()
        approved = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "scoring-rule.approved")
        ).one()
    assert np.array_equal(before, again), "history does not change"
    assert (kept.name, kept.version, kept.low) == ("ours", 1, CUTS[0])
    assert approved.details["reason"] == "The board decided so in May."
    assert told["changed"] == len(told["rows"]) > 0
    for row in told["rows"]:
        after = found[row["relationship"]]
        assert row["after"]["t"] == pytest.approx(50 + 10 * after.z, abs=1e-9)
        assert (row["after"]["call"], row["after"]["label"]) == (after.call, after.label)
        assert row["after"]["cold"] == pytest.approx(sum(after.probabilities[:2]), abs=1e-9)
    mix = np.mean([each.probabilities for each in found.values()], axis=0)
    assert told["mix"]["after"] == pytest.approx(mix.tolist(), abs=1e-9)


def test_a_rule_is_approved_once_with_a_reason_and_on_fresh_grounds(
    asked: tuple[Round, uuid.UUID],
) -> None:
    run_id = score(asked[1])
    rule = Rule(weights={"attitude": 1.0}, cuts=CUTS)
    first, second = proposed_on(run_id, rule), proposed_on(run_id, rule)
    with pytest.raises(Invalid, match="Say why"):
        approve(first, reason="  because ")
    approve(first)
    with pytest.raises(Conflict, match="approved already"):
        approve(first)
    with transaction() as session:
        stale = session.get_one(ScoringProposal, second)
        stale.created_at = AT + YEAR
    with pytest.raises(Conflict, match="Another rule was approved since"):
        approve(second)


WRONG = [
    (Proposed(weights={"equipment": 1.0}, cut_set="seed-words 1"), "only engagement"),
    (Proposed(weights={"attitude": 60, "intent": 30}, cut_set="seed-words 1"), "add up to 90"),
    (Proposed(weights={"attitude": -1, "intent": 2}, cut_set="seed-words 1"), "0 or more"),
    (Proposed(weights={"attitude": 1}, cut_name="ours", cuts=(0, 0, 1)), "larger than"),
    (Proposed(weights={"attitude": 1}, cut_name="ours", cuts=(0, 1)), "Write 3 cuts"),
    (Proposed(weights={"attitude": 1}, cut_name="ours", cuts=(0, 1, float("nan"))), "Write 3"),
    (Proposed(weights={"attitude": 1}, cut_name="seed-words", cuts=CUTS), "built in"),
    (Proposed(weights={"attitude": 1}, cut_name="O!", cuts=CUTS), "small letters"),
    (Proposed(weights={"attitude": 60, "intent": 40}, cut_set="seed-shares 1"), "made with"),
]


def test_weights_and_cuts_that_are_none_are_refused_with_the_remedy(
    asked: tuple[Round, uuid.UUID],
) -> None:
    run_id = score(asked[1])
    for proposed, told in WRONG:
        with pytest.raises(Invalid, match=told), transaction() as session:
            scoring_rules.propose(session, results.run(session, run_id), proposed, by="t", at=AT)
    fine = Proposed(weights={"attitude": 1}, cut_set="seed-words 1")
    with pytest.raises(Conflict, match="portfolio report of First"), transaction() as session:
        scoring_rules.propose(session, results.run(session, run_id), fine, by="t", at=AT)


def test_built_in_cuts_are_those_that_runs_use() -> None:
    for each in cut_sets.BUILT_IN:
        assert norms.CUT_SETS[each.name].version == each.version
        assert each.cuts == pytest.approx(norms.CUT_SETS[each.name].cuts, abs=1e-12)


def test_each_weight_is_moved_by_a_fifth_and_the_others_make_room(
    asked: tuple[Round, uuid.UUID],
) -> None:
    run_id = score(asked[1])
    with reading() as session:
        run = results.run(session, run_id)
        file = run_files.load(state().store, run)
        bundle = Bundle.from_bytes(state().store.get(run.bundle_hash))
    same = Rule(weights=bundle.seq, cuts=bundle.cut_set.cuts)
    told = what_if.result(file, bundle, same, file.relationships)
    assert (told["changed"], told["mix"]["before"]) == (0, told["mix"]["after"])
    assert told["expected_moves"] == pytest.approx(0.0, abs=1e-6)
    moved = [[row["dimension"], *row["weights"].values()] for row in told["sensitivity"]]
    assert [each[0] for each in moved] == ["attitude", "attitude", "intent", "intent"]
    assert moved[0][1:] == pytest.approx([0.48, 0.52])
    assert moved[3][1:] == pytest.approx([0.52, 0.48])
    assert all(row["expected_moves"] > 0 for row in told["sensitivity"])
    one = what_if.result(file, replace(bundle, seq={"intent": 1.0}), same, file.relationships[:5])
    assert (one["relationships"], one["not_shown"]) == (5, len(BUYERS) - 5)
