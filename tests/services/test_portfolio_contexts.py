"""The portfolio report from a run: movement, roll-ups and what the contract keeps out of them."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.extensions import reading, state, transaction
from surveyapp.models.accounts import Contact, Influence, Relationship, Stakeholder
from surveyapp.models.scorecards import Scorecard
from surveyapp.models.waves import Wave
from surveyapp.reports.context import PortfolioContext, RollupRow
from surveyapp.services import (
    document_evidence,
    evidence_checks,
    portfolio_contexts,
    portfolio_rollups,
    results,
)
from surveyapp.services.portfolio_rollups import Member
from surveyapp.services.run_files import RunFile
from tests.factories import AT
from tests.services.rounds import Row, make_round, score

WARM: Row = (5, 5, 4)
COLD: Row = (1, 1, 1)
LATER = AT + timedelta(days=180)
BUYERS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir")
THREE = {buyer: [WARM, (4, 5, 5), (5, 4, 4)] for buyer in BUYERS}
CONFIDENTIAL = {"anonymity": "confidential"}


def place(ids: Mapping[str, uuid.UUID], **told: Mapping[str, object]) -> None:
    """Give relationships a segment, a region or money: by column and the buyer's name."""
    with transaction() as session:
        for column, values in told.items():
            for buyer, value in values.items():
                changed = {column: value} | ({"currency": "EUR"} if "value" in column else {})
                session.execute(
                    update(Relationship).where(Relationship.id == ids[buyer]).values(**changed)
                )


def said(run_id: uuid.UUID) -> PortfolioContext:
    with reading() as session:
        run = results.run(session, run_id)
        return portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")


def rows_of(portfolio: PortfolioContext, kind: str) -> dict[str, RollupRow]:
    [rollup] = [each for each in portfolio.rollups if each.kind == kind]
    return {row.name: row for row in rollup.rows}


@pytest.fixture
def two_waves(app: Flask) -> uuid.UUID:
    """Six warm customers of three people each; half a year later Alder has turned, Fir is silent,
    and so is the only decider of Elm."""
    del app
    made = make_round(BUYERS, people=3)
    place(
        made.relationships,
        segment={"Alder": "Public", "Birch": "Public", "Cedar": "Retail", "Dogwood": "Retail"},
        region=dict.fromkeys(BUYERS, "DACH"),
        annual_value={"Alder": 4_000_000, "Birch": 1_000_000, "Fir": 2_000_000},
    )
    with transaction() as session:
        session.execute(
            update(Stakeholder)
            .where(
                Stakeholder.relationship_id == made.relationships["Elm"],
                Stakeholder.contact_id.in_(select(Contact.id).where(Contact.name != "Elm buyer 2")),
            )
            .values(influence=Influence.USES)
        )
    made.asked("spring", THREE, at=AT)
    now = {**THREE, "Alder": [COLD, COLD, (2, 1, 1)], "Elm": THREE["Elm"][:2]}
    del now["Fir"]
    return score(made.asked("autumn", now, at=LATER))


def test_a_run_with_a_last_wave_says_who_moved_and_how_all_moved(two_waves: uuid.UUID) -> None:
    portfolio = said(two_waves)
    movement = portfolio.movement
    assert movement is not None
    assert (movement.since, movement.compared) == ("Spring", 5)
    assert movement.change.low < movement.change.value < movement.change.high
    assert movement.change.value < 0
    assert sum(movement.mix) == pytest.approx(1.0)
    assert [row.name for row in portfolio.fallen] == ["Alder"]
    assert portfolio.risen == ()
    by_name = {row.name: row for row in portfolio.relationships}
    assert by_name["Fir"].standing == "silent"
    assert by_name["Fir"].change is None
    assert portfolio.currency == "EUR"
    assert portfolio.deciders is not None
    assert (portfolio.deciders.asked, portfolio.deciders.answered) == (16, 12)
    assert portfolio.deciders.silent_relationships == 1, "at Fir nobody at all answered"


def test_roll_ups_are_means_with_the_error_the_relationships_share(two_waves: uuid.UUID) -> None:
    portfolio = said(two_waves)
    assert [rollup.kind for rollup in portfolio.rollups] == ["segment"], "one region tells nothing"
    rows = rows_of(portfolio, "segment")
    assert list(rows) == ["Public", "Retail", ""], "coldest first, the unstated last"
    assert (rows["Public"].asked, rows["Public"].measured) == (2, 2)
    assert (rows[""].asked, rows[""].measured) == (2, 1), "Fir is silent"
    scores = {row.name: row.seq for row in portfolio.relationships if row.seq}
    public = rows["Public"].score
    assert public is not None
    assert public.value == pytest.approx((scores["Alder"].value + scores["Birch"].value) / 2)
    widths = [scores[name].high - scores[name].low for name in ("Alder", "Birch")]
    assert min(widths) / 2 < public.high - public.low < max(widths), (
        "less sure than were they apart"
    )
    assert rows["Public"].change is not None
    assert rows["Public"].change.size < 0


def test_the_evidence_of_a_portfolio_gives_every_number_again(two_waves: uuid.UUID) -> None:
    with reading() as session:
        run = results.run(session, two_waves)
        context = portfolio_contexts.portfolio(session, state().store, run, locale="en_GB")
        document = Scorecard(run=run, relationship_id=None, locale="en_GB")
        evidence = document_evidence.collect(session, state().store, document, context)
    checked = evidence_checks.check(evidence, context)
    assert checked.wrong == []
    assert checked.compared > 100
    [segment] = context.rollups
    forged = replace(segment.rows[0], change=None, score=segment.rows[1].score)
    false = replace(context, rollups=(replace(segment, rows=(forged, *segment.rows[1:])),))
    assert evidence_checks.check(evidence, false).wrong != []


def test_hidden_answers_enter_a_group_only_together_with_others(app: Flask) -> None:
    del app
    made = make_round(BUYERS, people=3)
    place(
        made.relationships,
        segment=dict(zip(BUYERS, ("A", "A", "A", "B", "B", "C"), strict=True)),
        region=dict(zip(BUYERS, ("X", "Y", "X", "X", "Y", "X"), strict=True)),
    )
    # three, two and one answer in segment A; three and one in B; one in C
    counts = dict(zip(BUYERS, (3, 2, 1, 3, 1, 1), strict=True))
    answers = {buyer: THREE[buyer][:count] for buyer, count in counts.items()}
    wave_id = made.asked("autumn", answers, at=AT, questionnaire=CONFIDENTIAL)
    run_id = score(wave_id)
    assert said(run_id).rollups == (), "respondents were not told of any"
    with transaction() as session:
        session.get_one(Wave, wave_id).cuts = ["segment", "region"]
    portfolio = said(run_id)
    segments, regions = rows_of(portfolio, "segment"), rows_of(portfolio, "region")
    assert segments["A"].measured == 3, "Birch and Cedar are two with three people"
    assert (segments["B"].standing, segments["B"].measured) == ("suppressed", 0)
    assert (segments["C"].standing, segments["C"].measured) == ("suppressed", 0)
    assert regions["X"].measured == 2, "Cedar stands in segment A's number already: shown ones only"
    assert regions["Y"].standing == "suppressed"
    assert portfolio.deciders is None
    hidden = [row for row in portfolio.relationships if row.standing == "suppressed"]
    assert len(hidden) == 4
    assert all(row.seq is None and row.change is None for row in hidden)


def file_of(size: int) -> RunFile:
    seq = {"name": "seq", "weights": {"now": 1.0}, "reference_mean": 70.0, "reference_sd": 12.0}
    header = {
        "relationships": [str(n) for n in range(size)],
        "entries": ["now"],
        "contrasts": [seq],
        "questions": [],
        "functions": [],
        "dimensions": [],
        "facts": None,
    }
    read = np.column_stack([np.linspace(40, 90, size), np.full(size, 5.0), np.zeros((size, 4))])
    arrays = {
        "mean": read[:, :1],
        "read/seq": read,
        "leaning/seq": np.full((size, 1), 0.3),
        "mean_covariance": np.array([[9.0]]),
    }
    return RunFile(header, arrays)


@pytest.mark.parametrize("seed", range(25))
def test_no_two_groups_take_parts_of_the_same_hidden_relationships(seed: int) -> None:
    random, size, k = Random(seed), 40, 3  # noqa: S311  # seeded on purpose
    members = []
    for position in range(size):
        n = random.choice((0, 1, 1, 2, 2, 3, 6))
        relationship = Relationship(
            segment=random.choice(("", "A", "B", "C")),
            product_line=random.choice([f"line {number}" for number in range(11)]),
            service_team=random.choice(("", "", "north")),
            region=random.choice(("X", "Y")),
        )
        people = frozenset(uuid.UUID(int=random.randint(1, 40)) for _ in range(n))
        standing = "shown" if n >= k else "suppressed" if n else "silent"
        members.append(Member(relationship, position, n, people, standing, is_compared=False))
    found = portfolio_rollups.groups(file_of(size), members, minimum=k)
    sets = []
    for group in found:
        hidden = [each for each in group.taken if each.standing != "shown"]
        if group.standing == "shown":
            assert len(group.taken) >= 2
        else:
            assert (group.score, list(group.taken)) == (None, [])
        if hidden:
            assert len(hidden) >= 2
            assert len(frozenset().union(*(each.people for each in hidden))) >= k
            sets.append({each.position for each in hidden})
    assert any(sets), "some hidden relationships do enter"
    assert all(one == other or not one & other for one, other in combinations(sets, 2))
    lines = [group for group in found if group.kind == "product line"]
    assert len(lines) == 8
    assert lines[-1].name == portfolio_rollups.OTHERS
