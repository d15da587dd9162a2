"""The climate of one relationship: estimates, change, both views, agreement, questions."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveyapp.questionnaires.answers import Unit, answerable
from surveyapp.questionnaires.definition import Dimension, Questionnaire, Scored
from surveyapp.reports import context as said
from surveyapp.services import scorecard_numbers
from surveyapp.services.results import Frame
from surveyapp.services.run_files import RunFile
from surveyapp.services.score_entries import BUYER, LAST, NOW, OWN

_FEWEST_FOR_SPREAD = 3
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class Card:
    """One relationship of a run, and what its promises let a card say."""

    frame: Frame
    file: RunFile
    position: int
    answered: int
    """People who sent answers back."""
    minimums: Mapping[tuple[str, str], int]
    """The contract's k of each layer, by view and wave."""

    def standing(self, n: int, *, is_alike: bool = False) -> said.Standing:
        """Say whether a number of this wave may be shown."""
        if is_alike and self.frame.minimum > 1 and n >= self.frame.minimum:
            return "suppressed"
        return self.frame.standing(n, answered=self.answered)

    def minimum(self, view: str, when: str) -> int:
        """Return a layer's k, never below that of this wave."""
        return max(self.minimums.get((view, when), 1), self.minimums.get((BUYER, NOW), 1))


def rows(card: Card) -> tuple[said.ClimateRow, ...]:
    """Say every climate dimension."""
    found = card.frame.questionnaire.dimensions
    return tuple(_row(card, each) for each in found if each.kind == "climate")


def _row(card: Card, dimension: Dimension) -> said.ClimateRow:
    name = f"climate:{dimension.id}"
    number = card.file.number(name, card.position)
    _, spread, _, _ = card.file.spread(dimension.id, card.position)
    standing = card.standing(number.n, is_alike=spread == 0)
    is_shown = standing == "shown"
    own = _own(card, dimension) if is_shown else None
    return said.ClimateRow(
        dimension=dimension.id,
        label=dimension.label,
        standing=standing,
        score=scorecard_numbers.score(number) if is_shown else None,
        reference_points=card.file.contrasts[name].reference_mean,
        change=change(card, dimension.id, now=number.z) if is_shown else None,
        own=own,
        gap=_gap(card, dimension) if own else None,
        agreement=_agreement(card, dimension) if is_shown else None,
        items=_questions(card, dimension) if is_shown else (),
    )


def change(card: Card, dimension: str, *, now: float) -> said.Change | None:
    """Say how a dimension, or with an empty id SEQ, changed; None where either wave is silent."""
    name = f"change:{dimension}" if dimension else "change"
    if name not in card.file.contrasts:
        return None
    number = card.file.number(name, card.position)
    if min(number.n, number.beside) < card.minimum(BUYER, LAST):
        return None
    step = scorecard_numbers.size(number)
    return said.Change(
        before=50 + 10 * now - step,
        size=step,
        is_beyond_chance=card.file.is_real(name, card.position),
    )


def _own(card: Card, dimension: Dimension) -> said.Score | None:
    """Return the supplier's view of itself, where its own promise lets it be shown."""
    name = f"own:{dimension.id}"
    if name not in card.file.contrasts:
        return None
    number = card.file.number(name, card.position)
    if number.n < card.minimum(OWN, NOW):
        return None
    return scorecard_numbers.score(number)


def _gap(card: Card, dimension: Dimension) -> said.Interval:
    return scorecard_numbers.difference(card.file.number(f"gap:{dimension.id}", card.position))


def _agreement(card: Card, dimension: Dimension) -> said.Agreement | None:
    n, found, usual, is_split = card.file.spread(dimension.id, card.position)
    if n < max(_FEWEST_FOR_SPREAD, card.frame.minimum):
        return None
    return said.Agreement(spread=found, usual=usual, is_split=is_split)


def _questions(card: Card, dimension: Dimension) -> tuple[said.ItemLine, ...]:
    lines = []
    for unit in questions_of(card.frame.questionnaire, dimension.id):
        number = card.file.question(unit.id, card.position)
        standing = card.standing(number.n, is_alike=number.is_alike)
        lines.append(
            said.ItemLine(
                label=_shortened(unit.short),
                standing=standing,
                score=scorecard_numbers.score(number) if standing == "shown" else None,
            )
        )
    return tuple(lines)


def questions_of(q: Questionnaire, dimension: str) -> list[Unit]:
    """Return the questions of a dimension; none where a single one is the dimension itself."""
    units = [
        unit
        for _, item in q.items()
        if isinstance(item, Scored) and item.dimension == dimension
        for unit in answerable(q, item)
    ]
    return units if len(units) > 1 else []


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1].rstrip() + "…"
