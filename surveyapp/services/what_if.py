"""What other weights or cuts would change, from a run's arrays alone; a worker's work, needs SciPy."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict, NotFound
from surveyapp.models.results import Release, ScoreRun
from surveyapp.models.scoring_rules import ProposalState, ScoringProposal
from surveyapp.models.waves import Wave
from surveyapp.reports.context import PortfolioContext
from surveyapp.scoring import levels, norms
from surveyapp.scoring.level_moves import move_probability
from surveyapp.services import run_files, score_references, scorecards
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.score_computation import LEVELS
from surveyapp.services.score_entries import BUYER, NOW
from surveyapp.storage import Store

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP: Final = 0.20
"""By so much of itself each weight is raised and lowered."""
MOST_ROWS: Final = 500
_COLD: Final = 2
"""Lower levels that count as at risk."""
_AUDIENCE: Final = "owners and analysts"
_LEAST_ERROR: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to read a run."""

    weights: Mapping[str, float]
    """By engagement dimension."""
    cuts: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """SEQ of the relationships looked at, by one rule."""

    rule: Rule
    value: Floats
    z: Floats
    error: Floats
    of_reference: Floats
    """The part of the variance that is the reference's own."""
    leaning: Floats
    """Weights on the entries, in spreads of the reference."""
    probabilities: Floats
    calls: list[str]
    labels: list[str]

    @property
    def cold(self) -> Floats:
        """P(one of the two lower levels)."""
        told: Floats = self.probabilities[:, :_COLD].sum(axis=1)
        return told


class WhatIf:
    """A run, read by other rules than its own."""

    def __init__(self, file: RunFile, bundle: Bundle, positions: Ints) -> None:
        self._file, self._bundle, self._positions = file, bundle, positions
        facts = file.entries[len(bundle.entries) :]
        self._reference = score_references.of_state(bundle.entries, facts, bundle.references)
        self._entry = {
            each.dimension: each.id
            for each in bundle.entries
            if (each.view, each.when, each.is_shared) == (BUYER, NOW, False)
        }

    def read(self, rule: Rule) -> Reading:
        """Read SEQ by a rule, exactly as a run made with it would."""
        c = np.zeros(len(self._file.entries))
        for dimension, share in rule.weights.items():
            c[self._file.entries.index(self._entry[dimension])] = share
        mean, spread = norms.reference_spread(self._reference, c)
        frozen = self._bundle.references.get(BUYER)
        value = self._file.mean[self._positions] @ c
        plain = np.sqrt(np.maximum(self._covariance(c, c), 0.0))
        z, error = norms.standardise(
            value,
            plain,
            reference_mean=mean,
            reference_sd=spread,
            reference_groups=frozen.relationships if frozen else None,
            reference_reliability=frozen.reliability(rule.weights) if frozen else None,
        )
        probabilities = levels.probabilities(z, error, rule.cuts)
        return Reading(
            rule=rule,
            value=value,
            z=z,
            error=error,
            of_reference=np.maximum(error**2 - (plain / spread) ** 2, 0.0),
            leaning=c / spread,
            probabilities=probabilities,
            calls=list(levels.call(probabilities)),
            labels=levels.label(probabilities, LEVELS),
        )

    def _covariance(self, one: Floats, other: Floats) -> Floats:
        """Return one'V other of each relationship."""
        found = np.einsum("p,dpq,q->d", one, self._file.array("covariances"), other)
        design = self._file.array("design")[self._positions]
        by_relationship: Floats = found[design]
        return by_relationship

    def moves(self, before: Reading, after: Reading) -> Floats:
        """Return the probability that the true level of each differs between two rules."""
        shared = self._covariance(before.leaning, after.leaning)
        shared = shared + np.sqrt(before.of_reference * after.of_reference)
        errors = [np.maximum(each.error, _LEAST_ERROR) for each in (before, after)]
        return move_probability(
            (before.z, errors[0]),
            (after.z, errors[1]),
            shared / (errors[0] * errors[1]),
            (before.rule.cuts, after.rule.cuts),
        )


def result(file: RunFile, bundle: Bundle, proposed: Rule, shown: Sequence[str]) -> dict[str, Any]:
    """Say what a rule would change for the relationships shown, against the run's own."""
    positions = np.array([file.position(each) for each in shown], dtype=np.int64)
    what_if = WhatIf(file, bundle, positions)
    before = what_if.read(Rule(weights=bundle.seq, cuts=bundle.cut_set.cuts))
    after = what_if.read(proposed)
    moves = what_if.moves(before, after)
    changed = np.flatnonzero(
        _differs(before.calls, after.calls) | _differs(before.labels, after.labels)
    )
    order = changed[np.argsort(-np.abs(after.cold - before.cold)[changed], kind="stable")]
    return {
        "relationships": len(shown),
        "not_shown": len(file.relationships) - len(shown),
        "levels": list(LEVELS),
        "mix": {"before": _mix(before), "after": _mix(after)},
        "calls": {"before": _counts(before), "after": _counts(after)},
        "changed_calls": int(_differs(before.calls, after.calls).sum()),
        "changed_labels": int(_differs(before.labels, after.labels).sum()),
        "expected_moves": float(moves.sum()),
        "changed": len(changed),
        "rows": [
            {
                "relationship": shown[place],
                "before": _row(before, place),
                "after": _row(after, place),
                "moves": float(moves[place]),
            }
            for place in order[:MOST_ROWS].tolist()
        ],
        "sensitivity": _sensitivity(what_if, after),
    }


def _sensitivity(what_if: WhatIf, proposed: Reading) -> list[dict[str, Any]]:
    """Raise and lower each weight by a fifth of itself, the others making room in proportion."""
    weights = proposed.rule.weights
    rows: list[dict[str, Any]] = []
    for dimension, share in weights.items():
        for step in (-STEP, STEP):
            changed = share * (1 + step)
            if len(weights) == 1 or not 0 < changed < 1:
                continue
            others = (1 - changed) / (1 - share)
            moved = {
                each: changed if each == dimension else weights[each] * others for each in weights
            }
            if any(_is_alike(moved, row["weights"]) for row in rows):
                continue
            reading = what_if.read(Rule(weights=moved, cuts=proposed.rule.cuts))
            rows.append(
                {
                    "dimension": dimension,
                    "weights": moved,
                    "changed_calls": int(_differs(proposed.calls, reading.calls).sum()),
                    "changed_labels": int(_differs(proposed.labels, reading.labels).sum()),
                    "expected_moves": float(what_if.moves(proposed, reading).sum()),
                    "cold": float(reading.cold.mean()),
                }
            )
    return rows


def _is_alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Of two equal weights, one up is the other down."""
    return all(abs(one[each] - other[each]) < _LEAST_ERROR for each in one)


def _row(reading: Reading, place: int) -> dict[str, Any]:
    return {
        "t": 50 + 10 * float(reading.z[place]),
        "call": reading.calls[place],
        "label": reading.labels[place],
        "cold": float(reading.cold[place]),
    }


def _mix(reading: Reading) -> list[float]:
    return [float(share) for share in reading.probabilities.mean(axis=0)]


def _counts(reading: Reading) -> dict[str, int]:
    return {
        call: reading.calls.count(call) for call in ("at risk", "cannot tell yet", "not at risk")
    }


def _differs(before: Sequence[str], after: Sequence[str]) -> NDArray[np.bool_]:
    return np.array(
        [one != other for one, other in zip(before, after, strict=True)], dtype=np.bool_
    )


def try_out(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    proposal_id: uuid.UUID,
    store: Store,
    *,
    at: datetime,
) -> None:
    """Try a proposal and keep what it found; tried already, it stays as it is.

    Raises
    ------
    NotFound
        There is no such proposal, or the run's files are gone.
    Conflict
        The portfolio report of the run is no longer there.
    """
    with reading() as session:
        proposal = _load(session, proposal_id)
        if proposal.state != ProposalState.QUEUED:
            return
        run = proposal.run
        shown = _shown(session, run)
        file = run_files.load(store, run)
        rule = Rule(weights=proposal.weights, cuts=_exact_cuts(proposal))
    found = result(file, Bundle.from_bytes(store.get(run.bundle_hash)), rule, shown)
    with transaction() as session:
        proposal = _load(session, proposal_id)
        if proposal.state != ProposalState.QUEUED:
            return
        proposal.result, proposal.state, proposal.tried_at = found, ProposalState.TRIED, at
        session.add(
            Release(
                id=uuid.uuid4(),
                programme_id=proposal.programme_id,
                run_id=proposal.run_id,
                cut=f"what-if:{proposal.id}",
                audience=_AUDIENCE,
                cells_hash=hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest(),
                released_at=at,
            )
        )


def _exact_cuts(proposal: ScoringProposal) -> list[float]:
    """Return the cuts as runs have them: a built-in set to its last digit."""
    built_in = norms.CUT_SETS.get(proposal.cut_name)
    return list(built_in.cuts if built_in else proposal.cuts)


def _shown(session: Session, run: ScoreRun) -> list[str]:
    """Return the relationships that the released portfolio report shows with a score."""
    report = scorecards.of_run(session, run, cut=scorecards.PORTFOLIO)
    context = scorecards.shown(report) if report and report.release_id else None
    if not isinstance(context, PortfolioContext) or not context.measured:
        raise Conflict(
            "The portfolio report of this run shows no scores, so there is nothing to try."
        )
    return [row.key for row in context.measured]


def _load(session: Session, proposal_id: uuid.UUID) -> ScoringProposal:
    run = joinedload(ScoringProposal.run).joinedload(ScoreRun.wave)
    found = session.get(
        ScoringProposal, proposal_id, options=[run.joinedload(Wave.questionnaire_version)]
    )
    if found is None:
        raise NotFound("There is no such proposal.")
    return found
