"""Severed answers, read: what scoring and documents may know of an anonymous wave."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import WaveStateError
from surveyapp.models.accounts import Function
from surveyapp.models.responses import AnonymousResponse
from surveyapp.models.waves import Wave

_AT_ONCE: Final = 5000


class Answers(NamedTuple):
    """One set of answers that belongs to nobody, or the answer to one anonymous item."""

    relationship_id: uuid.UUID
    function: Function | None
    """None: too few of that function were asked there."""
    vector: Sequence[int | None]
    """Empty where the questionnaire is not scored, and for the answer to one item."""
    answers: Mapping[str, Any]


def rows(session: Session, wave: Wave) -> Iterator[Answers]:
    """Go through the answers filed under a relationship, in an order that says nothing.

    Those of relationships where fewer than the contract's k were asked are in ``pooled``.

    Raises
    ------
    WaveStateError
        The answers are not severed from people yet.
    """
    _require_severed(wave)
    query = (
        select(AnonymousResponse)
        .where(AnonymousResponse.wave_id == wave.id, AnonymousResponse.relationship_id.is_not(None))
        .order_by(AnonymousResponse.id)
    )
    for row in session.scalars(query.execution_options(yield_per=_AT_ONCE)):
        if row.relationship_id is not None:
            yield Answers(
                row.relationship_id, row.function, row.vector, json.loads(row.answers_json)
            )


def pooled(session: Session, wave: Wave) -> Iterator[tuple[Sequence[int | None], dict[str, Any]]]:
    """Go through vector and answers of those without a relationship: k people or more together.

    Raises
    ------
    WaveStateError
        The answers are not severed from people yet.
    """
    _require_severed(wave)
    query = (
        select(AnonymousResponse)
        .where(AnonymousResponse.wave_id == wave.id, AnonymousResponse.relationship_id.is_(None))
        .order_by(AnonymousResponse.id)
    )
    for row in session.scalars(query.execution_options(yield_per=_AT_ONCE)):
        yield row.vector, json.loads(row.answers_json)


def count(session: Session, wave: Wave) -> int:
    """Count the sets of answers of a severed wave, pooled ones too."""
    query = select(func.count()).where(AnonymousResponse.wave_id == wave.id)
    return session.scalar(query) or 0


def heard(session: Session, wave: Wave, relationship_id: uuid.UUID) -> int:
    """Count the sets of answers filed under a relationship."""
    query = select(func.count()).where(
        AnonymousResponse.wave_id == wave.id, AnonymousResponse.relationship_id == relationship_id
    )
    return session.scalar(query) or 0


def plan_hashes(session: Session, wave: Wave) -> set[str]:
    """Return the scoring plans that made the vectors of a wave: one, unless something is wrong."""
    query = select(AnonymousResponse.plan_hash).where(AnonymousResponse.wave_id == wave.id)
    return set(session.scalars(query.distinct()))


def _require_severed(wave: Wave) -> None:
    if wave.severed_at is None:
        raise WaveStateError(f"The answers of wave {wave.slug} are not severed from people yet.")
