"""Scoring runs: made once from a stored input, never changed, made again to be checked."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from math import inf, isfinite
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from surveyapp.errors import Conflict
from surveyapp.models.results import Score, ScoreRun
from surveyapp.services import audit, score_bundles, waves
from surveyapp.services.score_bundles import Bundle
from surveyapp.services.score_computation import Computed, Measured, compute
from surveyapp.storage import Store

TOLERANCE: Final = 1e-9
"""Replayed numbers must agree this closely."""
_COMPARED: Final = (
    *("n", "value", "standard_error", "z", "z_standard_error"),
    *("below_midpoint", "probabilities", "call", "label"),
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
) -> uuid.UUID:
    """Score a closed wave and store the run; the same answers and code give the run already there.

    Raises
    ------
    Conflict
        The wave is not closed.
    Invalid
        The questionnaire is not scored.
    """
    with reading() as session:
        wave = waves.load(session, wave_id)
        if wave.closed_at is None:
            raise Conflict(f"Wave {wave.slug} is {wave.state}. Close it before it is scored.")
        cut_off_at = wave.closed_at
        bundle = score_bundles.gather(session, wave, cut_off_at=cut_off_at)
    bundle_hash = score_bundles.keep(store, bundle)
    computed = compute(bundle)
    with transaction() as session:
        wave = waves.load(session, wave_id)
        waves.hold(session, wave)
        same = session.scalars(
            select(ScoreRun).where(
                ScoreRun.wave_id == wave.id,
                ScoreRun.bundle_hash == bundle_hash,
                ScoreRun.code_version == version("surveyapp"),
            )
        ).first()
        if same is not None:
            return same.id
        last = session.scalar(select(func.max(ScoreRun.number)).where(ScoreRun.wave_id == wave.id))
        run = ScoreRun(
            id=uuid.uuid4(),
            programme_id=wave.programme_id,
            wave_id=wave.id,
            number=(last or 0) + 1,
            method=bundle.method,
            reference_set=bundle.reference_set,
            cut_set=computed.summary["cut_set"],
            is_assumed=computed.is_assumed,
            plan_hash=bundle.plan_hash,
            bundle_hash=bundle_hash,
            result_hash=_hash(bundle, computed),
            code_version=version("surveyapp"),
            cut_off_at=cut_off_at,
            created_at=at,
            summary=computed.summary,
        )
        session.add(run)
        session.flush()
        if rows := _rows(run, bundle, computed):
            session.execute(insert(Score), rows)
        audit.record(
            session,
            wave.programme,
            "wave.scored",
            subject=f"wave:{wave.slug}",
            by=by,
            at=at,
            run=str(run.id),
            bundle=bundle_hash,
            result=run.result_hash,
        )
        return run.id


def replay(session: Session, run: ScoreRun, store: Store) -> Replayed:
    """Compute a run again from its stored input and compare every stored number.

    Raises
    ------
    NotFound
        The input is no longer there: the run cannot be replayed.
    """
    bundle = Bundle.from_bytes(store.get(run.bundle_hash))
    computed = compute(bundle)
    scores = session.scalars(select(Score).where(Score.run_id == run.id))
    stored = {
        (str(score.relationship_id), score.measure.value, score.dimension): [
            getattr(score, name) for name in _COMPARED
        ]
        for score in scores
    }
    again = {_key(row): [row[name] for name in _COMPARED] for row in _rows(run, bundle, computed)}
    largest = max(
        _difference(stored, again),
        _difference(run.summary, computed.summary),
        _difference(
            [run.is_assumed, run.plan_hash, run.method, run.reference_set, run.cut_set],
            [
                computed.is_assumed,
                bundle.plan_hash,
                bundle.method,
                bundle.reference_set,
                computed.summary["cut_set"],
            ],
        ),
        _difference(run.result_hash, _hash_of_stored(bundle, computed, stored)),
    )
    return Replayed(largest, is_equal=largest <= TOLERANCE)


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


def _rows(run: ScoreRun, bundle: Bundle, computed: Computed) -> list[dict[str, Any]]:
    return [
        _row(run, measured, relationship, position)
        for measured in computed.measures
        for position, relationship in enumerate(bundle.relationships)
    ]


def _row(run: ScoreRun, measured: Measured, relationship: str, position: int) -> dict[str, Any]:
    probabilities, below = measured.probabilities, measured.below_midpoint
    return {
        "id": uuid.uuid4(),
        "programme_id": run.programme_id,
        "run_id": run.id,
        "relationship_id": uuid.UUID(relationship),
        "measure": measured.measure,
        "dimension": measured.dimension,
        "n": measured.n[position],
        "value": float(measured.value[position]),
        "standard_error": float(measured.standard_error[position]),
        "z": float(measured.z[position]),
        "z_standard_error": float(measured.z_standard_error[position]),
        "probabilities": [] if probabilities is None else probabilities[position].tolist(),
        "call": measured.calls[position] if measured.calls else "",
        "label": measured.labels[position] if measured.labels else "",
        "below_midpoint": None if below is None else float(below[position]),
    }


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return str(row["relationship_id"]), row["measure"], row["dimension"]


def _hash(bundle: Bundle, computed: Computed) -> str:
    return _hash_of(
        bundle,
        [
            [
                each.measure,
                each.dimension,
                each.n,
                each.value.tolist(),
                each.standard_error.tolist(),
            ]
            for each in computed.measures
        ],
    )


def _hash_of_stored(
    bundle: Bundle, computed: Computed, stored: Mapping[tuple[str, str, str], list[Any]]
) -> str:
    """Hash what the database holds as it was hashed when the run was made."""
    numbers = []
    for each in computed.measures:
        keys = [(place, each.measure, each.dimension) for place in bundle.relationships]
        found = [stored[key] for key in keys if key in stored]
        numbers.append(
            [each.measure, each.dimension, *([row[n] for row in found] for n in range(3))]
        )
    return _hash_of(bundle, numbers)


def _hash_of(bundle: Bundle, numbers: list[list[Any]]) -> str:
    content = json.dumps([bundle.relationships, numbers], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
