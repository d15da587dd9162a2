"""From a run's stored scores and arrays to what the scorecard of one relationship says."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import NotFound
from surveyapp.models.accounts import Relationship
from surveyapp.models.results import Measure, Release, Score, ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Anonymity
from surveyapp.reports import context as said
from surveyapp.services import (
    contract,
    disclosure_rules,
    releases,
    results,
    run_files,
    scorecard_climate,
    scorecard_facts,
    scorecard_numbers,
    scorecard_people,
    scorecard_promise,
)
from surveyapp.services.score_entries import BUYER, LAST, NOW
from surveyapp.services.scorecard_climate import Card
from surveyapp.services.wave_cuts import Cut
from surveyapp.storage import Store

_Layers = Mapping[tuple[str, str], Wave]


def scorecard(
    session: Session, store: Store, run: ScoreRun, relationship_id: uuid.UUID, *, locale: str
) -> said.ScorecardContext:
    """Say everything a run found about one relationship.

    Raises
    ------
    NotFound
        The run did not ask about this relationship.
    Conflict
        The run was made before runs kept their arrays: score the wave again.
    """
    decision = releases.decide(session, run, releases.cut_of(relationship_id))
    frame = results.frame(run, locale=locale)
    frame = replace(frame, is_withheld=decision.hides(relationship_id))
    seq = _seq(session, run, relationship_id)
    relationship = seq.relationship
    coverage = scorecard_people.coverage(session, run, relationship_id)
    layers = _layers(session, run)
    file = run_files.load(store, run)
    card = Card(
        frame=frame,
        file=file,
        position=file.position(relationship_id),
        answered=sum(row.answered for row in coverage),
        minimums={key: disclosure_rules.people(wave) for key, wave in layers.items()},
    )
    standing = card.standing(seq.n, is_alike=scorecard_promise.is_alike(file, frame, card.position))
    is_shown = standing == "shown"
    suppliers = [wave for (view, when), wave in layers.items() if view != BUYER and when == NOW]
    invited, answered = scorecard_people.suppliers_people(session, suppliers, relationship_id)
    if invited < max(map(disclosure_rules.people, suppliers), default=1):
        invited = answered = 0  # so few were asked that it is not told how many answered
    is_identified = contract.of_wave(frame.wave) is Anonymity.IDENTIFIED
    return said.ScorecardContext(
        programme=frame.programme.name,
        buyer=relationship.buyer.name,
        supplier=relationship.supplier.name,
        wave=frame.wave.name,
        opened_on=frame.wave.opened_at.date() if frame.wave.opened_at else None,
        closed_on=results.last_day(frame.wave),
        made_at=run.created_at,
        standing=standing,
        call=call_of(seq) if is_shown else None,
        label=seq.label if is_shown else "",
        seq=results.shown_score(seq) if is_shown else None,
        chances=tuple(seq.probabilities) if is_shown else None,
        levels=frame.levels,
        below_midpoint=seq.below_midpoint if is_shown else None,
        climate=scorecard_climate.rows(card),
        coverage=(
            scorecard_people.with_dimensions(card, coverage)
            if frame.minimum == 1
            else scorecard_promise.told(coverage, minimum=frame.minimum)
        ),
        method=replace(frame.method, careless_left_out=file.careless(card.position)),
        narrowed_by=results.narrowed_by(relationship),
        annual_value=results.money(relationship),
        renewal_on=relationship.renewal_on,
        subject=_subject(session, run),
        locale=locale,
        data_note=frame.programme.data_note or None,
        known_people=_known_people(card) if is_shown else None,
        last_wave=_last_wave(session, card, layers, relationship_id) if is_shown else None,
        by_function=(
            scorecard_people.by_function(card, coverage)
            if is_shown and Cut.FUNCTION in decision.cuts
            else ()
        ),
        facts=scorecard_facts.facts(session, run, frame.programme, relationship_id),
        quadrant=(
            scorecard_facts.quadrant(file, card.position, minimum=frame.minimum)
            if is_shown
            else None
        ),
        silent_deciders=(
            scorecard_people.silent_deciders(session, run, relationship_id) if is_identified else ()
        ),
        supplier_invited=invited,
        supplier_answered=answered,
    )


def _known_people(card: Card) -> said.KnownPeople | None:
    """Say SEQ among the stakeholders there are, where more than those who answered are known."""
    number = card.file.known(card.position)
    if number is None or number.n < card.frame.minimum:
        return None
    return said.KnownPeople(people=number.beside, score=scorecard_numbers.score(number))


def call_of(score: Score) -> said.Call:
    """Read the call that a score was stored with."""
    match score.call:
        case "at risk" | "not at risk" | "cannot tell yet":
            return score.call
        case other:
            raise ValueError(f"Score {score.id} holds the call {other!r}, which no rule gives.")


def _subject(session: Session, run: ScoreRun) -> Literal["buyer", "supplier"]:
    """Tell relationships apart by the supplier where the programme has one buyer."""
    counted = select(
        func.count(Relationship.buyer_id.distinct()),
        func.count(Relationship.supplier_id.distinct()),
    ).where(Relationship.programme_id == run.programme_id)
    buyers, suppliers = session.execute(counted).one()
    return "supplier" if buyers == 1 < suppliers else "buyer"


def _seq(session: Session, run: ScoreRun, relationship_id: uuid.UUID) -> Score:
    for score in results.scores_of(session, run, relationship_id=relationship_id):
        if score.measure is Measure.SEQ:
            return score
    raise NotFound("This relationship is not part of the wave.")


def _layers(session: Session, run: ScoreRun) -> _Layers:
    """Return the waves a run looked at, by view and wave."""
    places = {each["wave"]: (each["view"], each["when"]) for each in run.summary["layers"]}
    waves = session.scalars(
        select(Wave)
        .where(Wave.programme_id == run.programme_id, Wave.slug.in_(places))
        .options(joinedload(Wave.questionnaire_version))
    )
    return {places[wave.slug]: wave for wave in waves}


def _last_wave(
    session: Session, card: Card, layers: _Layers, relationship_id: uuid.UUID
) -> said.LastWave | None:
    """Say SEQ of the last comparable wave: as it was issued, and as it is now seen."""
    before = layers.get((BUYER, LAST))
    if before is None or scorecard_climate.change(card, "", now=0.0) is None:
        return None
    issued = _issued(session, before, relationship_id)
    return said.LastWave(
        name=before.name,
        issued=None if issued is None else 50 + 10 * issued.z,
        now_seen=scorecard_numbers.interval(card.file.number("last", card.position)),
        is_beyond_chance=card.file.is_real("change", card.position),
    )


def _issued(session: Session, wave: Wave, relationship_id: uuid.UUID) -> Score | None:
    """Return SEQ as it last left the server for a wave, alone or in the portfolio report."""
    cuts = (releases.cut_of(relationship_id), releases.PORTFOLIO)
    return session.scalars(
        select(Score)
        .join(Release, Release.run_id == Score.run_id)
        .join(ScoreRun, ScoreRun.id == Score.run_id)
        .where(
            ScoreRun.wave_id == wave.id,
            Release.cut.in_(cuts),
            Score.relationship_id == relationship_id,
            Score.measure == Measure.SEQ,
        )
        .order_by(Release.released_at.desc())
        .limit(1)
    ).first()
