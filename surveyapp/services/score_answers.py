"""Answers of a wave as scoring takes them: last revisions of people, or severed answers of nobody."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from surveyapp.errors import Invalid
from surveyapp.models.invitations import Assignment, Invitation
from surveyapp.models.responses import Response
from surveyapp.questionnaires.encoding import PARTS_A_POINT, PlanItem, ScoringPlan, item_scores
from surveyapp.services import anonymous_answers, contract
from surveyapp.services.score_bundles import MISSING
from surveyapp.services.score_rounds import Asked


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's last answers about a relationship."""

    relationship_id: uuid.UUID
    person: uuid.UUID | None
    """None under a promise that keeps no pairs."""
    function: str | None
    vector: list[Any]
    answers: Mapping[str, Any]


def answers(session: Session, asked: Asked) -> Iterator[Answer]:
    """Go through a wave's answers: of people, or of nobody once they are severed."""
    if contract.keeps_pairs(asked.wave):
        yield from _answers_of_people(session, asked)
        return
    _require_plan(asked, anonymous_answers.plan_hashes(session, asked.wave))
    for answer in anonymous_answers.rows(session, asked.wave):
        function = answer.function.value if answer.function else None
        if answer.vector:
            yield Answer(
                answer.relationship_id, None, function, list(answer.vector), answer.answers
            )


def _require_plan(asked: Asked, made_by: Iterable[str]) -> None:
    """Refuse vectors that another plan made."""
    for other in sorted(set(made_by) - {asked.layer.plan_hash}):
        raise Invalid(
            f"Answers of wave {asked.wave.slug} were encoded by plan {other[:12]}, this run"
            f" reads plan {asked.layer.plan_hash[:12]}. They cannot be mixed."
        )


def _answers_of_people(session: Session, asked: Asked) -> Iterator[Answer]:
    wave = asked.wave
    newer = aliased(Response)
    query = (
        select(
            Assignment.relationship_id,
            Invitation.contact_id,
            Assignment.function,
            Response.vector,
            Response.plan_hash,
            Response.answers_json,
        )
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(Invitation, Invitation.id == Assignment.invitation_id)
        .where(
            Assignment.wave_id == wave.id,
            Response.submitted_at <= wave.closed_at,
            # a probe of the index for each, where a table of newest revisions grows with all answers
            ~exists().where(
                newer.assignment_id == Response.assignment_id,
                newer.revision > Response.revision,
                newer.submitted_at <= wave.closed_at,
            ),
        )
        .execution_options(yield_per=5000)
    )
    with session.execute(query) as found:
        for relationship_id, contact_id, function, vector, made_by, answers in found:
            if made_by != asked.layer.plan_hash:
                _require_plan(asked, [made_by])
            yield Answer(relationship_id, contact_id, function.value, vector, json.loads(answers))


class ItemScores:
    """Answers to scores in 1/10,000 point; each point of each question is computed once."""

    def __init__(self, plan: ScoringPlan) -> None:
        self._plan = plan
        self._parts = [
            (item.id, _Parts(item)) for dimension in plan.dimensions for item in dimension.items
        ]

    def of(self, answers: Mapping[str, Any]) -> list[int]:
        """Return the scores in the order of the plan's questions, MISSING where there is none."""
        if "@" in "".join(answers):
            # asked once for each thing chosen, an item counts with the mean of its answers
            return [_in_parts(score) for score in item_scores(self._plan, answers)]
        given = answers.get
        try:
            return [parts[given(item_id)] for item_id, parts in self._parts]
        except TypeError:  # an answer of several parts has no hash, and no score
            return [
                MISSING if isinstance(value := given(item_id), dict | list) else parts[value]
                for item_id, parts in self._parts
            ]


class _Parts(dict[object, int]):
    """The score of each answer to one question that was met so far, in 1/10,000 point."""

    def __init__(self, item: PlanItem) -> None:
        super().__init__()
        self._item = item

    def __missing__(self, value: Any) -> int:  # noqa: ANN401 an answer is any JSON value
        parts = self[value] = _in_parts(self._item.score(value))
        return parts


def _in_parts(score: Fraction | None) -> int:
    return MISSING if score is None else round(score * PARTS_A_POINT)


def count(session: Session, layers: Sequence[Asked]) -> int:
    """Count the answers of all layers; some may count for nothing."""
    named = [asked.wave.id for asked in layers if contract.keeps_pairs(asked.wave)]
    answered = select(func.count(Assignment.submitted_at)).where(Assignment.wave_id.in_(named))
    severed = [asked.wave for asked in layers if not contract.keeps_pairs(asked.wave)]
    return (session.scalar(answered) or 0) + sum(
        anonymous_answers.count(session, wave) for wave in severed
    )
