"""Stored scores, read: which runs there are and what documents and pages say of them. No SciPy."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import NormalDist
from typing import Final

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Invalid, NotFound
from surveyapp.models.accounts import Relationship
from surveyapp.models.programmes import Programme
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.models.waves import View, Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.reports import context as said
from surveyapp.reports.numbers import Numbers
from surveyapp.reports.reference_sentences import fifty
from surveyapp.services import definitions, disclosure_rules

CONFIDENCE: Final = 0.90
_HALF_WIDTH: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every document of one run shares."""

    run: ScoreRun
    wave: Wave
    programme: Programme
    questionnaire: Questionnaire
    locale: str
    levels: said.Levels
    method: said.Method
    is_withheld: bool = False
    """The ledger of releases keeps the numbers of this document back."""

    @property
    def minimum(self) -> int:
        """The contract's k."""
        return self.method.minimum_answers

    def standing(self, n: int, *, answered: int) -> said.Standing:
        """Say whether a number resting on ``n`` of the people who answered may be shown.

        Under a promise to hide small numbers, how many gave nothing to score is hidden with them.
        """
        if self.is_withheld:
            return "suppressed"
        if n >= self.minimum:
            return "shown"
        if n == answered == 0:
            return "silent"
        return "suppressed" if self.minimum > 1 else "unscored"


def runs_of(session: Session, programme: Programme) -> list[ScoreRun]:
    """Return the newest run of every scored wave, newest wave first."""
    newest: dict[uuid.UUID, ScoreRun] = {}
    for run in session.scalars(_runs().where(ScoreRun.programme_id == programme.id)):
        newest.setdefault(run.wave_id, run)
    return sorted(newest.values(), key=lambda run: run.created_at, reverse=True)


def latest_run(session: Session, wave: Wave) -> ScoreRun:
    """Return the wave's current run. Raises NotFound when it has none."""
    run = session.scalars(_runs().where(ScoreRun.wave_id == wave.id)).first()
    if run is None:
        raise NotFound(f"Wave {wave.slug} has no scores yet: close it, a worker then scores it.")
    return run


def run(session: Session, run_id: uuid.UUID) -> ScoreRun:
    """Return the run. Raises NotFound."""
    found = session.scalars(_runs().where(ScoreRun.id == run_id)).first()
    if found is None:
        raise NotFound(f"There is no scoring run {run_id}.")
    return found


def frame(run: ScoreRun, *, locale: str) -> Frame:
    """Collect what every document of a run shares.

    Raises
    ------
    Invalid
        The wave's view has no scorecard in this version.
    """
    wave = run.wave
    if wave.view != View.BUYER_ON_SUPPLIER:
        raise Invalid(f"Wave {wave.slug} is {wave.view}; scorecards show buyers on suppliers.")
    questionnaire = definitions.load(wave.questionnaire_version, locale.replace("_", "-"))
    return Frame(
        run=run,
        wave=wave,
        programme=wave.programme,
        questionnaire=questionnaire,
        locale=locale,
        levels=_levels(run),
        method=_method(run, questionnaire),
    )


def scores_of(
    session: Session, run: ScoreRun, *, relationship_id: uuid.UUID | None = None
) -> list[Score]:
    """Return the SEQ of every relationship, or all measures of one."""
    query = (
        select(Score)
        .where(Score.run_id == run.id)
        .options(
            joinedload(Score.relationship).joinedload(Relationship.buyer),
            joinedload(Score.relationship).joinedload(Relationship.supplier),
        )
    )
    if relationship_id is None:
        query = query.where(Score.measure == Measure.SEQ)
    else:
        query = query.where(Score.relationship_id == relationship_id)
    return list(session.scalars(query.order_by(Score.relationship_id, Score.dimension)))


def relationship_of(
    session: Session,
    run: ScoreRun,
    relationship_id: uuid.UUID,
    *,
    among: ColumnElement[bool],
) -> Relationship:
    """Return one relationship that the run asked about, both companies loaded; one ``among`` these.

    Raises
    ------
    NotFound
        The run did not ask about it, or it is not among them.
    """
    asked = _asked_about(run, among).where(Relationship.id == relationship_id)
    found = session.scalars(asked).first()
    if found is None:
        raise NotFound("This relationship is not part of the wave.")
    return found


def relationships_of(
    session: Session, run: ScoreRun, *, among: ColumnElement[bool]
) -> list[Relationship]:
    """Return the relationships ``among`` these that the run asked about, by the buyer's name."""
    found = session.scalars(_asked_about(run, among)).unique()
    return sorted(found, key=lambda each: (each.buyer.name.casefold(), str(each.id)))


def _asked_about(run: ScoreRun, among: ColumnElement[bool]) -> Select[Relationship]:
    measured = select(Score.relationship_id).where(
        Score.run_id == run.id, Score.measure == Measure.SEQ
    )
    return (
        select(Relationship)
        .where(Relationship.id.in_(measured), among)
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    )


def shown_score(score: Score) -> said.Score:
    """Turn a stored estimate into what a page prints: T scores and points with their 90% interval."""
    width, width_z = _HALF_WIDTH * score.standard_error, _HALF_WIDTH * score.z_standard_error
    return said.Score(
        value=50 + 10 * score.z,
        low=50 + 10 * (score.z - width_z),
        high=50 + 10 * (score.z + width_z),
        points=score.value,
        points_low=score.value - width,
        points_high=score.value + width,
        n=score.n,
    )


def money(relationship: Relationship) -> said.Money | None:
    """Return the relationship's annual value, if it is known."""
    if relationship.annual_value is None:
        return None
    return said.Money(amount=Decimal(relationship.annual_value), currency=relationship.currency)


def narrowed_by(relationship: Relationship) -> tuple[str, ...]:
    """Return product line, service team and region, those that are set."""
    parts = (relationship.product_line, relationship.service_team, relationship.region)
    return tuple(part for part in parts if part)


def _levels(run: ScoreRun) -> said.Levels:
    cuts: list[float] = run.summary["cuts"]
    below = [0.0, *(NormalDist().cdf(cut) for cut in cuts), 1.0]
    return said.Levels(
        names=tuple(run.summary["level_names"]),
        reference_shares=tuple(high - low for low, high in pairwise(below)),
        cuts=tuple(50 + 10 * cut for cut in cuts),
    )


def _method(run: ScoreRun, questionnaire: Questionnaire) -> said.Method:
    version = run.wave.questionnaire_version
    published = questionnaire.scoring.seq if questionnaire.scoring else {}
    # as the run was made, which an approved rule may have changed
    weights: dict[str, float] = run.summary.get("weights", published)
    reference = _reference(run)
    return said.Method(
        name=run.method,
        reference_name=run.reference_set,
        reference_sentence=fifty(reference, run.reference_set, Numbers("en_GB")),
        reference=reference,
        is_assumed=run.is_assumed,
        cut_set=run.cut_set,
        weights=tuple(
            said.Weight(label=questionnaire.dimension(dimension).label, share=share)
            for dimension, share in weights.items()
        ),
        questionnaire_id=version.questionnaire_id,
        questionnaire_version=version.version,
        questionnaire_sha256=version.sha256,
        run_at=run.created_at,
        code_version=run.code_version,
        fingerprint=run.bundle_hash,
        confidence=CONFIDENCE,
        minimum_answers=disclosure_rules.people(run.wave),
        run_id=str(run.id),
    )


def _reference(run: ScoreRun) -> said.Reference:
    """Say where the set comes from that buyers' answers were read against."""
    found = run.summary.get("references", {}).get(View.BUYER_ON_SUPPLIER.value)
    if found is None:
        return said.Reference(origin="assumed")
    return said.Reference(
        origin=found["origin"],
        relationships=found["relationships"],
        source=found["wave"],
        frozen_on=date.fromisoformat(found["frozen_on"]),
    )


def last_day(wave: Wave) -> date | None:
    """Return the day the asking ended; None while it goes on."""
    return (wave.closed_at - timedelta(microseconds=1)).date() if wave.closed_at else None


def _runs() -> Select[ScoreRun]:
    return (
        select(ScoreRun)
        .options(
            joinedload(ScoreRun.wave).joinedload(Wave.questionnaire_version),
            joinedload(ScoreRun.wave).joinedload(Wave.programme),
        )
        .order_by(ScoreRun.created_at.desc(), ScoreRun.number.desc())
    )
