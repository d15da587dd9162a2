"""Answers to numbers: scores on 0..100, the plan that makes them, and respondents' vectors.

Method ``state/1``, steps 1 and 2: an item is rescaled to 0..100 and reverse-keyed where the
definition says so; per dimension a respondent gets the mean of (score - the item's mean in the
reference set) over the items answered, plus the dimension's mean in the reference set, when enough
items were answered. So questionnaires with fewer items of a dimension stay comparable.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import Questionnaire, Scored
from surveyapp.questionnaires.values import Answers, Value, item_of

PARTS_A_POINT: Final = 10_000
"""Vectors are whole numbers of 1/10,000 point, so sums are exact in any order."""
SCORED_KINDS: Final = ("engagement", "climate")


@dataclass(frozen=True, slots=True)
class PlanItem:
    """How one item or row scores."""

    id: str
    low: int
    high: int
    reverse: bool
    points: tuple[tuple[str, float], ...]
    """For a choice: the share of the best answer, 0..1, by code; other codes are not scored."""
    reference_mean: int
    """Its mean in the reference set, in 1/10,000 point of 0..100."""

    def score(self, value: Value | None) -> Fraction | None:
        """Put an answer on 0..100; None for no answer, "no basis" and options without points."""
        if isinstance(value, str) and self.points:
            share = dict(self.points).get(value)
            return None if share is None else 100 * Fraction(str(share))
        if isinstance(value, int) and not self.points:
            return _rescaled(value, self.low, self.high, reverse=self.reverse)
        return None


@dataclass(frozen=True, slots=True)
class PlanDimension:
    """One entry of the vector and the items that make it."""

    id: str
    kind: str
    items: tuple[PlanItem, ...]


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """Everything that turns answers into vectors; its hash is stored with every vector."""

    method: str
    minimum_answered: float
    dimensions: tuple[PlanDimension, ...]

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The scored items and rows, dimension by dimension."""
        return tuple(item.id for dimension in self.dimensions for item in dimension.items)

    @property
    def reversed_items(self) -> tuple[bool, ...]:
        """Which of ``item_ids`` are reverse-keyed."""
        return tuple(item.reverse for dimension in self.dimensions for item in dimension.items)

    def hash(self) -> str:
        """Return the SHA-256 of the plan's canonical JSON, in hex."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def scoring_plan(
    q: Questionnaire,
    *,
    reference_means: float | Mapping[str, float],
    kinds: Sequence[str] = SCORED_KINDS,
) -> ScoringPlan:
    """Build the plan of a questionnaire against a reference set.

    Parameters
    ----------
    reference_means : float or mapping of item id to float
        Mean of each item on 0..100 in the reference set; one number stands for all items.
    kinds : sequence of str
        Which kinds of dimension become entries. Constraints are shown, never scored: ask for
        ``("constraint",)`` alone to show them.

    Raises
    ------
    ValueError
        The questionnaire has no scoring, or the reference set lacks an item.
    """
    if q.scoring is None:
        raise ValueError(f"The questionnaire {q.id} has no scoring.")
    return ScoringPlan(
        method=q.scoring.method,
        minimum_answered=q.scoring.minimum_answered,
        dimensions=tuple(
            PlanDimension(
                dimension.id,
                dimension.kind,
                tuple(_plan_item(unit, reference_means) for unit in _measuring(q, dimension.id)),
            )
            for dimension in q.dimensions
            if dimension.kind in kinds
        ),
    )


def _measuring(q: Questionnaire, dimension_id: str) -> list[Unit]:
    return [
        unit
        for _, item in q.items()
        if isinstance(item, Scored) and item.dimension == dimension_id
        for unit in answerable(q, item)
    ]


def _plan_item(unit: Unit, reference_means: float | Mapping[str, float]) -> PlanItem:
    if isinstance(reference_means, Mapping):
        if unit.id not in reference_means:
            raise ValueError(f"The reference set has no mean for the item {unit.id}.")
        mean = reference_means[unit.id]
    else:
        mean = reference_means
    if not 0 <= mean <= 100:  # noqa: PLR2004  # the score's range
        raise ValueError(f"The reference mean of {unit.id} is {mean}; it must lie in 0..100.")
    return PlanItem(
        id=unit.id,
        low=min(unit.points, default=0),
        high=max(unit.points, default=1),
        reverse=unit.reverse,
        points=tuple((o.code, o.points) for o in unit.options if o.points is not None),
        reference_mean=round(Fraction(str(mean)) * PARTS_A_POINT),
    )


@lru_cache(maxsize=1024)
def _rescaled(value: int, low: int, high: int, *, reverse: bool) -> Fraction:
    distance = high - value if reverse else value - low
    return Fraction(100 * distance, high - low)


def respondent_vector(plan: ScoringPlan, answers: Answers) -> tuple[int | None, ...]:
    """Return one respondent's dimensions in 1/10,000 point, in the plan's order.

    Parameters
    ----------
    plan : ScoringPlan
    answers : mapping of id to value
        The answers on the path (``answers.on_path``).

    Returns
    -------
    tuple of int or None
        None where less than ``minimum_answered`` of the dimension's items were scored. Values may
        lie a little outside 0..1,000,000, because items are centred on their reference means.

    Notes
    -----
    Computed in fractions and rounded once, half to even.
    """
    given = _Given(answers)
    return tuple(_entry(plan, dimension, given) for dimension in plan.dimensions)


def _entry(plan: ScoringPlan, dimension: PlanDimension, given: "_Given") -> int | None:
    scored = [(item, given.score(item)) for item in dimension.items]
    distances = [
        score * PARTS_A_POINT - item.reference_mean for item, score in scored if score is not None
    ]
    if not distances or len(distances) < plan.minimum_answered * len(dimension.items):
        return None
    mean = Fraction(sum(item.reference_mean for item in dimension.items), len(dimension.items))
    return round(sum(distances, Fraction(0)) / len(distances) + mean)


class _Given:
    """One respondent's answers by item; an item of a repeated section has several."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._repeated: dict[str, list[Value]] = {}
        for key, value in answers.items():
            if "@" in key and "." not in key:
                self._repeated.setdefault(item_of(key), []).append(value)

    def values(self, item: PlanItem) -> list[Value]:
        if item.id in self._answers:
            return [self._answers[item.id]]
        return self._repeated.get(item.id, [])

    def score(self, item: PlanItem) -> Fraction | None:
        """Score an item; one that was asked several times counts once, with the mean."""
        scores = [score for value in self.values(item) if (score := item.score(value)) is not None]
        return sum(scores, Fraction(0)) / len(scores) if scores else None


def item_scores(plan: ScoringPlan, answers: Answers) -> list[Fraction | None]:
    """Score every item of one respondent on 0..100, reverse-keyed, in the order of ``item_ids``.

    None where nothing that scores was answered.
    """
    given = _Given(answers)
    return [given.score(item) for dimension in plan.dimensions for item in dimension.items]
