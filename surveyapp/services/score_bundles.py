"""What a scoring run is computed from: one canonical document, kept under its hash, without people."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp.errors import Invalid
from surveyapp.models.invitations import Assignment
from surveyapp.models.responses import Response
from surveyapp.models.waves import Wave
from surveyapp.questionnaires.loading import from_canonical_json
from surveyapp.services import plans
from surveyapp.storage import Store

METHOD: Final = "state/1"
REFERENCE: Final = "assumed-1"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The input of a run: vectors by relationship, how they were made, how they are read."""

    format: int
    method: str
    reference_set: str
    cut_set: str
    plan_hash: str
    dimensions: list[dict[str, str]]
    """Id and kind of each entry of a vector, in order."""
    seq: dict[str, float]
    relationships: list[str]
    """Ids, ascending; a vector names its relationship by position."""
    vectors: list[list[int | None]]
    """Position of the relationship, then the entries in 1/10,000 point; sorted, so that order says
    nothing about people."""

    def to_bytes(self) -> bytes:
        """Write it so that the same content gives the same bytes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Bundle":
        """Read what ``to_bytes`` wrote. Raises Invalid for a format this version does not know."""
        found: dict[str, Any] = json.loads(content)
        if found.get("format") != _FORMAT:
            raise Invalid(f"This run's input has format {found.get('format')}; {_FORMAT} is known.")
        return cls(**found)


def gather(session: Session, wave: Wave, *, cut_off_at: datetime) -> Bundle:
    """Collect a wave's last revisions up to the cut-off, reading only.

    Raises
    ------
    Invalid
        The questionnaire is not scored, or answers were encoded by another plan.
    """
    questionnaire = from_canonical_json(wave.questionnaire_version.canonical_json)
    plan = plans.plan_of(questionnaire)
    if plan is None or questionnaire.scoring is None or not questionnaire.scoring.seq:
        raise Invalid(f"The questionnaire {questionnaire.id} has no scoring, so there is no score.")
    relationships = sorted(
        session.scalars(
            select(Assignment.relationship_id).where(Assignment.wave_id == wave.id).distinct()
        )
    )
    place = {relationship: position for position, relationship in enumerate(relationships)}
    return Bundle(
        format=_FORMAT,
        method=METHOD,
        reference_set=REFERENCE,
        cut_set=questionnaire.scoring.levels.cuts,
        plan_hash=plan.hash(),
        dimensions=[{"id": entry.id, "kind": entry.kind} for entry in plan.dimensions],
        seq=dict(questionnaire.scoring.seq),
        relationships=[str(relationship) for relationship in relationships],
        vectors=_vectors(session, wave, place, plan.hash(), cut_off_at),
    )


def _vectors(
    session: Session,
    wave: Wave,
    place: dict[uuid.UUID, int],
    plan_hash: str,
    cut_off_at: datetime,
) -> list[list[int | None]]:
    last = (
        select(Response.assignment_id, func.max(Response.revision).label("revision"))
        .where(Response.submitted_at <= cut_off_at)
        .group_by(Response.assignment_id)
        .subquery()
    )
    query = (
        select(Assignment.relationship_id, Response.vector, Response.plan_hash)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .join(
            last,
            (last.c.assignment_id == Response.assignment_id)
            & (last.c.revision == Response.revision),
        )
        .where(Assignment.wave_id == wave.id)
        .execution_options(yield_per=5000)
    )
    vectors: list[list[int | None]] = []
    with session.execute(query) as rows:
        for relationship_id, vector, made_by in rows:
            if made_by != plan_hash:
                raise Invalid(
                    f"Answers of wave {wave.slug} were encoded by plan {made_by[:12]}, this run reads"
                    f" plan {plan_hash[:12]}. They cannot be mixed."
                )
            if any(entry is not None for entry in vector):
                vectors.append([place[relationship_id], *vector])
    return sorted(vectors, key=lambda row: [(entry is None, entry or 0) for entry in row])


def keep(store: Store, bundle: Bundle) -> str:
    """Keep the bundle; return its hash."""
    return store.put(bundle.to_bytes())
