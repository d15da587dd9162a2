"""What a scoring run is computed from: one document, kept under its hash, without people."""

import io
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from surveyapp.errors import Invalid
from surveyapp.services.kpi_state import StateFacts
from surveyapp.services.score_entries import Entry, Layer
from surveyapp.services.score_references import Reference
from surveyapp.storage import Store

METHOD: Final = "state/1"
MISSING: Final = int(np.iinfo(np.int32).min)
"""Stands for no answer in the tables."""
NOBODY: Final = -1
"""Stands for no function, and for a rater of fewer than three relationships."""
_FORMAT: Final = 2
_OF_ANOTHER_VERSION: Final = (
    "This run was made by another version of surveyapp, whose input this version cannot compute"
    " again. Its numbers stand as they were issued. Score the wave again to get a run that it can."
)
_TABLES: Final = ("relationship", "function", "rater", "vectors", "items")

Table = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """The cut set a run reads levels by."""

    name: str
    version: int
    cuts: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The input of a run: who said what of which relationship, and how it is read.

    The tables have one row for each person and relationship, all views and waves side by side, and
    are sorted by content, so that their order says nothing about people.
    """

    method: str
    cut_set: Cuts
    wave: str
    """Its name."""
    on: str
    """The day facts are read for: the last of the asking, ISO."""
    layers: list[Layer]
    """This wave first."""
    entries: list[Entry]
    seq: dict[str, float]
    """Weights of this wave's engagement dimensions."""
    references: dict[str, Reference]
    """The set each view is read against, by view; a view without one is read against assumed-1."""
    relationships: list[str]
    """Ids, ascending; a row names its relationship by position."""
    known_people: list[int]
    """Stakeholders each relationship is known to have on the side that was asked."""
    functions: list[str]
    facts: dict[str, Any] | None
    """``StateFacts.as_json()``; None where the programme keeps no facts."""
    relationship: Table
    function: Table
    rater: Table
    vectors: Table
    """(rows, entries), 1/10,000 point."""
    items: Table
    """(rows, questions of all layers one after another), 1/10,000 point of 0..100."""
    rule: str = ""
    """The approved rule that set weights and cuts; empty where the questionnaire's own hold."""

    @property
    def slug(self) -> str:
        """Short name of this wave."""
        return self.layers[0].wave

    @property
    def plan_hash(self) -> str:
        """Of this wave's questions."""
        return self.layers[0].plan_hash

    def state_facts(self) -> StateFacts | None:
        """Return the facts of the run."""
        return None if self.facts is None else StateFacts.from_json(self.facts)

    def columns(self, layer: Layer) -> slice:
        """Say which columns of ``items`` are a layer's."""
        start = 0
        for each in self.layers:
            if (each.view, each.when) == (layer.view, layer.when):
                return slice(start, start + len(each.items))
            start += len(each.items)
        raise KeyError(f"{layer.view}/{layer.when}")

    def to_bytes(self) -> bytes:
        """Write it so that the same content gives the same bytes on every machine."""
        told = {name: getattr(self, name) for name in self.__slots__ if name not in _TABLES}
        told |= {
            "format": _FORMAT,
            "cut_set": asdict(self.cut_set),
            "layers": [asdict(each) for each in self.layers],
            "entries": [asdict(each) for each in self.entries],
            "references": {view: asdict(each) for view, each in self.references.items()},
        }
        header = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
        out = io.BytesIO()
        # not compressed: zlib's bytes differ between its versions
        np.savez(
            out,
            header=np.frombuffer(header, dtype=np.uint8),
            **{name: getattr(self, name) for name in _TABLES},
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Bundle":
        """Read what ``to_bytes`` wrote. Raises Invalid for what another version wrote."""
        if content.startswith(b"{"):
            raise Invalid(_OF_ANOTHER_VERSION)
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            tables: dict[str, Any] = {name: found[name] for name in _TABLES}
            told: dict[str, Any] = json.loads(found["header"].tobytes())
        if told.pop("format") != _FORMAT:
            raise Invalid(_OF_ANOTHER_VERSION)
        try:
            told |= {
                "cut_set": Cuts(**told["cut_set"]),
                "layers": [Layer.from_json(each) for each in told["layers"]],
                "entries": [Entry(**each) for each in told["entries"]],
                "references": {v: Reference(**each) for v, each in told["references"].items()},
            }
            return cls(**told, **tables)
        except (KeyError, TypeError) as error:  # it lacks a name, or has one this version lacks
            raise Invalid(_OF_ANOTHER_VERSION) from error


def keep(store: Store, bundle: Bundle) -> str:
    """Keep the bundle; return its hash."""
    return store.put(bundle.to_bytes())
