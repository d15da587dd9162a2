"""What differs between two scoring runs: in what went in, and in what came out."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid, NotFound, SurveyappError
from surveyapp.models.results import Score, ScoreRun
from surveyapp.services import disclosure_rules, results
from surveyapp.services.score_bundles import MISSING, Bundle
from surveyapp.storage import Store

_ALIKE: Final = 1e-9
_NONE: Final = "none"
_INPUT: Final = "stored input"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Seen:
    """SEQ of a relationship in one run."""

    t: float
    call: str
    label: str
    cold: float


@dataclass(frozen=True, slots=True)
class Changed:
    """One relationship that came out differently."""

    name: str
    before: Seen
    after: Seen

    @property
    def size(self) -> float:
        """Change of SEQ, in T."""
        return self.after.t - self.before.t


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Everything two runs do not share."""

    inputs: list[Difference]
    in_both: int
    """Relationships that both runs measured and may show."""
    changed: list[Changed]
    """Those with another call, level or SEQ; calls first, then levels, then the largest change."""
    hidden: int
    """Relationships left out: fewer people than the contract's k answered in either run."""
    unmeasured: int
    """Relationships left out: nobody's answers count in one of the runs, so there is no score."""

    @property
    def calls(self) -> int:
        """Count other calls."""
        return sum(each.before.call != each.after.call for each in self.changed)

    @property
    def labels(self) -> int:
        """Count other levels."""
        return sum(each.before.label != each.after.label for each in self.changed)


def between(session: Session, store: Store, before: ScoreRun, after: ScoreRun) -> Differences:
    """Compare two runs of one programme.

    Raises
    ------
    Invalid
        They belong to two programmes.
    """
    if before.programme_id != after.programme_id:
        raise Invalid("These runs belong to two programmes, which are never compared.")
    first, second = _shown(session, before), _shown(session, after)
    both = first.keys() & second.keys()
    counts = _counts(session, before), _counts(session, after)
    asked = counts[0].keys() & counts[1].keys()
    unmeasured = {each for each in asked if min(n[each] for n in counts) < 1}
    changed = [
        Changed(_name(second[each]), _seen(first[each]), _seen(second[each])) for each in both
    ]
    changed = [each for each in changed if _differs(each)]
    changed.sort(key=_order)
    return Differences(
        inputs=[
            each
            for each in (*_of_rows(before, after), *_of_bundles(store, before, after))
            if each.before != each.after
        ],
        in_both=len(both),
        changed=changed,
        hidden=len(asked - both - unmeasured),
        unmeasured=len(unmeasured),
    )


def _differs(each: Changed) -> bool:
    said = (each.before.call, each.before.label) != (each.after.call, each.after.label)
    return said or abs(each.size) > _ALIKE or abs(each.before.cold - each.after.cold) > _ALIKE


def _order(each: Changed) -> tuple[bool, bool, float, str]:
    is_same_call = each.before.call == each.after.call
    return is_same_call, each.before.label == each.after.label, -abs(each.size), each.name


def _counts(session: Session, run: ScoreRun) -> dict[uuid.UUID, int]:
    """Count the people whose answers a run has, by relationship."""
    return {each.relationship_id: each.n for each in results.scores_of(session, run)}


def _shown(session: Session, run: ScoreRun) -> dict[uuid.UUID, Score]:
    """Return SEQ of those that so many people answered as the contract asks for."""
    minimum = max(disclosure_rules.people(run.wave), 1)
    scores = results.scores_of(session, run)
    return {each.relationship_id: each for each in scores if each.n >= minimum}


def _name(score: Score) -> str:
    relationship = score.relationship
    name = f"{relationship.buyer.name} and {relationship.supplier.name}"
    narrowed = results.narrowed_by(relationship)
    return f"{name} ({', '.join(narrowed)})" if narrowed else name


def _seen(score: Score) -> Seen:
    return Seen(50 + 10 * score.z, score.call, score.label, float(sum(score.probabilities[:2])))


def _of_rows(before: ScoreRun, after: ScoreRun) -> Iterator[Difference]:
    """Compare what the rows of both runs say of their input."""
    pairs = {
        "wave": [each.wave.name for each in (before, after)],
        "code version": [each.code_version for each in (before, after)],
        "method": [each.method for each in (before, after)],
        "cut set": [_cuts(each) for each in (before, after)],
        "weights": [_weights(each.summary.get("weights", {})) for each in (before, after)],
        "rule": [each.summary.get("rule", "the questionnaire's own") for each in (before, after)],
        "spread between relationships": [
            "assumed" if each.is_assumed else "estimated" for each in (before, after)
        ],
        "facts read for": [each.summary.get("facts_on", _NONE) for each in (before, after)],
    }
    yield from (Difference(what, *map(str, pair)) for what, pair in pairs.items())
    references = [_references(each) for each in (before, after)]
    for view in sorted(references[0].keys() | references[1].keys()):
        told = [each.get(view, _NONE) for each in references]
        yield Difference(f"reference set of {view}", *told)


def _cuts(run: ScoreRun) -> str:
    cuts = ", ".join(f"{cut:.3f}" for cut in run.summary.get("cuts", ()))
    return f"{run.cut_set} ({cuts})"


def _weights(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{each} {100 * share:g}" for each, share in sorted(weights.items()))


def _references(run: ScoreRun) -> dict[str, str]:
    found = {view: each["name"] for view, each in run.summary.get("references", {}).items()}
    return {"buyer-on-supplier": run.reference_set} | found


def _of_bundles(store: Store, before: ScoreRun, after: ScoreRun) -> Iterator[Difference]:
    """Compare the stored inputs; where one is gone, that is said instead."""
    if before.bundle_hash == after.bundle_hash:
        return
    told = [_counted(store, each) for each in (before, after)]
    if any(_INPUT in each for each in told):
        yield Difference(_INPUT, *(each.get(_INPUT, "there") for each in told))
        return
    for what in dict.fromkeys([*told[0], *told[1]]):
        yield Difference(what, *(each.get(what, _NONE) for each in told))


def _counted(store: Store, run: ScoreRun) -> dict[str, str]:
    try:
        bundle = Bundle.from_bytes(store.get(run.bundle_hash))
    except (NotFound, Invalid) as error:
        return {_INPUT: _why(error)}
    counts: dict[str, str] = {"relationships": str(len(bundle.relationships))}
    for layer in bundle.layers:
        name = f"{layer.view}, {'this wave' if layer.when == 'now' else 'the last wave'}"
        spoken = (bundle.items[:, bundle.columns(layer)] != MISSING).any(axis=1)
        counts[f"wave of {name}"] = layer.wave
        counts[f"questionnaire of {name}"] = layer.questionnaire
        content = hashlib.sha256(bundle.items[spoken][:, bundle.columns(layer)].tobytes())
        told = int(np.count_nonzero(spoken))
        counts[f"answers of {name}"] = f"{told} (content {content.hexdigest()[:8]})"
    counts |= _facts(bundle.facts)
    return counts


def _facts(facts: Mapping[str, Any] | None) -> dict[str, str]:
    if facts is None:
        return {"facts": _NONE}
    named = sorted(each["kpi"] for each in facts["entries"])
    content = hashlib.sha256(repr(facts["observations"]).encode()).hexdigest()[:8]
    count = len(facts["observations"])
    return {"facts": f"{', '.join(named) or _NONE} ({count} values, content {content})"}


def _why(error: SurveyappError) -> str:
    return "no longer there" if isinstance(error, NotFound) else "made by an older version"
