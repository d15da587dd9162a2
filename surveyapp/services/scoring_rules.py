"""Weights and cuts before they are published: proposed, tried on a run, approved with a reason."""

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, Invalid, NotFound
from surveyapp.models.jobs import Job
from surveyapp.models.programmes import Programme
from surveyapp.models.results import ScoreRun
from surveyapp.models.scoring_rules import ProposalState, ScoringProposal, ScoringRule
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.services import audit, cut_sets, definitions, jobs, rules_in_force, scorecards
from surveyapp.services.cut_sets import Cuts

LONGEST_REASON: Final = 2000
_SHORTEST_REASON: Final = 10
_ROUNDING: Final = 1e-6
_KIND: Final = "try-scoring-rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What somebody would have instead."""

    weights: Mapping[str, float]
    """By engagement dimension; shares of 1, or of 100."""
    cut_set: str = ""
    """A known set, such as ``seed-words 1``; empty for new cuts."""
    cut_name: str = ""
    """What new cuts are to be called."""
    cuts: Sequence[float] = ()


def engagement(questionnaire: Questionnaire) -> list[str]:
    """Return the dimensions that can have a weight in SEQ."""
    return [each.id for each in questionnaire.dimensions if each.kind == "engagement"]


def propose(
    session: Session, run: ScoreRun, proposed: Proposed, *, by: str, at: datetime
) -> ScoringProposal:
    """Keep a proposal and have a worker try it on a run.

    Raises
    ------
    Invalid
        The weights or cuts are none.
    Conflict
        The run is no longer its wave's newest, or its portfolio report was not released: who is
        named here must be known from there.
    """
    wave = run.wave
    programme = wave.programme
    audit.take_turn(session, programme.id)
    _require_newest(session, run)
    questionnaire = definitions.load(wave.questionnaire_version, programme.locale)
    weights = _weights(questionnaire, proposed.weights)
    cuts = _cuts(session, programme, proposed)
    if _is_same(run, weights, cuts):
        raise Invalid("These are the weights and cuts the run was made with. Change one of them.")
    report = scorecards.of_run(session, run, cut=scorecards.PORTFOLIO)
    if report is None or report.release_id is None:
        raise Conflict(
            f"The portfolio report of {wave.name} has not been made yet. Make it first: here"
            " only relationships are named that it shows."
        )
    made = ScoringProposal(
        id=uuid.uuid4(),
        programme_id=programme.id,
        run_id=run.id,
        questionnaire_id=questionnaire.id,
        weights=weights,
        cut_name=cuts.name,
        cut_version=cuts.version,
        cuts=list(cuts.cuts),
        result={},
        by=by,
        created_at=at,
    )
    session.add(made)
    session.flush()
    jobs.request(
        session,
        _KIND,
        key=_job_key(made),
        arguments={"proposal": str(made.id), "wave": str(wave.id)},
        programme=programme,
        at=at,
    )
    subject = f"proposal:{made.id}"
    audit.record(
        session, programme, "scoring-rule.proposed", subject=subject, by=by, at=at, run=str(run.id)
    )
    return made


def _require_newest(session: Session, run: ScoreRun) -> None:
    newest = session.scalar(
        select(func.max(ScoreRun.number)).where(ScoreRun.wave_id == run.wave_id)
    )
    if run.number != newest:
        raise Conflict(f"Run {run.number} of this wave is not its newest. Try it on run {newest}.")


def _weights(questionnaire: Questionnaire, given: Mapping[str, float]) -> dict[str, float]:
    known = engagement(questionnaire)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid(
            f"{', '.join(unknown)}: only engagement dimensions have a weight in SEQ. They are"
            f" {', '.join(known)}."
        )
    if not all(math.isfinite(each) and each >= 0 for each in given.values()):
        raise Invalid("A weight is 0 or more.")
    total = sum(given.values())
    if not math.isclose(total, 1, abs_tol=_ROUNDING) and not math.isclose(
        total, 100, abs_tol=100 * _ROUNDING
    ):
        raise Invalid(f"The weights add up to {total:g}. Make them 100 (or 1) together.")
    return {each: given[each] / total for each in known if given.get(each)}


def _cuts(session: Session, programme: Programme, proposed: Proposed) -> Cuts:
    if proposed.cut_set:
        return cut_sets.find(session, programme, proposed.cut_set)
    version = cut_sets.next_version(session, programme, proposed.cut_name)
    cuts = tuple(cut_sets.checked(proposed.cuts))
    return Cuts(proposed.cut_name, version, cuts, "proposed")


def _is_same(run: ScoreRun, weights: Mapping[str, float], cuts: Cuts) -> bool:
    before: Mapping[str, float] = run.summary["weights"]
    is_alike = before.keys() == weights.keys() and all(
        math.isclose(before[each], weights[each], abs_tol=_ROUNDING) for each in weights
    )
    return is_alike and all(
        math.isclose(*pair, abs_tol=_ROUNDING)
        for pair in zip(run.summary["cuts"], cuts.cuts, strict=True)
    )


def approve(
    session: Session, proposal: ScoringProposal, *, reason: str, by: str, at: datetime
) -> ScoringRule:
    """Publish a proposal: runs of the questionnaire made from now on use it. Old runs stay.

    Raises
    ------
    Invalid
        No reason is given.
    Conflict
        It has not been tried yet, is approved already, or a newer rule was approved since.
    """
    said = reason.strip()
    if not _SHORTEST_REASON <= len(said) <= LONGEST_REASON:
        raise Invalid(f"Say why, in {_SHORTEST_REASON} to {LONGEST_REASON} letters.")
    programme = session.get_one(Programme, proposal.programme_id)
    audit.take_turn(session, programme.id)
    session.refresh(proposal)
    if proposal.state != ProposalState.TRIED:
        is_queued = proposal.state == ProposalState.QUEUED
        told = "has not been tried yet" if is_queued else "is approved already"
        raise Conflict(f"This proposal {told}.")
    last = rules_in_force.at_moment(session, programme, proposal.questionnaire_id, at=at)
    if last is not None and last.approved_at > proposal.created_at:
        raise Conflict("Another rule was approved since this was tried. Try it again.")
    origin = f"proposal {str(proposal.id)[:8]}"
    if proposal.cut_name not in {each.name for each in cut_sets.BUILT_IN}:
        _freeze_cuts(session, programme, proposal, origin=origin, by=by, at=at)
    rule = ScoringRule(
        id=uuid.uuid4(),
        programme_id=programme.id,
        questionnaire_id=proposal.questionnaire_id,
        number=last.number + 1 if last else 1,
        proposal_id=proposal.id,
        weights=proposal.weights,
        cut_name=proposal.cut_name,
        cut_version=proposal.cut_version,
        cuts=proposal.cuts,
        reason=said,
        by=by,
        approved_at=at,
    )
    session.add(rule)
    proposal.state = ProposalState.APPROVED
    session.flush()
    audit.record(
        session,
        programme,
        "scoring-rule.approved",
        subject=f"proposal:{proposal.id}",
        by=by,
        at=at,
        questionnaire=rule.questionnaire_id,
        number=rule.number,
        reason=said,
    )
    return rule


def _freeze_cuts(
    session: Session,
    programme: Programme,
    proposal: ScoringProposal,
    *,
    origin: str,
    by: str,
    at: datetime,
) -> None:
    """Keep new cuts under the version they were proposed with."""
    known = {each.id: each.cuts for each in cut_sets.listed(session, programme)}
    cuts = tuple(proposal.cuts)
    kept = known.get(f"{proposal.cut_name} {proposal.cut_version}")
    if kept is None:
        cut_sets.freeze(session, programme, proposal.cut_name, cuts, origin=origin, by=by, at=at)
    elif kept != cuts:
        raise Conflict(
            f"{proposal.cut_name} {proposal.cut_version} means other cuts since. Propose them again."
        )


def rules(session: Session, programme: Programme) -> list[ScoringRule]:
    """Return every rule there ever was, newest first within its questionnaire."""
    return list(session.scalars(rules_in_force.all_rules(programme)))


def proposals(session: Session, programme: Programme) -> list[ScoringProposal]:
    """Return every proposal with its run and wave, newest first."""
    return list(
        session.scalars(
            _proposals()
            .where(ScoringProposal.programme_id == programme.id)
            .order_by(ScoringProposal.created_at.desc(), ScoringProposal.id)
        )
    )


def find(session: Session, programme: Programme, proposal_id: uuid.UUID) -> ScoringProposal:
    """Return a programme's proposal with its run and wave. Raises NotFound."""
    found = session.scalars(
        _proposals().where(
            ScoringProposal.programme_id == programme.id, ScoringProposal.id == proposal_id
        )
    ).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def job_of(session: Session, proposal: ScoringProposal) -> Job | None:
    """Return the job that tries it."""
    return session.scalars(select(Job).where(Job.key == _job_key(proposal))).first()


def _job_key(proposal: ScoringProposal) -> str:
    return f"{_KIND}:{proposal.id}"


def _proposals() -> Select[ScoringProposal]:
    run = joinedload(ScoringProposal.run).joinedload(ScoreRun.wave)
    return select(ScoringProposal).options(
        run.joinedload(Wave.questionnaire_version), run.joinedload(Wave.programme)
    )
