"""What one number of a state is about: a dimension, in whose view, in which wave, by which questions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.encoding import ScoringPlan
from surveyapp.scoring.norms import EntryTraits

When = Literal["now", "last"]
NOW: Final = "now"
LAST: Final = "last"
BUYER: Final = "buyer-on-supplier"
OWN: Final = "supplier-on-itself"
PARTNER: Final = "supplier-on-buyer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One perception entry of a state."""

    view: str
    when: str
    dimension: str
    kind: str
    items: list[str]
    """The questions that make it."""
    is_shared: bool = False
    """Made of the questions both waves asked, where the waves did not ask the same."""

    @property
    def id(self) -> str:
        """Name it as contrasts and files do, for example ``buyer-on-supplier/now/attitude``."""
        return f"{self.view}/{self.when}/{self.dimension}" + ("/shared" if self.is_shared else "")

    @property
    def traits(self) -> EntryTraits:
        """What the assumed reference knows of it."""
        part = "shared" if self.is_shared else ""
        return EntryTraits(dimension=self.dimension, view=self.view, wave=self.when, part=part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One scored question of a layer."""

    id: str
    dimension: str
    low: float
    high: float
    reverse: bool
    is_rating: bool
    """Ticked on a scale; a choice with points is none."""
    reference_mean: int
    """In 1/10,000 point."""
    text_hash: str
    """Of everything that makes it the same question in another wave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The answers of one view in one wave: which questions, and how they are weighed."""

    view: str
    when: str
    wave: str
    """The wave's slug."""
    questionnaire: str
    plan_hash: str
    minimum_answered: float
    dimensions: list[dict[str, str]]
    """Id and kind, in the order of a stored vector."""
    seq: dict[str, float]
    items: list[Item]

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Layer":
        """Read it from plain values."""
        return cls(**{**found, "items": [Item(**each) for each in found["items"]]})

    def items_of(self, dimension: str) -> list[Item]:
        """Return the questions of a dimension."""
        return [item for item in self.items if item.dimension == dimension]


def layer(q: Questionnaire, plan: ScoringPlan, *, view: str, when: str, wave: str) -> Layer:
    """Describe a wave's questionnaire as a layer of a state."""
    units = {unit.id: unit for _, item in q.items() for unit in answerable(q, item)}
    return Layer(
        view=view,
        when=when,
        wave=wave,
        questionnaire=f"{q.id} {q.version}",
        plan_hash=plan.hash(),
        minimum_answered=plan.minimum_answered,
        dimensions=[{"id": each.id, "kind": each.kind} for each in plan.dimensions],
        seq=dict(q.scoring.seq) if q.scoring else {},
        items=[
            Item(
                id=item.id,
                dimension=dimension.id,
                low=item.low,
                high=item.high,
                reverse=item.reverse,
                is_rating=not item.points,
                reference_mean=item.reference_mean,
                text_hash=_text_hash(units[item.id]),
            )
            for dimension in plan.dimensions
            for item in dimension.items
        ],
    )


def _text_hash(unit: Unit) -> str:
    options = [[option.code, option.points] for option in unit.options]
    said = [unit.text, list(unit.points), list(unit.labels), unit.reverse, options]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def entries(layers: Sequence[Layer]) -> list[Entry]:
    """List the entries of a state, layer by layer.

    A dimension of the last wave is there only by the questions this wave asks in the same words;
    where the two did not ask the same ones, this wave's shared questions are an entry too, and a
    change is between those.
    """
    now = {each.view: each for each in layers if each.when == NOW}
    last = {each.view: each for each in layers if each.when == LAST}
    found = []
    for view, current in now.items():
        before = last.get(view)
        for place in current.dimensions:
            whole = [item.id for item in current.items_of(place["id"])]
            found.append(_entry(current, place, whole))
            shared = shared_items(current, before, place["id"]) if before else []
            if before and shared:
                if set(shared) != set(whole):
                    found.append(_entry(current, place, shared, is_shared=True))
                found.append(_entry(before, place, shared))
    return found


def shared_items(current: Layer, before: Layer, dimension: str) -> list[str]:
    """List the questions of a dimension that both waves asked in the same words."""
    earlier = {(item.id, item.text_hash) for item in before.items_of(dimension)}
    return [item.id for item in current.items_of(dimension) if (item.id, item.text_hash) in earlier]


def _entry(
    of: Layer, place: Mapping[str, str], items: list[str], *, is_shared: bool = False
) -> Entry:
    return Entry(
        view=of.view,
        when=of.when,
        dimension=place["id"],
        kind=place["kind"],
        items=items,
        is_shared=is_shared,
    )


def vector_entry(entry: Entry, of: Layer, scores: Mapping[str, int]) -> int | None:
    """Make one entry of a person's vector from item scores, all in 1/10,000 point.

    The mean of (score - its reference mean) over the questions answered, plus the mean of those
    reference means; None where fewer than the layer's share were answered.
    """
    means = {item.id: item.reference_mean for item in of.items_of(entry.dimension)}
    told = [scores[each] - means[each] for each in entry.items if each in scores]
    if not told or len(told) < of.minimum_answered * len(entry.items):
        return None
    level = sum(means[each] for each in entry.items) / len(entry.items)
    return round(sum(told) / len(told) + level)
