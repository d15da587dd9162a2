"""The named numbers of a run: which weights on the state each one is, and what it is read against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from surveyapp.scoring import norms
from surveyapp.services.score_entries import BUYER, LAST, NOW, OWN, PARTNER, Entry, Layer
from surveyapp.services.score_state import Floats, Ints, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One number of every relationship."""

    name: str
    """``seq``, ``engagement:<dimension>``, ``climate:<dimension>``, ``last``, ``change``,
    ``change:<dimension>``, ``own:<dimension>``, ``gap:<dimension>``, ``partnership`` or ``facts``."""
    weights: dict[str, float]
    """By entry."""
    reference_mean: float
    reference_sd: float
    reference_groups: int | None = None
    reference_reliability: float | None = None
    is_difference: bool = False
    """Two entries or more compared: 0 is no difference, and the reference has no mean for it."""
    view: str = BUYER
    when: str = NOW
    entries: list[str] = field(default_factory=list)
    """An answer to any of these counts a person in."""
    beside: list[str] = field(default_factory=list)
    """The same for the other side of a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A contrast, read for every relationship."""

    contrast: Contrast
    value: Floats
    standard_error: Floats
    z: Floats
    z_standard_error: Floats
    n: Ints
    """People whose answers count in it."""
    beside: Ints
    """People on the other side of a difference; as ``n`` where it is none."""


def read(state: State, contrast: Contrast) -> Read:
    """Read a contrast for every relationship."""
    value, error = state.posterior.contrast(state.weights(contrast.weights))
    if contrast.is_difference:
        z, z_error = value / contrast.reference_sd, error / contrast.reference_sd
    else:
        z, z_error = norms.standardise(
            value,
            error,
            reference_mean=contrast.reference_mean,
            reference_sd=contrast.reference_sd,
            reference_groups=contrast.reference_groups,
            reference_reliability=contrast.reference_reliability,
        )
    n = _people(state, contrast.entries)
    return Read(
        contrast=contrast,
        value=value,
        standard_error=error,
        z=z,
        z_standard_error=z_error,
        n=n,
        beside=_people(state, contrast.beside) if contrast.beside else n,
    )


def _people(state: State, entries: list[str]) -> Ints:
    facts = [number - len(state.bundle.entries) for number in _places(state, entries)]
    if facts and facts[0] >= 0:
        known: Ints = state.has_fact[:, facts].sum(axis=1).astype(np.int64)
        return known
    return state.people(state.spoke(_places(state, entries)))


def _places(state: State, entries: list[str]) -> list[int]:
    return [state.entries.index(entry) for entry in entries]


def named(state: State) -> Iterator[Contrast]:
    """List every number that this run can say, SEQ first."""
    now = {each.view: each for each in state.bundle.layers if each.when == NOW}
    entries = {(e.view, e.when, e.dimension, e.is_shared): e for e in state.bundle.entries}
    buyers = now[BUYER]
    # climate answers inform SEQ through the covariances, so whoever answered anything counts
    anything = [e.id for e in state.bundle.entries if (e.view, e.when) == (BUYER, NOW)]
    seq = {entries[BUYER, NOW, each, False].id: share for each, share in buyers.seq.items()}
    yield _against(state, "seq", seq, anything)
    for dimension in buyers.dimensions:
        entry = entries[BUYER, NOW, dimension["id"], False]
        name = f"{dimension['kind']}:{dimension['id']}"
        yield _against(state, name, {entry.id: 1.0}, [entry.id])
    yield from _changes(state, buyers, entries)
    if OWN in now:
        yield from _gaps(state, buyers, entries)
    if PARTNER in now and now[PARTNER].seq:
        partnership = {
            entries[PARTNER, NOW, each, False].id: share for each, share in now[PARTNER].seq.items()
        }
        spoken = [e.id for e in state.bundle.entries if (e.view, e.when) == (PARTNER, NOW)]
        yield _against(state, "partnership", partnership, spoken, view=PARTNER)
    facts = state.entries[len(state.bundle.entries) :]
    if facts:
        yield _against(state, "facts", {each: 1 / len(facts) for each in facts}, facts, view="")


_Entries = Mapping[tuple[str, str, str, bool], Entry]


def _changes(state: State, buyers: Layer, entries: _Entries) -> Iterator[Contrast]:
    """SEQ as it is now seen for the last wave, and every change, over the same questions only."""
    pairs = {}
    for dimension in buyers.dimensions:
        before = entries.get((BUYER, LAST, dimension["id"], False))
        if before:
            shared = entries.get((BUYER, NOW, dimension["id"], True))
            pairs[dimension["id"]] = (shared or entries[BUYER, NOW, dimension["id"], False], before)
    if not set(buyers.seq) <= set(pairs):
        return
    earlier = [e.id for e in state.bundle.entries if (e.view, e.when) == (BUYER, LAST)]
    last = {pairs[each][1].id: share for each, share in buyers.seq.items()}
    yield _against(state, "last", last, earlier, when=LAST)
    whole = [(pairs[each], share) for each, share in buyers.seq.items()]
    yield _difference(state, "change", whole)
    for each, pair in pairs.items():
        yield _difference(state, f"change:{each}", [(pair, 1.0)])


def _gaps(state: State, buyers: Layer, entries: _Entries) -> Iterator[Contrast]:
    """The supplier's view of itself, and how far it lies above the buyer's, dimension by dimension."""
    for dimension in buyers.dimensions:
        theirs = entries.get((OWN, NOW, dimension["id"], False))
        mine = entries[BUYER, NOW, dimension["id"], False]
        if theirs is None or set(theirs.items) != set(mine.items):
            continue
        plain = _against(state, dimension["id"], {mine.id: 1.0}, [mine.id])
        yield Contrast(
            name=f"own:{dimension['id']}",
            weights={theirs.id: 1.0},
            # read on the buyers' curve, so that the two can be laid side by side
            reference_mean=plain.reference_mean,
            reference_sd=plain.reference_sd,
            reference_groups=plain.reference_groups,
            reference_reliability=plain.reference_reliability,
            view=OWN,
            entries=[theirs.id],
        )
        yield Contrast(
            name=f"gap:{dimension['id']}",
            weights={theirs.id: 1.0, mine.id: -1.0},
            reference_mean=0.0,
            reference_sd=plain.reference_sd,
            is_difference=True,
            entries=[mine.id],
            beside=[theirs.id],
        )


def _difference(
    state: State, name: str, pairs: list[tuple[tuple[Entry, Entry], float]]
) -> Contrast:
    plain = _against(state, name, {now.id: share for (now, _), share in pairs}, [])
    weights = dict(plain.weights)
    weights.update({before.id: -share for (_, before), share in pairs})
    return Contrast(
        name=name,
        weights=weights,
        reference_mean=0.0,
        reference_sd=plain.reference_sd,
        is_difference=True,
        entries=[now.id for (now, _), _ in pairs],
        beside=[before.id for (_, before), _ in pairs],
    )


def _against(
    state: State,
    name: str,
    weights: dict[str, float],
    entries: list[str],
    *,
    view: str = BUYER,
    when: str = NOW,
) -> Contrast:
    """Read weights on the reference of their view."""
    mean, spread = norms.reference_spread(state.reference, state.weights(weights))
    frozen = state.references.get(view)
    reliability = None
    if frozen:
        of = {each.id: each.dimension for each in state.bundle.entries}
        reliability = frozen.reliability({of[each]: share for each, share in weights.items()})
    return Contrast(
        name=name,
        weights=weights,
        reference_mean=mean,
        reference_sd=spread,
        reference_groups=frozen.relationships if frozen else None,
        reference_reliability=reliability,
        view=view,
        when=when,
        entries=entries,
    )
