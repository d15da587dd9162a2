"""The arrays of a run: all that a card, a roll-up or a proof is made from, kept under one hash."""

import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from surveyapp.errors import Conflict
from surveyapp.models.results import ScoreRun
from surveyapp.services.score_computation import Computed
from surveyapp.services.score_contrasts import Contrast
from surveyapp.services.score_details import SPLIT
from surveyapp.services.score_drivers import Drivers
from surveyapp.services.score_entries import NOW
from surveyapp.storage import Store

Floats = NDArray[np.float64]
_SHARES: Final = ("share", "low", "high")
_OF_DRIVERS: Final = ("why_not", "relationships", "dimensions", "explained", "resamples")
_READ: Final = ("value", "standard_error", "z", "z_standard_error", "n", "beside")


_KNOWN: Final = ("value", "standard_error", "z", "z_standard_error", "n", "people")


@dataclass(frozen=True, slots=True)
class Number:
    """One number about one relationship."""

    value: float
    standard_error: float
    z: float
    z_standard_error: float
    n: int
    beside: int = 0
    """People on the other side of a difference."""
    is_alike: bool = False
    """Two people or more, who all said the same."""


class RunFile:
    """A run's arrays, read.

    Attributes
    ----------
    relationships : list of str
        Ids in the order of all arrays.
    entries : list of str
        What the state is made of, such as ``buyer-on-supplier/now/attitude`` or ``kpi/on-time``.
    mean : ndarray, shape (relationships, entries)
    contrasts : dict of name to Contrast
    """

    def __init__(self, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self.relationships: list[str] = header["relationships"]
        self.entries: list[str] = header["entries"]
        self.contrasts = {each["name"]: Contrast(**each) for each in header["contrasts"]}
        self.questions: list[str] = header["questions"]
        self.functions: list[str] = header["functions"]
        self.dimensions: list[str] = header["dimensions"]
        self.facts: dict[str, Any] | None = header["facts"]
        self._drivers: dict[str, Any] | None = header.get("drivers")
        self.mean: Floats = self._arrays["mean"]
        self._place = {each: number for number, each in enumerate(self.relationships)}

    @property
    def names(self) -> set[str]:
        """Names of the arrays kept."""
        return set(self._arrays)

    def array(self, name: str) -> NDArray[Any]:
        """Return an array by its name."""
        return self._arrays[name]

    def position(self, relationship_id: uuid.UUID | str) -> int:
        """Return where a relationship stands; KeyError when the run did not ask about it."""
        return self._place[str(relationship_id)]

    def covariance(self, position: int) -> Floats:
        """Return a relationship's posterior covariance, (entries, entries)."""
        found: Floats = self._arrays["covariances"][self._arrays["design"][position]]
        return found

    def contrast(self, position: int, weights: Mapping[str, float]) -> tuple[float, float]:
        """Return value and standard error of any weights on a relationship's state."""
        c = np.array([weights.get(entry, 0.0) for entry in self.entries])
        variance = float(c @ self.covariance(position) @ c)
        return float(c @ self.mean[position]), float(np.sqrt(max(variance, 0.0)))

    def number(self, name: str, position: int) -> Number:
        """Return a named number of a relationship; KeyError when the run has no such number."""
        told = self._arrays[f"read/{name}"][position]
        value, error, z, z_error, n, beside = (float(each) for each in told)
        return Number(value, error, z, z_error, int(n), int(beside))

    def numbers(self, name: str) -> Floats:
        """Return a named number of all relationships: value, error, z, error of z, n, beside."""
        found: Floats = self._arrays[f"read/{name}"]
        return found

    def is_real(self, name: str, position: int) -> bool:
        """Tell whether a change is beyond chance, at the run's rate of false discoveries."""
        return bool(self._arrays[f"test/{name}"][position, 1] > 0)

    def is_changed(self, name: str = "change") -> NDArray[np.bool_]:
        """Tell the same of all relationships."""
        found: NDArray[np.bool_] = self._arrays[f"test/{name}"][:, 1] > 0
        return found

    def adjusted_p(self, name: str = "change") -> Floats:
        """Return the adjusted p of a change for all relationships."""
        found: Floats = self._arrays[f"test/{name}"][:, 0]
        return found

    def question(self, item: str, position: int) -> Number:
        """Return the estimate of one question; its n is 0 where nobody answered it."""
        return self._estimate("questions", self.questions.index(item), position)

    def question_scale(self, item: str) -> tuple[float, float]:
        """Return mean and spread of the curve a question is read against."""
        mean, spread = self._arrays["question_scale"][self.questions.index(item)]
        return float(mean), float(spread)

    def function(self, function: str, position: int) -> Number:
        """Return SEQ as one function sees it; its n is 0 where nobody of it answered."""
        return self._estimate("functions", self.functions.index(function), position)

    def spread(self, dimension: str, position: int) -> tuple[int, float, float, bool]:
        """Return people, their standard deviation, the usual one, and whether they are split."""
        number = self.dimensions.index(dimension)
        n, found, split = (float(each) for each in self._arrays["spread"][position, number])
        return int(n), found, float(self._arrays["usual"][number]), split > SPLIT

    def drivers(self) -> Drivers | None:
        """Return what goes with SEQ, or why it cannot be said; None in files that never asked."""
        covariance = self._arrays.get("drivers_covariance")
        if self._drivers is None or covariance is None:
            return None
        share, low, high = self._arrays["drivers"].T
        return Drivers(**self._drivers, share=share, low=low, high=high, covariance=covariance)

    def known(self, position: int) -> Number | None:
        """Return SEQ among the known stakeholders, who are ``beside``; None where it is not known."""
        value, error, z, z_error, n, people = (
            float(each) for each in self._arrays["known"][position]
        )
        if np.isnan(value):
            return None
        return Number(value, error, z, z_error, int(n), int(people))

    def heard(self, function: str, position: int) -> dict[str, int]:
        """Count the people of a function who answered each dimension."""
        counts = self._arrays["heard"][position, self.functions.index(function)]
        return {name: int(n) for name, n in zip(self.dimensions, counts, strict=True)}

    def careless(self, position: int) -> int:
        """Count the people of this wave whose answers were left out as careless."""
        return int(self._arrays["careless"][position])

    def rollup(
        self, positions: Sequence[int], weights: Sequence[float] | None = None, name: str = "seq"
    ) -> tuple[float, float]:
        """Return the weighted mean of a number over relationships, and its standard error.

        The error holds what the relationships share: all of them lean on the same estimated mean.
        Points, not T. Raises ValueError for no relationships.
        """
        if not positions:
            raise ValueError("A roll-up needs at least one relationship.")
        chosen = list(positions)
        share = np.ones(len(chosen)) if weights is None else np.array(weights, dtype=np.float64)
        share = share / share.sum()
        read = self.numbers(name)[chosen]
        leaning = self._arrays[f"leaning/{name}"][chosen]
        shared = self._arrays["mean_covariance"]
        own = read[:, 1] ** 2 - np.einsum("ap,pq,aq->a", leaning, shared, leaning)
        together = share @ leaning
        variance = float(share**2 @ np.maximum(own, 0.0) + together @ shared @ together)
        return float(share @ read[:, 0]), float(np.sqrt(max(variance, 0.0)))

    def _estimate(self, kind: str, number: int, position: int) -> Number:
        told = self._arrays[kind][position, number]
        value, error, z, z_error, n, alike = (float(each) for each in told)
        return Number(value, error, z, z_error, int(n), is_alike=alike > 0)


def arrays(computed: Computed) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what is kept of a run: a header of plain values, and arrays by name."""
    state = computed.state
    careless = state.careless[f"{state.bundle.layers[0].view}/{NOW}"]
    header = {
        "relationships": state.bundle.relationships,
        "entries": state.entries,
        "contrasts": [asdict(each.contrast) for each in computed.reads.values()],
        "questions": computed.questions.estimates.names,
        "functions": computed.functions.names,
        "dimensions": computed.spread.names,
        "facts": state.bundle.facts,
        "drivers": {name: getattr(computed.drivers, name) for name in _OF_DRIVERS},
    }
    kept: dict[str, NDArray[Any]] = {
        "mean": state.posterior.mean,
        "covariances": state.posterior.covariances,
        "design": state.posterior.design,
        "mean_covariance": state.moments.mean_covariance,
        "spread": np.dstack([computed.spread.n, computed.spread.found, computed.spread.split]),
        "usual": computed.spread.usual,
        "heard": computed.heard,
        "known": np.column_stack([getattr(computed.known, each) for each in _KNOWN]),
        "question_scale": computed.questions.scale,
        "careless": np.bincount(state.group[careless], minlength=state.size),
        "drivers_covariance": computed.drivers.covariance,
        "drivers": np.column_stack([getattr(computed.drivers, name) for name in _SHARES]),
    }
    estimates = {"questions": computed.questions.estimates, "functions": computed.functions}
    for kind, found in estimates.items():
        kept[kind] = np.dstack(
            [
                *(found.value, found.standard_error, found.z, found.z_standard_error),
                *(found.n, found.is_alike),
            ]
        )
    for name, read in computed.reads.items():
        kept[f"read/{name}"] = np.column_stack([getattr(read, each) for each in _READ])
    for name in computed.reads.keys() & {"seq", "change", "partnership"}:
        c = state.weights(computed.reads[name].contrast.weights)
        kept[f"leaning/{name}"] = state.posterior.share_of_mean(c)
    for name, test in computed.tests.items():
        kept[f"test/{name}"] = np.column_stack([test.adjusted, test.is_real])
    return header, kept


def keep(store: Store, computed: Computed) -> str:
    """Keep a run's arrays; return their hash."""
    header, kept = arrays(computed)
    told = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    out = io.BytesIO()
    np.savez(out, header=np.frombuffer(told, dtype=np.uint8), **kept)  # type: ignore[arg-type]  # numpy's stub takes the names for its own option
    return store.put(out.getvalue())


def load(store: Store, run: ScoreRun) -> RunFile:
    """Read a run's arrays.

    Raises
    ------
    Conflict
        The run was made before runs kept any.
    NotFound
        The file is not in the store.
    """
    if not run.posterior_hash:
        raise Conflict(
            "This run was made by an older version, which kept no arrays. Score the wave again."
        )
    return _opened(store, run.posterior_hash)  # type: ignore[arg-type]  # a store is hashed by identity; its protocol does not say so


@lru_cache(maxsize=2)  # documents of one run are made one after another
def _opened(store: Store, sha256: str) -> RunFile:
    with np.load(io.BytesIO(store.get(sha256)), allow_pickle=False) as found:
        kept = {name: found[name] for name in found.files if name != "header"}
        header = json.loads(found["header"].tobytes())
    return RunFile(header, kept)
