"""What trying a proposal found, read for pages and commands. No SciPy."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from surveyapp.errors import Conflict
from surveyapp.models.accounts import Relationship
from surveyapp.models.scoring_rules import ScoringProposal
from surveyapp.services import definitions, results

CALLS = ("at risk", "cannot tell yet", "not at risk")


@dataclass(frozen=True, slots=True)
class Side:
    """SEQ of a relationship by one rule."""

    t: float
    call: str
    label: str
    cold: float
    """P(one of the two lower levels)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A relationship whose call or level would change."""

    name: str
    before: Side
    after: Side
    moves: float
    """Probability that its true level differs between the two rules."""


@dataclass(frozen=True, slots=True)
class Step:
    """One weight a fifth up or down."""

    weights: Mapping[str, float]
    """By the dimensions' names."""
    changed_calls: int
    changed_labels: int
    expected_moves: float
    cold: float
    """Mean P(one of the two lower levels)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything a trial says, beside the proposal's own weights and cuts."""

    relationships: int
    not_shown: int
    levels: Sequence[str]
    mix_before: Sequence[float]
    mix_after: Sequence[float]
    calls_before: Mapping[str, int]
    calls_after: Mapping[str, int]
    changed_calls: int
    changed_labels: int
    expected_moves: float
    changed: int
    """Relationships whose call or level would change; ``rows`` may hold fewer."""
    rows: Sequence[Row]
    sensitivity: Sequence[Step]


def labels_of(proposal: ScoringProposal) -> dict[str, str]:
    """Return the names of the dimensions, by id."""
    wave = proposal.run.wave
    q = definitions.load(wave.questionnaire_version, wave.programme.locale)
    return {each.id: each.label for each in q.dimensions}


def read(session: Session, proposal: ScoringProposal) -> Found:
    """Read what was found, relationships named.

    Raises
    ------
    Conflict
        It has not been tried yet.
    """
    told = proposal.result
    if not told:
        raise Conflict("This proposal has not been tried yet; a worker does that.")
    names = _names(session, [row["relationship"] for row in told["rows"]])
    labels = labels_of(proposal)
    return Found(
        relationships=told["relationships"],
        not_shown=told["not_shown"],
        levels=told["levels"],
        mix_before=told["mix"]["before"],
        mix_after=told["mix"]["after"],
        calls_before=told["calls"]["before"],
        calls_after=told["calls"]["after"],
        changed_calls=told["changed_calls"],
        changed_labels=told["changed_labels"],
        expected_moves=told["expected_moves"],
        changed=told["changed"],
        rows=[
            Row(
                names.get(row["relationship"], row["relationship"]),
                Side(**row["before"]),
                Side(**row["after"]),
                row["moves"],
            )
            for row in told["rows"]
        ],
        sensitivity=[_step(row, labels) for row in told["sensitivity"]],
    )


def _step(row: Mapping[str, Any], labels: Mapping[str, str]) -> Step:
    return Step(
        weights={labels[each]: share for each, share in row["weights"].items()},
        changed_calls=row["changed_calls"],
        changed_labels=row["changed_labels"],
        expected_moves=row["expected_moves"],
        cold=row["cold"],
    )


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    query = (
        select(Relationship)
        .where(Relationship.id.in_([uuid.UUID(each) for each in ids]))
        .options(joinedload(Relationship.buyer), joinedload(Relationship.supplier))
    )
    return {str(each.id): _name(each) for each in session.scalars(query)}


def _name(relationship: Relationship) -> str:
    name = f"{relationship.buyer.name}, {relationship.supplier.name}"
    narrowed = results.narrowed_by(relationship)
    return f"{name} ({', '.join(narrowed)})" if narrowed else name
