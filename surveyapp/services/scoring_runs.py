"""Scoring runs: made once from a stored input, never changed, made again to be checked."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from math import inf, isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.results import Measure, Score, ScoreRun
from surveyapp.models.waves import Wave
from surveyapp.services import (
    audit,
    run_files,
    score_bundles,
    score_gathering,
    score_own_sets,
    score_references,
    score_rounds,
    score_state,
    waves,
)
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.score_computation import Computed, compute
from surveyapp.services.score_contrasts import Read
from surveyapp.storage import Store

TOLERANCE: Final = 1e-9
"""Replayed numbers must agree this closely."""
_COMPARED: Final = (
    *("n", "value", "standard_error", "z", "z_standard_error"),
    *("below_midpoint", "probabilities", "call", "label"),
    *("change_z", "change_z_standard_error", "is_changed"),
)
"""What a replay compares of every score; the first three are also under the run's own hash."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What computing a run again found."""

    max_difference: float
    is_equal: bool


def score_wave(
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    wave_id: uuid.UUID,
    store: Store,
    *,
    by: str,
    at: datetime,
) -> uuid.UUID | None:
    """Score a closed wave and store the run; the same answers and code give the run already there.

    A suppliers' wave has no run of its own: the buyers' wave of its round is scored again, with it.
    None when there is no such wave yet, or it is still open: its own close then scores both.

    Raises
    ------
    Conflict
        The wave is not closed.
    Invalid
        The questionnaire is not scored.
    """
    with reading() as session:
        asked = waves.load(session, wave_id)
        if asked.closed_at is None:
            raise Conflict(f"Wave {asked.slug} is {asked.state}. Close it before it is scored.")
        anchor = score_rounds.anchor_of(session, asked)
        if anchor is None:
            return None
        wave = waves.load(session, anchor.id)
        bundle = score_gathering.gather(session, wave, known_at=at)
        ever_frozen = score_references.ever_frozen(session, wave)
    computed_state, frozen = score_own_sets.with_own_sets(
        score_state.build(bundle), ever_frozen=ever_frozen
    )
    computed = compute(computed_state)
    kept = _Kept(
        bundle_hash=score_bundles.keep(store, computed_state.bundle),
        posterior_hash=run_files.keep(store, computed),
    )
    with transaction() as session:
        wave = waves.load(session, wave.id)
        waves.hold(session, wave)
        same = session.scalars(
            select(ScoreRun).where(
                ScoreRun.wave_id == wave.id,
                ScoreRun.bundle_hash == kept.bundle_hash,
                ScoreRun.code_version == version("surveyapp"),
            )
        ).first()
        if same is not None:
            return same.id
        for view, reference in frozen.items():
            score_references.freeze(session, wave, view, reference, by=by, at=at)
        return _store(session, wave, computed, kept, by=by, at=at).id


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a run's input and arrays are."""

    bundle_hash: str
    posterior_hash: str


def _store(
    session: Session, wave: Wave, computed: Computed, kept: _Kept, *, by: str, at: datetime
) -> ScoreRun:
    bundle = computed.state.bundle
    last = session.scalar(select(func.max(ScoreRun.number)).where(ScoreRun.wave_id == wave.id))
    run = ScoreRun(
        id=uuid.uuid4(),
        programme_id=wave.programme_id,
        wave_id=wave.id,
        number=(last or 0) + 1,
        method=bundle.method,
        reference_set=computed.reference_set,
        cut_set=computed.summary["cut_set"],
        is_assumed=computed.is_assumed,
        plan_hash=bundle.plan_hash,
        bundle_hash=kept.bundle_hash,
        result_hash=_hash(computed),
        posterior_hash=kept.posterior_hash,
        code_version=version("surveyapp"),
        cut_off_at=wave.closed_at,
        created_at=at,
        summary=computed.summary,
    )
    session.add(run)
    session.flush()
    if rows := _rows(run, computed):
        # the table, not the model: nobody needs the objects
        session.execute(insert(Score.metadata.tables[Score.__tablename__]), rows)
    audit.record(
        session,
        wave.programme,
        "wave.scored",
        subject=f"wave:{wave.slug}",
        by=by,
        at=at,
        run=str(run.id),
        bundle=kept.bundle_hash,
        result=run.result_hash,
    )
    return run


def replay(session: Session, run: ScoreRun, store: Store) -> Replayed:
    """Compute a run again from its stored input and compare every stored number.

    Raises
    ------
    NotFound
        The input is no longer there: the run cannot be replayed.
    """
    bundle = Bundle.from_bytes(store.get(run.bundle_hash))
    computed = compute(score_state.build(bundle))
    scores = session.scalars(select(Score).where(Score.run_id == run.id))
    stored = {
        (str(score.relationship_id), score.measure.value, score.dimension): [
            getattr(score, name) for name in _COMPARED
        ]
        for score in scores
    }
    again = {_key(row): [row[name] for name in _COMPARED] for row in _rows(run, computed)}
    largest = max(
        _difference(stored, again),
        _difference(run.summary, computed.summary),
        _difference(
            [run.is_assumed, run.plan_hash, run.method, run.reference_set, run.cut_set],
            [
                computed.is_assumed,
                bundle.plan_hash,
                bundle.method,
                computed.reference_set,
                computed.summary["cut_set"],
            ],
        ),
        _difference(run.result_hash, _hash_of_stored(computed, stored)),
        _array_difference(run_files.load(store, run), computed),
    )
    return Replayed(largest, is_equal=largest <= TOLERANCE)


def _array_difference(stored: RunFile, computed: Computed) -> float:
    """Return the largest difference of the kept arrays; infinite when one does not come out again.

    A newer version may make more than a run has kept.
    """
    _, again = run_files.arrays(computed)
    if not stored.names <= again.keys():
        return inf
    return max(map(partial(_furthest, stored, again), stored.names), default=0.0)


def _furthest(stored: RunFile, again: Mapping[str, NDArray[Any]], name: str) -> float:
    before, after = stored.array(name), again[name]
    if before.shape != after.shape or bool((np.isnan(before) != np.isnan(after)).any()):
        return inf
    return float(np.nanmax(np.abs(before - after), initial=0.0))


def _difference(stored: object, again: object) -> float:
    """Return the largest difference of two numbers at the same place; infinite when more differs."""
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        if stored.keys() != again.keys():
            return inf
        return max((_difference(stored[key], again[key]) for key in stored), default=0.0)
    if isinstance(stored, list | tuple) and isinstance(again, list | tuple):
        if len(stored) != len(again):
            return inf
        return max(map(_difference, stored, again), default=0.0)
    if isinstance(stored, float) and isinstance(again, float):
        return abs(stored - again) if isfinite(stored - again) else inf
    return 0.0 if stored == again else inf


def _rows(run: ScoreRun, computed: Computed) -> list[dict[str, Any]]:
    """Return what the database holds: SEQ, to list and sort by; the rest is in the run's file."""
    return [
        _row(run, computed, relationship, position)
        for position, relationship in enumerate(computed.state.bundle.relationships)
    ]


def _row(run: ScoreRun, computed: Computed, relationship: str, position: int) -> dict[str, Any]:
    seq, change = computed.reads["seq"], computed.reads.get("change")
    is_compared = change is not None and _is_told(change, position)
    return {
        "id": uuid.uuid4(),
        "programme_id": run.programme_id,
        "run_id": run.id,
        "relationship_id": uuid.UUID(relationship),
        "measure": Measure.SEQ.value,
        "dimension": "",
        "n": int(seq.n[position]),
        "value": float(seq.value[position]),
        "standard_error": float(seq.standard_error[position]),
        "z": float(seq.z[position]),
        "z_standard_error": float(seq.z_standard_error[position]),
        "probabilities": computed.probabilities[position].tolist(),
        "call": computed.calls[position],
        "label": computed.labels[position],
        "below_midpoint": float(computed.below_midpoint[position]),
        "change_z": float(change.z[position]) if change and is_compared else None,
        "change_z_standard_error": (
            float(change.z_standard_error[position]) if change and is_compared else None
        ),
        "is_changed": bool(computed.tests["change"].is_real[position]) if is_compared else None,
    }


def _is_told(change: Read, position: int) -> bool:
    return bool(change.n[position] > 0 and change.beside[position] > 0)


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return str(row["relationship_id"]), row["measure"], row["dimension"]


def _hash(computed: Computed) -> str:
    seq = computed.reads["seq"]
    return _hash_of(computed, [seq.n.tolist(), seq.value.tolist(), seq.standard_error.tolist()])


def _hash_of_stored(computed: Computed, stored: Mapping[tuple[str, str, str], list[Any]]) -> str:
    """Hash what the database holds as it was hashed when the run was made."""
    keys = [(place, Measure.SEQ.value, "") for place in computed.state.bundle.relationships]
    found = [stored[key] for key in keys if key in stored]
    return _hash_of(computed, [[row[n] for row in found] for n in range(3)])


def _hash_of(computed: Computed, numbers: list[list[Any]]) -> str:
    content = json.dumps([computed.state.bundle.relationships, numbers], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
